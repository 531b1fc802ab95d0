"""Whatever a caller takes for a photograph -> an array: a path, a Pillow image, an array of one of many shapes."""

import os

import numpy as np
from PIL import Image

from fusioncolor.images.reading import MAX_PIXELS, pixels_of, read

_EXPECTED = (
    "a photograph is a path, a Pillow image, or an array of shape (H, W), (H, W, 1), (H, W, 3) or (H, W, 4) and dtype "
    "uint8, uint16 or float in 0..1"
)


def as_rgb(photograph: "np.ndarray | Image.Image | str | os.PathLike", *, max_pixels: int = MAX_PIXELS) -> np.ndarray:
    """Returns a photograph as an array `(H, W, 3)` `uint8`, `uint16` or floating-point in [0, 1].

    Args:
        photograph: an array, whose fourth channel is dropped; a Pillow image, which stays turned as it is; or the path
            of an image file, which is turned upright and converted to sRGB.
        max_pixels: larger files are rejected, which protects against decompression bombs.

    Raises:
        InputError: the file cannot be read.
        TypeError: it is of another type.
        ValueError: the array is not a photograph.
    """
    if isinstance(photograph, str | os.PathLike):
        return read(photograph, max_pixels=max_pixels).rgb
    if isinstance(photograph, Image.Image):
        photograph = pixels_of(photograph, "this Pillow image")
        if photograph.shape[-1] == 2:
            photograph = photograph[..., :1]
    if not isinstance(photograph, np.ndarray):
        raise TypeError(f"{_EXPECTED}. Received: {type(photograph).__name__}")
    if photograph.ndim == 2:
        photograph = photograph[..., None]
    if photograph.ndim != 3 or photograph.shape[-1] not in (1, 3, 4) or not photograph.size:
        raise ValueError(f"{_EXPECTED}. Received: shape {photograph.shape}")
    if not np.issubdtype(photograph.dtype, np.floating):
        if photograph.dtype.newbyteorder("=") not in (np.uint8, np.uint16):
            raise ValueError(f"{_EXPECTED}. Received: dtype {photograph.dtype}")
    elif not 0 <= photograph.min() <= photograph.max() <= 1:
        raise ValueError(f"{_EXPECTED}. Received: values from {photograph.min():g} to {photograph.max():g}")
    colors = photograph[..., :3]
    return np.broadcast_to(colors, (*colors.shape[:2], 3))
