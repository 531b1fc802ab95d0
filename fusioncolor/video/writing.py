"""Frames -> files: closed segments of the colored video, then one file of all of them with the sound of the source.

Segments hold frames numbered from 0; the time stamps of the source come back when they are joined.
"""

import heapq
from collections.abc import Iterable, Iterator, Sequence
from fractions import Fraction
from pathlib import Path
from typing import NamedTuple

import numpy as np

from fusioncolor import files
from fusioncolor.errors import InputError
from fusioncolor.images.metadata import NOTE
from fusioncolor.runtime.reporting import Reporter
from fusioncolor.video import ffmpeg
from fusioncolor.video.chroma import chroma_planes
from fusioncolor.video.encoding import Codec, pixel_format
from fusioncolor.video.frames import Clip
from fusioncolor.video.reading import plane

SEGMENT_SUFFIX = ".mkv"
_LAYOUTS = {1: "mono", 2: "stereo", 3: "3.0", 4: "4.0", 5: "5.0", 6: "5.1", 8: "7.1"}  # by channels, for AAC


class SegmentWriter:
    """Encodes frames to a file of its own."""

    def __init__(self, path: Path, clip: Clip, codec: Codec, quality: int, *, threads: int | None = None) -> None:
        """Opens the file.

        Args:
            path: the file, which `files.replacing` gave.
            clip: facts of the clip.
            codec: codec to encode with.
            quality: its quality.
            threads: of the encoder; None for its own choice.
        """
        av = ffmpeg.library()
        self._clip = clip
        self._kind = pixel_format(codec, clip.size, clip.subsampling, clip.coding.bits)
        self._subsampling = {"420": (2, 2), "422": (1, 2), "444": (1, 1)}[self._kind[3:6]]
        self._container = av.open(str(path), "w", format="matroska")
        stream = self._container.add_stream(codec.encoder, rate=clip.rate, options=codec.options(quality))
        stream.height, stream.width = clip.size
        stream.pix_fmt = self._kind
        context = stream.codec_context
        context.time_base = 1 / clip.rate
        context.thread_count = threads or 0
        if codec.encoder == "prores_ks":
            context.qscale = True
        if clip.pixel_aspect:
            context.sample_aspect_ratio = clip.pixel_aspect
        coding = clip.coding
        context.color_range = 2 if coding.full else 1
        context.colorspace, context.color_primaries, context.color_trc = (
            coding.matrix,
            coding.primaries,
            coding.transfer,
        )
        self._stream, self._count = stream, 0

    def write(self, luma: np.ndarray, ab: np.ndarray) -> None:
        """Encodes a frame.

        Args:
            luma: `(H, W)` codes, written as they are.
            ab: `(h, w, 2)` Lab units, of any size.
        """
        av = ffmpeg.library()
        height, width = self._clip.size
        frame = av.VideoFrame(width, height, self._kind)
        chroma = chroma_planes(ab, luma, self._clip.coding, self._subsampling)
        for buffer, codes in zip(frame.planes, (luma, *chroma), strict=True):
            plane(buffer, codes.dtype)[:] = codes
        frame.pts, frame.time_base = self._count, 1 / self._clip.rate
        frame.color_range = 2 if self._clip.coding.full else 1
        frame.colorspace = self._clip.coding.matrix
        self._count += 1
        self._container.mux(self._stream.encode(frame))

    def close(self, *, complete: bool = True) -> None:
        """Closes the file; if it is `complete`, the encoder gives out what it holds back."""
        if complete:
            self._container.mux(self._stream.encode(None))
        self._container.close()


def write_rgb(path: Path, pictures: Iterable[np.ndarray], rate: Fraction) -> None:
    """Writes RGB pictures `(H, W, 3)` `uint8` of one size, both sides even, as H.264 to a path of `files.replacing`."""
    av = ffmpeg.library()
    with av.open(str(path), "w", format="mp4") as container:
        stream = None
        for index, rgb in enumerate(pictures):
            if stream is None:
                stream = container.add_stream("libx264", rate=rate, options={"crf": "20", "preset": "veryfast"})
                stream.height, stream.width = rgb.shape[:2]
                stream.pix_fmt = "yuv420p"
                stream.codec_context.colorspace, stream.codec_context.color_range = 1, 1
            frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(rgb), format="rgb24")
            frame = frame.reformat(format="yuv420p", dst_colorspace="ITU709", dst_color_range="MPEG")
            frame.pts, frame.time_base = index, 1 / rate
            container.mux(stream.encode(frame))
        if stream is not None:
            container.mux(stream.encode(None))


class Segment(NamedTuple):
    """A closed segment: its file, and the time stamps of its frames in units of the clip's time base."""

    path: Path
    pts: Sequence[int]


def join(segments: Sequence[Segment], clip: Clip, codec: Codec, target: Path, *, reporter: Reporter) -> None:
    """Writes one file of all segments, with everything of the source but its video, and replaces `target` by it.

    Raises:
        InputError: the file cannot be written.
        ResourceError: the disk is full.
    """
    av = ffmpeg.library()
    with files.replacing(target) as temporary:
        try:
            with av.open(str(temporary), "w", format=_format_of(target)) as output:
                _write_all(output, segments, clip, codec, reporter)
        except av.error.FFmpegError as error:
            if isinstance(error, OSError) and error.errno in (5, 28, 30, 122):
                raise
            raise InputError(f"cannot write {target}: {ffmpeg.words(error)}") from error


def _write_all(output, segments: Sequence[Segment], clip: Clip, codec: Codec, reporter: Reporter) -> None:
    av = ffmpeg.library()
    with av.open(str(segments[0].path)) as first:
        video = output.add_stream_from_template(first.streams.video[0], opaque=True)
        if codec.tag and output.format.name in ("mp4", "mov"):
            video.codec_context.codec_tag = codec.tag
        video.time_base = clip.time_base
        if clip.path.is_file():
            with ffmpeg.opened(clip.path) as source:
                others = _others(output, source, reporter)
                _copy_facts(output, source, video)
                sound = _packets_of(source, others)
                moving = _video_packets(segments, video, clip)
                for _, packet in heapq.merge(moving, sound, key=lambda one: one[0]):
                    output.mux(packet)
                _flush(output, others)
        else:
            output.metadata["comment"] = NOTE
            for _, packet in _video_packets(segments, video, clip):
                output.mux(packet)


def _video_packets(segments: Sequence[Segment], stream, clip: Clip) -> Iterator[tuple[Fraction, object]]:
    """Yields the packets of all segments with the time stamps of the source, and the seconds at which each is due.

    Decoding times are the time stamps in order, as many frames earlier as the encoder reorders.
    """
    av = ffmpeg.library()
    every = [pts for segment in segments for pts in segment.pts]
    step = max(round(1 / (clip.rate * clip.time_base)), 1)
    offset, delay = 0, _delay(segments)
    for segment in segments:
        with av.open(str(segment.path)) as container:
            order = {stamp: place for place, stamp in enumerate(sorted(_stamps(segment.path)))}
            for number, packet in enumerate(one for one in container.demux(video=0) if one.size):
                place = offset + order[packet.pts]
                early = offset + number - delay
                packet.pts = every[place]
                packet.dts = every[early] if early >= 0 else every[0] + early * step
                following = every[place + 1] if place + 1 < len(every) else every[place] + step
                packet.duration = following - every[place]
                packet.time_base = clip.time_base
                packet.stream = stream
                yield Fraction(packet.dts) * clip.time_base, packet
        offset += len(segment.pts)


def _stamps(path: Path) -> list[int]:
    """The time stamps in a segment's file, in the order of its packets."""
    with ffmpeg.library().open(str(path)) as container:
        return [packet.pts for packet in container.demux(video=0) if packet.size]


def _delay(segments: Sequence[Segment]) -> int:
    """By how many frames the encoder reorders at most."""
    most = 0
    for segment in segments:
        stamps = _stamps(segment.path)
        order = {stamp: place for place, stamp in enumerate(sorted(stamps))}
        most = max([most, *(number - order[stamp] for number, stamp in enumerate(stamps))])
    return most


def _others(output, source, reporter: Reporter) -> dict[int, tuple]:
    """Adds the sound and the subtitles of the source; returns, by index there, stream and new stream."""
    kept = {}
    for stream in source.streams:
        if stream.type == "video":
            continue
        name = _codec_of(stream)
        if name in output.supported_codecs and stream.type in ("audio", "subtitle", "attachment"):
            new = output.add_stream_from_template(stream, opaque=True)
        elif stream.type == "audio" and name:
            new = output.add_stream("aac", rate=stream.rate, layout=_LAYOUTS.get(stream.channels, "stereo"))
            reporter.info(f"{source.name}: this kind of file holds no {name} sound, which is encoded as AAC")
        elif stream.type in ("audio", "subtitle"):
            reporter.warning(f"{source.name}: this kind of file holds no {name or 'such'} {stream.type}s; .mkv does")
            continue
        else:
            continue
        for key, value in stream.metadata.items():
            new.metadata[key] = value
        new.disposition = stream.disposition
        kept[stream.index] = (stream, new)
    return kept


def _codec_of(stream) -> str | None:
    return stream.codec_context.codec.canonical_name if stream.codec_context else None


def _copy_facts(output, source, video) -> None:
    """Copies metadata and chapters, and notes that the colors are not the true ones."""
    for key, value in source.metadata.items():
        if key.lower() not in ("encoder", "major_brand", "minor_version", "compatible_brands", "comment"):
            output.metadata[key] = value
    before = source.metadata.get("comment") or source.metadata.get("COMMENT")
    output.metadata["comment"] = f"{before}; {NOTE}" if before else NOTE
    for key, value in source.streams.video[0].metadata.items():
        if key.lower() in ("language", "title", "handler_name"):
            video.metadata[key] = value
    chapters = source.chapters()
    if chapters:
        output.set_chapters(chapters)


def _packets_of(source, kept: dict[int, tuple]) -> Iterator[tuple[Fraction, object]]:
    """Yields the packets of the streams that are kept, copied or encoded anew, and the seconds at which each is due."""
    av = ffmpeg.library()
    if not kept:
        return
    due = Fraction(0)
    packets = source.demux([stream for stream, _ in kept.values()])
    while True:
        try:
            packet = next(packets, None)
        except av.error.FFmpegError:  # cut short
            return
        if packet is None:
            return
        _, new = kept[packet.stream.index]
        if new.codec_context is not None and new.codec_context.is_encoder:
            try:
                for sound in packet.decode():
                    for encoded in new.encode(sound):
                        due = max(due, _due(encoded) or due)
                        yield due, encoded
            except av.error.FFmpegError:
                continue
        elif packet.dts is not None:
            due = max(due, _due(packet))
            packet.stream = new
            yield due, packet


def _flush(output, kept: dict[int, tuple]) -> None:
    for _stream, new in kept.values():
        if new.codec_context is not None and new.codec_context.is_encoder:
            output.mux(new.encode(None))


def _due(packet) -> Fraction | None:
    return None if packet.dts is None else packet.dts * packet.time_base


def _format_of(path: Path) -> str:
    suffix = path.suffix.lower()
    return {".mkv": "matroska", ".m4v": "mp4", ".ts": "mpegts"}.get(suffix, suffix[1:])
