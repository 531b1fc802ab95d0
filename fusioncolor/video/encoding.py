"""Codecs that video can be written with, and what each can hold."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from fusioncolor.errors import InputError


@dataclass(frozen=True)
class Codec:
    """A codec for the colored video.

    Attributes:
        encoder: FFmpeg's name of the encoder.
        quality: default quality; what it means depends on the encoder, lower is better.
        most_bits: bits of luma that it can hold.
        options: quality -> options of the encoder.
        odd: whether frames of odd width or height may have chroma at half of it.
        subsamplings: chroma that it can hold, (vertical, horizontal).
        suffixes: containers that hold it, by suffix.
        holds_aspect: whether its stream tells the pixel aspect, which Matroska and WebM then need not be told.
        tag: code by which players know it in MP4, if not the usual one.
    """

    encoder: str
    quality: int
    most_bits: int
    options: Callable[[int], dict[str, str]]
    odd: bool = False
    subsamplings: tuple[tuple[int, int], ...] = ((2, 2), (1, 2), (1, 1))
    suffixes: tuple[str, ...] = (".mp4", ".m4v", ".mkv", ".mov")
    holds_aspect: bool = True
    tag: str | None = None


CODECS = {
    "h264": Codec(
        "libx264",
        17,
        10,
        lambda quality: {"crf": str(quality), "preset": "veryfast"},
        suffixes=(".mp4", ".m4v", ".mkv", ".mov", ".ts"),
    ),
    "h265": Codec(
        "libx265",
        19,
        10,
        lambda quality: {"crf": str(quality), "preset": "veryfast", "x265-params": "log-level=none"},
        suffixes=(".mp4", ".m4v", ".mkv", ".mov", ".ts"),
        tag="hvc1",
    ),
    "vp9": Codec(
        "libvpx-vp9",
        24,
        8,
        lambda quality: {"crf": str(quality), "b": "0", "deadline": "good", "cpu-used": "5", "row-mt": "1"},
        odd=True,
        suffixes=(".webm", ".mkv", ".mp4"),
        holds_aspect=False,
    ),
    "av1": Codec(
        "libsvtav1",
        24,
        10,
        lambda quality: {"crf": str(quality), "preset": "9"},
        odd=True,
        subsamplings=((2, 2),),
        suffixes=(".webm", ".mkv", ".mp4"),
        holds_aspect=False,
    ),
    "prores": Codec(
        "prores_ks",
        9,
        10,
        lambda quality: {"qscale": str(quality)},
        subsamplings=((1, 2), (1, 1)),
        suffixes=(".mov", ".mkv"),
    ),
    "ffv1": Codec(
        "ffv1",
        0,
        16,
        lambda quality: {"level": "3", "slicecrc": "1"},
        odd=True,
        suffixes=(".mkv",),
        holds_aspect=False,
    ),
}
"""Codecs by the name that `codec` takes."""

SUFFIXES = tuple(dict.fromkeys(suffix for codec in CODECS.values() for suffix in codec.suffixes))


def codec_for(path: Path, name: str | None, bits: int = 8) -> Codec:
    """Chooses a codec for a file.

    Args:
        path: the file.
        name: codec that is asked for; None for VP9 in WebM, H.265 for more than 8 bits, H.264 else.
        bits: bits of the luma.

    Raises:
        InputError: the suffix is unknown, or does not go with the codec.
    """
    suffix = path.suffix.lower()
    if suffix == ".gif":
        raise InputError(f"{path}: GIF has too few colors for video; write .mp4 or .webm instead")
    if suffix not in SUFFIXES:
        raise InputError(f"{path}: video is written to files ending in {', '.join(SUFFIXES)}, and frames to a folder")
    if name is None:
        fitting = [one for one in ("h264", "h265", "vp9", "av1", "prores", "ffv1") if suffix in CODECS[one].suffixes]
        deep = [one for one in ("h265", "av1", "ffv1") if one in fitting]
        name = deep[0] if bits > 8 and deep else fitting[0]
    if suffix not in CODECS[name].suffixes:
        raise InputError(f"`codec` {name} goes into {', '.join(CODECS[name].suffixes)} files, not {suffix}")
    return CODECS[name]


def pixel_format(codec: Codec, size: tuple[int, int], subsampling: tuple[int, int], bits: int) -> str:
    """Returns FFmpeg's name of the pixel format to encode: the chroma of the source, as far as the codec holds it."""
    chosen = subsampling if subsampling in codec.subsamplings else codec.subsamplings[0]
    if not codec.odd and (size[0] % chosen[0] or size[1] % chosen[1]):
        chosen = (1, 1)  # encoders refuse odd sizes unless chroma is whole
    depth = {8: ""}.get(bits, f"{bits}le")
    return f"yuv{ {(2, 2): '420', (1, 2): '422', (1, 1): '444'}[chosen] }p{depth}".replace(" ", "")


def kept_bits(codec: Codec, bits: int) -> int:
    """Returns the bits with which luma of `bits` is encoded: the next ones that the codec has, at least 8."""
    if codec.encoder == "prores_ks":
        return 10
    offered = [one for one in (8, 10, 12, 16) if one <= codec.most_bits]
    return next((one for one in offered if one >= bits), offered[-1])


def loses_aspect(path: Path, codec: Codec) -> bool:
    """Tells whether a file will not say that its pixels are not square, because PyAV has no way to write it there."""
    return not codec.holds_aspect and path.suffix.lower() in (".mkv", ".webm")
