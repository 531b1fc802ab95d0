"""Frames -> files: closed segments of the colored video, whose frames are numbered from 0."""

from collections.abc import Iterable, Sequence
from fractions import Fraction
from pathlib import Path
from typing import NamedTuple

import numpy as np

from fusioncolor.video import ffmpeg
from fusioncolor.video.chroma import chroma_planes
from fusioncolor.video.encoding import Codec, pixel_format
from fusioncolor.video.frames import Clip
from fusioncolor.video.reading import plane

SEGMENT_SUFFIX = ".mkv"


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
