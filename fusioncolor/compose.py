"""Composing pictures from predicted chroma of any size and the photograph's own lightness, whole or in bands."""

from collections.abc import Callable, Sequence

import numpy as np

from fusioncolor import color, images
from fusioncolor.errors import InputError

_BAND = 512  # rows

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
        ab: `(h, w, 2)`, Lab units; resized to (H, W) by cubic interpolation.
        confidence: `(h, w, 1)` in [0, 1], for refinements.
        refine: applied in order, at full size.
        dtype: `np.uint8` or `np.uint16`.

    Returns:
        `(H, W, 3)` sRGB of that dtype; colors outside sRGB lose chroma, never lightness.

    Raises:
        InputError: the chroma is not finite.
    """
    if not np.isfinite(ab).all():
        raise InputError("the network predicts NaN or infinity: its weights are damaged, or an option is extreme")
    size = lightness.shape[:2]
    full = images.resize(ab, size)
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
    height, width = lightness.shape[:2]
    picture = np.empty((height, width, 3), dtype)
    for top in range(0, height, _BAND):
        band = lightness[top : top + _BAND]
        part = images.resize(ab, (len(band), width), box=(0, top / height, 1, (top + len(band)) / height))
        picture[top : top + _BAND] = finish(band, part, dtype=dtype)
    return picture


def gray_picture(lightness: np.ndarray) -> np.ndarray:
    """Composes a picture `(H, W, 3)` `uint8` without color from lightness `(H, W, 1)`."""
    return finish_in_bands(lightness, np.zeros((1, 1, 2), np.float32))
