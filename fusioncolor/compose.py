"""Composing pictures from predicted chroma of any size and the photograph's own lightness, whole or in bands."""

from collections.abc import Callable, Sequence
from functools import cache

import numpy as np

from fusioncolor import color, images
from fusioncolor.errors import InputError

_BAND = 512  # rows
_EDGES = 128  # pixels per side up to which coarse chroma follows edges; beyond, it is interpolated
_LEVELS = 17  # of lightness, in the bilateral grid
_NEARBY = 2.0  # standard deviation of the weights of chroma by distance, in its pixels
_ALIKE = 5.0  # the same by lightness, in L
_LEAST = 1e-3  # weight of chroma of any lightness: where none is alike, the nearest counts

Refinement = Callable[[np.ndarray, np.ndarray, np.ndarray | None], np.ndarray]
"""(lightness, ab, confidence) -> ab, all `(H, W, ...)` at full size; see `fusioncolor.refinement`."""


def finish(
    lightness: np.ndarray,
    ab: np.ndarray,
    confidence: np.ndarray | None = None,
    refine: Sequence[Refinement] = (),
    dtype: type = np.uint8,
) -> np.ndarray:
    """Composes a picture from chroma of any size and the photograph's own lightness.

    Args:
        lightness: `(H, W, 1)`, 0..100, at full size.
        ab: `(h, w, 2)`, Lab units; enlarged to (H, W) along edges, as by `follow_edges`, and by cubic interpolation.
        confidence: `(h, w, 1)` in [0, 1], for refinements.
        refine: applied in order, at full size.
        dtype: `np.uint8` or `np.uint16`.

    Returns:
        `(H, W, 3)` sRGB of that dtype; colors outside sRGB lose chroma, never lightness.

    Raises:
        InputError: the chroma is not finite.
    """
    size = lightness.shape[:2]
    full = images.resize(follow_edges(lightness, ab), size)
    if refine and confidence is not None:
        confidence = images.resize(confidence, size, bilinear=True)
    for refinement in refine:
        full = refinement(lightness, full, confidence)
    return color.join_in_gamut(lightness, full, dtype)


def finish_in_bands(lightness: np.ndarray, ab: np.ndarray, dtype: type = np.uint8) -> np.ndarray:
    """Composes a picture like `finish` without refinements, a band of rows at a time.

    Peak memory stays near the size of input plus output.

    Args:
        lightness: `(H, W, 1)`, 0..100, at full size.
        ab: `(h, w, 2)`, as for `finish`.
        dtype: `np.uint8` or `np.uint16`.

    Raises:
        InputError: the chroma is not finite.
    """
    ab = follow_edges(lightness, ab)
    height, width = lightness.shape[:2]
    picture = np.empty((height, width, 3), dtype)
    for top in range(0, height, _BAND):
        band = lightness[top : top + _BAND]
        part = images.resize(ab, (len(band), width), box=(0, top / height, 1, (top + len(band)) / height))
        picture[top : top + _BAND] = color.join_in_gamut(band, part, dtype)
    return picture


def follow_edges(lightness: np.ndarray, ab: np.ndarray) -> np.ndarray:
    """Enlarges coarse chroma so that it changes where the lightness of the photograph does.

    Each pixel takes the mean chroma of the places around it that are as light as it is: joint bilateral upsampling
    (Kopf et al., 2007) in a bilateral grid (Chen et al., 2007).

    Args:
        lightness: `(H, W, 1)`, 0..100.
        ab: `(h, w, 2)`, Lab units.

    Returns:
        `(min(H, 128), min(W, 128), 2)` float32; `ab` itself if that is no larger, or if it has one color.

    Raises:
        InputError: the chroma is not finite.
    """
    if not np.isfinite(ab).all():
        raise InputError("the network predicts NaN or infinity: its weights are damaged, or an option is extreme")
    cells, size = ab.shape[:2], tuple(min(side, _EDGES) for side in lightness.shape[:2])
    if max(cells) == 1 or (size[0] <= cells[0] and size[1] <= cells[1]):
        return ab
    guide = images.resize(lightness, size).clip(0, 100)
    guide, coarse = guide[..., 0], images.resize(guide, cells)[..., 0]
    levels = np.linspace(0, 100, _LEVELS, dtype=np.float32)[:, None, None]
    weights = np.exp(-0.5 * ((coarse - levels) / _ALIKE) ** 2) + np.float32(_LEAST)
    sums = np.stack([weights * ab[..., 0], weights * ab[..., 1], weights]).transpose(2, 0, 1, 3)  # rows first
    sums = sums.reshape(-1, cells[1]) @ _around(cells[1], size[1]).T
    sums = _around(cells[0], size[0]) @ sums.reshape(cells[0], -1)
    sums = sums.reshape(size[0], 3, _LEVELS, size[1])
    place = guide * np.float32((_LEVELS - 1) / 100)
    lower = np.minimum(place.astype(np.intp), _LEVELS - 2)
    below, above = (np.take_along_axis(sums, one[:, None, None], 2)[:, :, 0] for one in (lower, lower + 1))
    mixed = below + (place - lower).astype(np.float32)[:, None] * (above - below)
    return np.moveaxis(mixed[:, :2] / mixed[:, 2:], 1, -1)


@cache
def _around(count: int, size: int) -> np.ndarray:
    """Returns the weights `(size, count)` of `count` places in a line for each of `size` pixels: those nearby count."""
    places, pixels = np.arange(count) + 0.5, (np.arange(size) + 0.5) * count / size
    weights = np.exp(-0.5 * ((pixels[:, None] - places) / _NEARBY) ** 2)
    return (weights / weights.sum(axis=1, keepdims=True)).astype(np.float32)


def gray_picture(lightness: np.ndarray) -> np.ndarray:
    """Composes a picture `(H, W, 3)` `uint8` without color from lightness `(H, W, 1)`."""
    return finish_in_bands(lightness, np.zeros((1, 1, 2), np.float32))
