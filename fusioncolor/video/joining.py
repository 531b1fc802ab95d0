"""Closed segments -> one file, with the sound, the time stamps and everything else of the source."""

import heapq
from collections.abc import Iterator, Sequence
from fractions import Fraction
from pathlib import Path

from fusioncolor import files
from fusioncolor.errors import InputError
from fusioncolor.images.metadata import NOTE
from fusioncolor.video import ffmpeg
from fusioncolor.video.encoding import Codec
from fusioncolor.video.frames import Clip
from fusioncolor.video.tracks import Tracks, format_of
from fusioncolor.video.writing import Segment


def join(segments: Sequence[Segment], clip: Clip, codec: Codec, target: Path) -> None:
    """Writes one file of all segments, with everything of the source but its video, and replaces `target` by it.

    Raises:
        InputError: the file cannot be written.
        ResourceError: the disk is full.
    """
    av = ffmpeg.library()
    form = format_of(target)
    options = {"movie_timescale": str(clip.time_base.denominator)} if form in ("mp4", "mov") else {}  # exact starts
    with files.replacing(target) as temporary:
        try:
            with av.open(str(temporary), "w", format=form, options=options) as output:
                _write_all(output, segments, clip, codec)
        except av.error.FFmpegError as error:
            if isinstance(error, OSError) and error.errno in (5, 28, 30, 122):
                raise
            raise InputError(f"cannot write {target}: {ffmpeg.words(error)}") from error


def _write_all(output, segments: Sequence[Segment], clip: Clip, codec: Codec) -> None:
    av = ffmpeg.library()
    with av.open(str(segments[0].path)) as first:
        video = output.add_stream_from_template(first.streams.video[0], opaque=True)
    if codec.tag and output.format.name in ("mp4", "mov"):
        video.codec_context.codec_tag = codec.tag
    video.time_base = clip.time_base
    moving = _video_packets(segments, video, clip)
    if not clip.path.is_file():
        output.metadata["comment"] = NOTE
        for _, packet in moving:
            output.mux(packet)
        return
    with ffmpeg.opened(clip.path) as source:
        tracks = Tracks(source, output)
        _copy_facts(output, source, video)
        output.start_encoding()
        beside = tracks.packets(start=segments[0].pts[0] * clip.time_base)
        for _, packet in heapq.merge(moving, beside, key=lambda one: one[0]):
            output.mux(packet)


def _video_packets(segments: Sequence[Segment], stream, clip: Clip) -> Iterator[tuple[Fraction, object]]:
    """Yields the packets of all segments with the time stamps of the source, and the seconds at which each is due.

    Decoding times are the time stamps in order, as many frames earlier as the encoder reorders.
    """
    av = ffmpeg.library()
    every = [pts for segment in segments for pts in segment.pts]
    offset, delay = 0, _delay(segments)
    for segment in segments:
        with av.open(str(segment.path)) as container:
            order = {stamp: place for place, stamp in enumerate(sorted(_stamps(segment.path)))}
            for number, packet in enumerate(one for one in container.demux(video=0) if one.size):
                place = offset + order[packet.pts]
                early = offset + number - delay
                packet.pts = every[place]
                packet.dts = every[early] if early >= 0 else every[0] + early * clip.step
                following = every[place + 1] if place + 1 < len(every) else every[place] + clip.step
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


def _copy_facts(output, source, video) -> None:
    """Copies metadata and chapters, and notes that the colors are not the true ones."""
    for key, value in source.metadata.items():
        if key.lower() not in ("encoder", "major_brand", "minor_version", "compatible_brands", "comment"):
            output.metadata[key] = value
    before = source.metadata.get("comment") or source.metadata.get("COMMENT")
    output.metadata["comment"] = f"{before}; {NOTE}" if before else NOTE
    pictures = next(one for one in source.streams.video if not ffmpeg.is_cover(one))
    video.disposition = pictures.disposition.value
    for key, value in pictures.metadata.items():
        if key.lower() in ("language", "title", "handler_name"):
            video.metadata[key] = value
    chapters = source.chapters()
    if chapters:
        output.set_chapters(chapters)
