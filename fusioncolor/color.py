"""sRGB <-> CIELAB in float32, and gamut mapping at constant lightness.

White point D65, 2 degree observer, with the constants of `skimage.color`. Lightness is 0..100; sRGB spans
a* -86.2..98.2 and b* -107.9..94.5. Images are `(..., 3)`: `uint8`, `uint16`, or float in [0, 1].

Pixels are converted in blocks that fit a core's cache, on all cores for large photographs. Memory beyond input and
output is a few megabytes, whatever the size. OpenCV, if it is installed, is imported with the first conversion, and
computes Lab three to five times as fast as NumPy; on the way back it would be no faster.
"""

import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cache, partial
from importlib import import_module
from types import ModuleType

import numpy as np

AB_SCALE = 110.0  # covers |a|, |b| of every sRGB color; 100 would clip blue

_XYZ_FROM_RGB = np.array(
    [[0.412453, 0.357580, 0.180423], [0.212671, 0.715160, 0.072169], [0.019334, 0.119193, 0.950227]]
)
_WHITE = np.array([0.95047, 1.0, 1.08883])
_RELATIVE_XYZ_FROM_RGB = (_XYZ_FROM_RGB / _WHITE[:, None]).astype(np.float32)
_LAB_FROM_F = np.array([[0, 116, 0, -16], [500, -500, 0, 0], [0, 200, -200, 0]], np.float32)
_RGB_FROM_RELATIVE_XYZ = (np.linalg.inv(_XYZ_FROM_RGB) * _WHITE).astype(np.float32)
_LAB_KNEE = np.float32(0.008856)  # below it, f(t) is a straight line
_LAB_KNEE_F = np.float32(0.2068966)
_LINE_SLOPE, _LINE_OFFSET = np.float32(7.787), np.float32(16 / 116)
_GAMUT_TOLERANCE = np.float32(1e-4)  # in linear RGB; clipping that much moves L by less than 0.1
_GAMUT_STEPS = 12  # of bisection, which finds the chroma to 1/4096 of its length

_BLOCK = 1 << 14  # pixels; three float32 planes of a block are 196 KB
_BLOCKS_PER_TASK = 16
_THREADED_FROM = 1 << 20  # pixels


def rgb_to_lab(rgb: np.ndarray) -> np.ndarray:
    """Converts sRGB to Lab.

    Args:
        rgb: `(..., 3)`, `uint8`, `uint16` or float in [0, 1].

    Returns:
        `(..., 3)` float32: L in 0..100, a and b in Lab units.
    """
    return _by_blocks(_lab_block, [_check_image(rgb)], channels=3, dtype=np.float32)


def rgb_to_lightness(rgb: np.ndarray) -> np.ndarray:
    """Converts an image, as for `rgb_to_lab`, to its lightness L alone: `(..., 1)` float32 in 0..100."""
    return _by_blocks(_lightness_block, [_check_image(rgb)], channels=1, dtype=np.float32)


def filtered_lightness(rgb: np.ndarray, shares: Sequence[float]) -> np.ndarray:
    """Returns the lightness that an image would have on an emulsion, or through a filter: `(..., 1)` float32, 0..100.

    Args:
        rgb: an image, as for `rgb_to_lab`.
        shares: how sensitive it is to red, green and blue light; only their proportions count.
    """
    mix = np.asarray(shares, np.float32)[None] / np.float32(np.sum(shares))
    return _by_blocks(partial(_lightness, mix=mix), [_check_image(rgb)], channels=1, dtype=np.float32)


def expose(rgb: np.ndarray, stops: float) -> np.ndarray:
    """Returns a `uint8` image as if it had been exposed longer by `stops`; what becomes too bright is clipped."""
    table = _encode(_linear_table(np.dtype(np.uint8)) * np.float32(2**stops), np.uint8)
    return table[rgb]


def lab_to_rgb(lab: np.ndarray, dtype: type = np.uint8) -> np.ndarray:
    """Converts Lab to sRGB; colors outside sRGB are clipped channel by channel.

    `join_in_gamut` keeps the lightness of such colors, which clipping changes.

    Args:
        lab: `(..., 3)` float.
        dtype: `np.uint8`, `np.uint16`, or a float type for values in [0, 1].

    Returns:
        `(..., 3)` of `dtype`.
    """

    def block(lab_block: np.ndarray) -> np.ndarray:
        return _encode(_linear_rgb(lab_block.T.astype(np.float32)), dtype).T

    return _by_blocks(block, [_check_image(lab)], channels=3, dtype=dtype)


def join_in_gamut(lightness: np.ndarray, ab: np.ndarray, dtype: type = np.uint8) -> np.ndarray:
    """Joins lightness and chroma to sRGB; colors outside sRGB lose chroma at constant lightness and hue.

    Args:
        lightness: `(..., 1)` float, 0..100; beyond, it is black or white.
        ab: `(..., 2)` float, Lab units.
        dtype: as for `lab_to_rgb`.

    Returns:
        `(..., 3)` of `dtype`; L differs from `lightness` by at most the rounding to `dtype` plus 0.1.
    """
    flat = [array.reshape(-1, array.shape[-1]) for array in (lightness, ab)]
    out = np.empty((len(flat[0]), 3), dtype)

    def run(blocks: list[slice]) -> None:
        places, outside = [], []  # of the colors outside sRGB, which are mapped all at once
        for block in blocks:
            lab = np.empty((3, len(out[block])), np.float32)
            lab[0], lab[1:] = flat[0][block, 0], flat[1][block].T
            linear = _linear_rgb(lab)
            far = np.flatnonzero(_outside(linear))
            places.append(block.start + far)
            outside.append(lab.take(far, axis=1))
            for channel, plane in enumerate(_encode(linear, dtype)):  # faster than a transposed array at once
                out[block, channel] = plane
        if any(map(len, places)):
            out[np.concatenate(places)] = _encode(_into_gamut(np.concatenate(outside, axis=1)), dtype).T

    _run(run, len(out))
    return out.reshape(*lightness.shape[:-1], 3)


def split(lab: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Splits Lab `(..., 3)` into lightness `(..., 1)` and ab `(..., 2)`, as views."""
    return lab[..., :1], lab[..., 1:]


def join(lightness: np.ndarray, ab: np.ndarray) -> np.ndarray:
    """Joins lightness `(..., 1)` and ab `(..., 2)` to Lab `(..., 3)`."""
    return np.concatenate([lightness, ab], axis=-1)


def _check_image(image: np.ndarray) -> np.ndarray:
    image = np.asarray(image)
    if image.ndim < 1 or image.shape[-1] != 3:
        raise ValueError(f"expected an image of shape (..., 3). Received: {image.shape}")
    if image.dtype.newbyteorder("=") not in (np.uint8, np.uint16) and not np.issubdtype(image.dtype, np.floating):
        raise ValueError(f"expected uint8, uint16 or float. Received: {image.dtype}")
    return image.astype(image.dtype.newbyteorder("="), copy=False)


def _by_blocks(function: Callable, arrays: list[np.ndarray], channels: int, dtype: type) -> np.ndarray:
    """Applies `function` to blocks of pixels `(n, c)` of each array and collects `(..., channels)`."""
    shape = arrays[0].shape[:-1]
    flat = [array.reshape(-1, array.shape[-1]) for array in arrays]
    out = np.empty((len(flat[0]), channels), dtype)

    def run(blocks: list[slice]) -> None:
        for block in blocks:
            out[block] = function(*(array[block] for array in flat))

    _run(run, len(out))
    return out.reshape(*shape, channels)


def _run(function: Callable[[list[slice]], None], pixels: int) -> None:
    """Calls a function with the blocks of a picture, some at a time, on all cores for a large one."""
    blocks = [slice(start, start + _BLOCK) for start in range(0, pixels, _BLOCK)]
    tasks = [blocks[start : start + _BLOCKS_PER_TASK] for start in range(0, len(blocks), _BLOCKS_PER_TASK)]
    if pixels < _THREADED_FROM:
        for task in tasks:
            function(task)
    else:
        with ThreadPoolExecutor(os.cpu_count()) as pool:
            list(pool.map(function, tasks))


@cache
def _cv2() -> ModuleType | None:
    try:  # not `find_spec`, which fails while another thread imports OpenCV
        return import_module("cv2")
    except ImportError:
        return None


@cache
def _linear_table(dtype: np.dtype) -> np.ndarray:
    levels = np.arange(np.iinfo(dtype).max + 1, dtype=np.float64) / np.iinfo(dtype).max
    return _linearize(levels).astype(np.float32)


def _linearize(rgb: np.ndarray) -> np.ndarray:
    return np.where(rgb > 0.04045, ((np.maximum(rgb, 0) + 0.055) / 1.055) ** 2.4, rgb / 12.92)


def _linear(rgb: np.ndarray) -> np.ndarray:
    """Converts sRGB pixels `(n, 3)` to linear RGB of the same shape, float32."""
    if rgb.dtype == np.uint8 and _cv2():
        return _cv2().LUT(np.ascontiguousarray(rgb), _linear_table(rgb.dtype))
    if rgb.dtype in (np.uint8, np.uint16):
        return _linear_table(rgb.dtype)[rgb]
    return _linearize(rgb.astype(np.float32)).astype(np.float32)


def _times(matrix: np.ndarray, pixels: np.ndarray) -> np.ndarray:
    """Multiplies each of `(n, 3)` pixels by a matrix `(m, 3)`, and adds a fourth column if it has one: `(n, m)`."""
    if _cv2():
        return _cv2().transform(pixels[:, None], matrix).reshape(len(pixels), len(matrix))
    return pixels @ matrix[:, :3].T + matrix[:, 3:].sum(axis=1)


def _f(t: np.ndarray) -> np.ndarray:
    f = _cv2().pow(t, 1 / 3) if _cv2() else np.cbrt(t)
    dark = t <= _LAB_KNEE
    if dark.any():
        np.copyto(f, _LINE_SLOPE * t + _LINE_OFFSET, where=dark)
    return f


def _lab_block(rgb: np.ndarray) -> np.ndarray:
    return _times(_LAB_FROM_F, _f(_times(_RELATIVE_XYZ_FROM_RGB, _linear(rgb))))


def _lightness_block(rgb: np.ndarray) -> np.ndarray:
    if rgb.dtype == np.uint8 and (rgb[:, 0] == rgb[:, 1]).all() and (rgb[:, 1] == rgb[:, 2]).all():
        return _lightness_of_grays()[rgb[:, :1]]
    return _lightness(rgb)


@cache
def _lightness_of_grays() -> np.ndarray:
    return _lightness(np.repeat(np.arange(256, dtype=np.uint8)[:, None], 3, axis=1))[:, 0]


def _lightness(rgb: np.ndarray, mix: np.ndarray = _RELATIVE_XYZ_FROM_RGB[1:2]) -> np.ndarray:
    return 116 * _f(_times(mix, _linear(rgb))) - 16


def _linear_rgb(lab: np.ndarray) -> np.ndarray:
    """Converts Lab planes `(3, n)` to linear RGB planes `(3, n)`, unclipped."""
    f = np.empty_like(lab)
    np.divide(lab[0] + 16, np.float32(116), out=f[1])
    np.add(f[1], lab[1] / np.float32(500), out=f[0])
    np.subtract(f[1], lab[2] / np.float32(200), out=f[2])
    np.maximum(f[2], 0, out=f[2])  # no negative Z, as in scikit-image
    t = f * f
    t *= f
    dark = f <= _LAB_KNEE_F
    if dark.any():
        f -= _LINE_OFFSET
        f /= _LINE_SLOPE
        np.copyto(t, f, where=dark)
    return _RGB_FROM_RELATIVE_XYZ @ t


def _outside(linear: np.ndarray) -> np.ndarray:
    red, green, blue = linear
    lowest = np.minimum(np.minimum(red, green), blue)
    highest = np.maximum(np.maximum(red, green), blue)
    return (lowest < -_GAMUT_TOLERANCE) | (highest > 1 + _GAMUT_TOLERANCE)


def _into_gamut(lab: np.ndarray) -> np.ndarray:
    """Converts Lab planes to linear RGB planes, each pixel with the largest fraction of its chroma that sRGB holds."""
    mapped, low, high = lab.copy(), np.zeros(lab.shape[1], np.float32), np.ones(lab.shape[1], np.float32)
    for _ in range(_GAMUT_STEPS):
        middle = (low + high) / 2
        np.multiply(lab[1:], middle, out=mapped[1:])
        too_far = _outside(_linear_rgb(mapped))
        np.copyto(high, middle, where=too_far)
        np.copyto(low, middle, where=~too_far)
    np.multiply(lab[1:], low, out=mapped[1:])
    return _linear_rgb(mapped)


def _encode(linear: np.ndarray, dtype: type) -> np.ndarray:
    """Converts linear RGB to sRGB of `dtype`, clipped to its range."""
    if dtype == np.uint8:  # a table of 2^16 linear levels is within 0.05 of an 8-bit level, and eight times faster
        level = np.clip(linear, 0, 1)
        level *= np.float32(65535)
        level += np.float32(0.5)
        return _byte_table().take(level.astype(np.uint16))
    rgb = _gamma(np.clip(linear, 0, 1))
    if np.issubdtype(dtype, np.floating):
        return rgb
    return (rgb * np.iinfo(dtype).max + np.float32(0.5)).astype(dtype)


def _gamma(linear: np.ndarray) -> np.ndarray:
    return np.where(linear > 0.0031308, 1.055 * linear ** (1 / 2.4) - 0.055, 12.92 * linear)


@cache
def _byte_table() -> np.ndarray:
    return np.rint(_gamma(np.arange(65536) / 65535) * 255).astype(np.uint8)
