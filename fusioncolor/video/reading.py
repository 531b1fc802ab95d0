"""Video files -> frames: every frame in order, with its time stamp and its luma plane as the decoder gives it."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np

from fusioncolor.errors import InputError
from fusioncolor.video import ffmpeg
from fusioncolor.video.coding import (
    HIGH_DYNAMIC_RANGE,
    MATRICES,
    UNSPECIFIED,
    Coding,
    guessed_matrix,
    luma_codes,
)
from fusioncolor.video.frames import Clip, Frame

_USUAL_RATE = Fraction(25)
_DURATION = re.compile(r"(\d+):(\d+):(\d+(?:\.\d+)?)")
_PLANAR = {  # formats without a plane of luma alone, or in another byte order, and those that hold the same luma
    **{"yuyv422": "yuv422p", "uyvy422": "yuv422p", "yvyu422": "yuv422p", "uyyvyy411": "yuv411p"},
    **{"p010le": "yuv420p10le", "p016le": "yuv420p16le", "p210le": "yuv422p10le", "p410le": "yuv444p10le"},
    **{"y210le": "yuv422p10le", "xv30le": "yuv444p10le", "monow": "gray", "monob": "gray"},
}


class VideoReader:
    """An open video file.

    Attributes:
        clip: its facts.
        damaged: packets that could not be decoded so far.
    """

    def __init__(self, container, path: Path, *, deinterlace: bool, max_pixels: int, threads: int | None) -> None:
        """Reads the facts from the head and the first frame; call `reading` instead.

        Raises:
            InputError: there is no video in the file, or it is of a kind that cannot be colorized.
        """
        self.damaged = 0
        self._container = container
        self._deinterlacer = None
        self._wants_deinterlacing = deinterlace
        moving = [one for one in container.streams.video if not ffmpeg.is_cover(one)]
        if not moving:
            raise InputError(f"{path}: no video in this file")
        self.stream = moving[0]
        self.stream.thread_type = "AUTO"
        self.stream.thread_count = threads or 0
        self._path = path
        self._decoded = self._decode()
        first = next(self._decoded, None)
        if first is None:
            raise InputError(f"{path}: no frame in this file can be decoded")
        self._first = first
        self.clip = self._described(first, max_pixels)

    def frames(self, *, with_chroma: bool = False) -> Iterator[Frame]:
        """Yields the frames, upright; may be called once.

        Args:
            with_chroma: also fill in `chroma`, where the source has chroma planes.

        Raises:
            InputError: the size changes, or a frame is interlaced.
        """
        pts = None
        for index, picture in enumerate(self._with_first()):
            if (picture.width, picture.height) != self._shape:
                raise InputError(
                    f"{self._path}: frame {index} is of another size than the first: split the video there"
                )
            given = self._pts(picture)
            if given is None:
                given = 0 if pts is None else pts + self.clip.step
            pts = given if pts is None else max(given, pts + 1)  # encoders refuse two frames at one time
            frame = Frame(index, pts, self._luma(picture))
            if with_chroma:
                frame.chroma = self._chroma(picture)
            yield frame

    def _pts(self, picture) -> int | None:
        """Returns the time stamp of a frame in the clip's time base, which that of a deinterlacer need not be."""
        if picture.pts is None or not picture.time_base:
            return picture.pts
        return round(picture.pts * picture.time_base / self.clip.time_base)

    def use_bits(self, bits: int) -> None:
        """Lets luma have other bits than in the file from now on: more lose nothing, fewer are rounded."""
        if bits < self.clip.coding.bits:
            note = f"its {self.clip.coding.bits} bits are rounded to {bits}; `codec` ffv1 in a .mkv file keeps them"
            self.clip = replace(self.clip, notes=(*self.clip.notes, note))
        self.clip = replace(self.clip, coding=replace(self.clip.coding, bits=bits))

    def _with_first(self) -> Iterator:
        yield self._first
        del self._first
        yield from self._decoded

    def _decode(self) -> Iterator:
        av = ffmpeg.library()
        packets = self._container.demux(self.stream)
        while True:
            try:
                packet = next(packets, None)
                if packet is None:
                    break
                pictures = packet.decode()
            except (av.error.EOFError, StopIteration):
                break
            except av.error.FFmpegError as error:
                if isinstance(error, MemoryError):
                    raise
                self.damaged += 1
                if self.damaged > 10_000:
                    break
                continue
            for picture in pictures:
                yield from self._progressive(picture)
        yield from self._progressive(None)

    def _progressive(self, picture) -> Iterator:
        """Deinterlaces if that is wanted; None flushes."""
        if not self._wants_deinterlacing:
            if picture is not None:
                if picture.interlaced_frame:
                    raise InputError(f"{self._path}: is interlaced; add `deinterlace`, or deinterlace it first")
                yield picture
            return
        av = ffmpeg.library()
        if self._deinterlacer is None:
            if picture is None:
                return
            graph = av.filter.Graph()
            source = graph.add_buffer(template=self.stream, time_base=self.stream.time_base)
            graph.link_nodes(
                source, graph.add("bwdif", "mode=send_frame:deint=all"), graph.add("buffersink")
            ).configure()
            self._deinterlacer = graph
        self._deinterlacer.push(picture)
        while True:
            try:
                yield self._deinterlacer.pull()
            except (av.error.BlockingIOError, av.error.EOFError):
                return

    def _described(self, picture, max_pixels: int) -> Clip:
        """Returns the facts of the clip, from the stream and its first frame."""
        self._check(picture, max_pixels)
        stream, kind = self.stream, picture.format
        self._shape = (picture.width, picture.height)
        self._turns = round((picture.rotation or 0) / 90) % 4
        self._rgb = kind.is_rgb or kind.has_palette
        width, height = self._shape
        aspect = stream.sample_aspect_ratio or Fraction(1)
        if self._turns % 2:
            width, height, aspect = height, width, 1 / aspect
        rate = Fraction(stream.average_rate or stream.guessed_rate or _USUAL_RATE)
        duration = self._duration()
        return Clip(
            self._path,
            (height, width),
            self._coding(picture, max(kind.components[0].bits, 8)),
            _subsampling(kind),
            stream.time_base,
            min(max(rate, Fraction(1)), Fraction(240)),
            count=round(duration * stream.time_base * rate) if duration else stream.frames or self._counted(rate),
            end=None if duration is None else (stream.start_time or 0) + duration,
            pixel_aspect=None if aspect == 1 else aspect,
            notes=("its transparency is left out",) if kind.name.startswith(("yuva", "ya8", "ya16")) else (),
        )

    def _check(self, picture, max_pixels: int) -> None:
        """Refuses what cannot be colorized."""
        if picture.width * picture.height > max_pixels:
            size = f"{picture.width}x{picture.height}"
            raise InputError(f"{self._path}: {size} is more than `max_megapixels` {max_pixels / 1e6:g}")
        if picture.color_trc in HIGH_DYNAMIC_RANGE:
            name = HIGH_DYNAMIC_RANGE[picture.color_trc]
            raise InputError(f"{self._path}: is high dynamic range ({name}); convert it to standard range first")

    def _duration(self) -> int | None:
        """Returns how long the stream is by its own account, in its time base; None if it does not say."""
        if self.stream.duration:
            return self.stream.duration
        match = _DURATION.fullmatch(self.stream.metadata.get("DURATION", ""))  # as Matroska files have it
        if match is None:
            return None
        hours, minutes, seconds = (Fraction(part) for part in match.groups())
        end = round((3600 * hours + 60 * minutes + seconds) / self.stream.time_base)
        return end - (self.stream.start_time or 0)  # counted from 0, not from the first frame

    def _counted(self, rate: Fraction) -> int:
        """Estimates the number of frames from the length of the file; 0 if that is unknown."""
        return round(Fraction(self._container.duration, 1_000_000) * rate) if self._container.duration else 0

    def _coding(self, picture, bits: int) -> Coding:
        matrix = picture.colorspace if picture.colorspace in MATRICES else guessed_matrix(picture.height)
        gray = picture.format.name.startswith("gray")
        full = picture.color_range == 2 or picture.format.name.startswith("yuvj")
        if gray and picture.color_range == 0 and not self.stream.codec.name.startswith(("h264", "hevc", "vp9", "av1")):
            full = True  # as swscale takes it
        if self._rgb:
            full = False
        primaries = int(picture.color_primaries or UNSPECIFIED)
        return Coding(matrix, full, bits, primaries, int(picture.color_trc or UNSPECIFIED))

    def _luma(self, picture) -> np.ndarray:
        """Returns the codes of luma, upright and contiguous."""
        if self._rgb:
            deep = picture.format.components[0].bits > 8
            rgb = picture.reformat(format="rgb48le" if deep else "rgb24").to_ndarray()
            luma = luma_codes(rgb, self.clip.coding)  # of any bits
        else:
            name = _PLANAR.get(picture.format.name, picture.format.name.removesuffix("be"))
            name = f"{name}le" if picture.format.name.endswith("be") else name
            picture = picture if name == picture.format.name else picture.reformat(format=name)
            bits = picture.format.components[0].bits
            luma = plane(picture.planes[0], np.uint8 if bits <= 8 else np.uint16)
            luma = with_bits(luma, bits, self.clip.coding)
        return np.ascontiguousarray(np.rot90(luma, self._turns)) if self._turns else np.ascontiguousarray(luma)

    def _chroma(self, picture) -> tuple[np.ndarray, np.ndarray] | None:
        if self._rgb:
            picture = picture.reformat(
                format="yuv444p", dst_colorspace=_swscale(self.clip.coding), dst_color_range="MPEG"
            )
        if len(picture.planes) < 3 or picture.format.components[0].bits != self.clip.coding.bits:
            return None
        blue, red = (plane(one, self.clip.coding.dtype) for one in picture.planes[1:3])
        return np.rot90(blue, self._turns).copy(), np.rot90(red, self._turns).copy()


def plane(buffer, dtype: type) -> np.ndarray:
    """Returns a plane of a picture `(H, W)` as a view, without the padding at the end of its lines."""
    whole = np.frombuffer(buffer, dtype).reshape(buffer.height, -1)
    return whole[:, : buffer.width]


def with_bits(luma: np.ndarray, bits: int, coding: Coding) -> np.ndarray:
    """Converts luma codes of some bits to those of a coding, which limited range only shifts."""
    if bits == coding.bits:
        return luma
    highest = (1 << coding.bits) - 1
    factor = highest / ((1 << bits) - 1) if coding.full else 2.0 ** (coding.bits - bits)
    return np.clip(np.rint(luma * np.float32(factor)), 0, highest).astype(coding.dtype)


@contextmanager
def reading(
    path: Path, *, deinterlace: bool = False, max_pixels: int = 90_000_000, threads: int | None = None
) -> Iterator[VideoReader]:
    """Opens a video file for reading.

    Args:
        path: the file.
        deinterlace: make whole frames of interlaced ones.
        max_pixels: size above which frames are refused.
        threads: of the decoder; None for FFmpeg's choice.

    Raises:
        InputError: the file cannot be read, or holds no video that can be colorized.
    """
    with ffmpeg.opened(path) as container:
        yield VideoReader(container, path, deinterlace=deinterlace, max_pixels=max_pixels, threads=threads)


def _swscale(coding: Coding) -> str:
    return "ITU709" if coding.matrix == 1 else "ITU601"


def _subsampling(kind) -> tuple[int, int]:
    """Returns luma pixels per chroma pixel, (vertical, horizontal), of a pixel format."""
    chroma = [one for one in kind.components[1:3] if not one.is_alpha and not one.is_luma]
    if kind.is_rgb or kind.has_palette or len(chroma) < 2:
        return 2, 2
    wide = type(kind)(kind.name, 64, 64).components[1]
    return 64 // wide.height, 64 // wide.width
