"""Conversion of pixels to sRGB by color profiles, embedded or described by a PNG's chunks."""

import io
import struct
from functools import cache, lru_cache
from importlib.util import find_spec
from typing import BinaryIO, NamedTuple

import numpy as np
from PIL import Image, ImageCms

from fusioncolor.errors import InputError

_SPACES = {"GRAY": ("gray", 1), "RGB": ("rgb", 3), "CMYK": ("cmyk", 4)}
_PERCEPTUAL = 0
_CLOSE = 65535 * 0.6 / 255  # a profile that moves no color by more is taken for sRGB

_PNG_START = 8  # bytes before the first chunk
_WHITE = (0.3127, 0.3290)  # D65
_PRIMARIES = {  # of ITU-T H.273, by the number in cICP: red, green, blue
    1: ((0.640, 0.330), (0.300, 0.600), (0.150, 0.060)),
    9: ((0.708, 0.292), (0.170, 0.797), (0.131, 0.046)),
    12: ((0.680, 0.320), (0.265, 0.690), (0.150, 0.060)),
}
_SRGB_CURVE, _GAMMAS = 13, {4: 2.2, 5: 2.8, 8: 1.0}
_VIDEO_CURVES = (1, 6, 14, 15)  # made for dim rooms; on screens they are shown as sRGB is


class _Chunks(NamedTuple):
    """Colors as a PNG describes them: contents of its chunks, None where there is none."""

    gamma: float | None = None
    chromaticities: tuple[float, ...] | None = None
    code_points: bytes | None = None


@cache
def srgb() -> bytes:
    """Returns the sRGB profile with which pictures are tagged."""
    return ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()


def to_srgb(pixels: np.ndarray, profile: bytes) -> np.ndarray | None:
    """Converts pixels to sRGB by a profile.

    Args:
        pixels: `(H, W, C)` `uint8` or `uint16`, C = 1 (gray), 3 (RGB) or 4 (CMYK).
        profile: as embedded in the file.

    Returns:
        `(H, W, 3)` of the same dtype; None if the profile does not apply: it is damaged, made for other channels, or
        leaves the colors as they are.
    """
    try:
        opened = ImageCms.ImageCmsProfile(io.BytesIO(profile)).profile
        name, channels = _SPACES[opened.xcolor_space.strip()]
        if name == "rgb" and _is_srgb(profile):
            return None
        if channels == 3 and pixels.shape[-1] == 1:
            pixels = np.repeat(pixels, 3, axis=-1)
        if channels != pixels.shape[-1]:
            return None
        converted = _transform(pixels, profile, name)
    except Exception:  # profiles are arbitrary bytes, on which their readers raise nearly every kind
        return None
    return converted.reshape(*pixels.shape[:2], 3)


def _transform(pixels: np.ndarray, profile: bytes, space: str) -> np.ndarray:
    if not find_spec("imagecodecs"):
        return _transform_8_bits(pixels, profile)
    import imagecodecs

    return imagecodecs.cms_transform(
        np.ascontiguousarray(pixels),
        profile,
        srgb(),
        colorspace=space,
        planar=False,
        outcolorspace="rgb",
        intent=_PERCEPTUAL,
    )


def _transform_8_bits(pixels: np.ndarray, profile: bytes) -> np.ndarray:
    """Converts pixels by Pillow, which does so in 8 bits, for installations without imagecodecs."""
    deep = pixels.dtype == np.uint16
    levels = (pixels // 257).astype(np.uint8) if deep else pixels
    picture = Image.fromarray(np.ascontiguousarray(levels[..., 0] if levels.shape[-1] == 1 else levels))
    if levels.shape[-1] == 4:
        picture = Image.frombytes("CMYK", picture.size, picture.tobytes())
    source, target = (ImageCms.ImageCmsProfile(io.BytesIO(one)) for one in (profile, srgb()))
    converted = np.asarray(ImageCms.profileToProfile(picture, source, target, _PERCEPTUAL, outputMode="RGB"))
    return converted.astype(np.uint16) * 257 if deep else converted


@lru_cache(maxsize=64)
def _is_srgb(profile: bytes) -> bool:
    """Tells whether a profile of RGB leaves colors as they are; its name says nothing certain ("Linear sRGB")."""
    levels = np.linspace(0, 65535, 9).round().astype(np.uint16)
    colors = np.stack(np.meshgrid(levels, levels, levels, indexing="ij"), axis=-1).reshape(1, -1, 3)
    moved = np.abs(_transform(colors, profile, "rgb").reshape(1, -1, 3).astype(int) - colors)
    return bool(moved.max() <= _CLOSE)


def of_png(file: BinaryIO, name: str) -> bytes:
    """Returns a profile for the colors that a PNG without one describes by cICP, or by gAMA and cHRM.

    Args:
        file: an open PNG; its position is left as it was.
        name: of the file, for messages.

    Returns:
        A profile; empty if the colors are those of sRGB.

    Raises:
        InputError: they are those of a high dynamic range.
    """
    chunks = _read_chunks(file)
    if chunks.code_points:
        primaries, curve = chunks.code_points[:2]
        if primaries not in _PRIMARIES or curve not in (_SRGB_CURVE, *_GAMMAS, *_VIDEO_CURVES):
            raise InputError(f"{name}: colors of a high dynamic range are not supported; save it as sRGB")
        if primaries == 1 and curve in (_SRGB_CURVE, *_VIDEO_CURVES):
            return b""
        return _profile(_WHITE, _PRIMARIES[primaries], _GAMMAS.get(curve))
    if chunks.gamma is None:
        return b""
    white, *primaries = zip(*[iter(chunks.chromaticities or (*_WHITE, *sum(_PRIMARIES[1], ())))] * 2, strict=True)
    return _profile(white, tuple(primaries), 1 / chunks.gamma)


def _profile(white: tuple, primaries: tuple, gamma: float | None) -> bytes:
    """Builds a profile from chromaticities `(x, y)` and a gamma; None for the curve of sRGB."""
    import imagecodecs

    levels = np.linspace(0, 1, 1024)
    curve = np.where(levels > 0.04045, ((levels + 0.055) / 1.055) ** 2.4, levels / 12.92).astype(np.float32)
    return imagecodecs.cms_profile(
        "rgb",
        whitepoint=[*white, 1.0],
        primaries=[value for primary in primaries for value in (*primary, 1.0)],
        **({"transferfunction": curve} if gamma is None else {"gamma": gamma}),
    )


def _read_chunks(file: BinaryIO) -> _Chunks:
    """Reads the chunks about color before the pixels; an sRGB chunk overrules gAMA and cHRM."""
    position, found = file.tell(), {}
    file.seek(_PNG_START)
    while len(header := file.read(8)) == 8:
        length, kind = struct.unpack(">I4s", header)
        if kind in (b"IDAT", b"IEND"):
            break
        if kind in (b"gAMA", b"cHRM", b"cICP", b"sRGB") and length <= 32:
            found[kind] = file.read(length)
            length = 0
        file.seek(length + 4, io.SEEK_CUR)
    file.seek(position)
    gamma, chromaticities = found.get(b"gAMA", b""), found.get(b"cHRM", b"")
    plain = b"sRGB" in found or len(gamma) != 4 or not 1_000 <= int.from_bytes(gamma, "big") <= 1_000_000
    return _Chunks(
        None if plain else int.from_bytes(gamma, "big") / 100_000,
        tuple(value / 100_000 for value in struct.unpack(">8I", chromaticities)) if len(chromaticities) == 32 else None,
        found.get(b"cICP") if len(found.get(b"cICP", b"")) == 4 else None,
    )
