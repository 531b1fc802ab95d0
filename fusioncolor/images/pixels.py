"""Pictures as arrays: bit depth, resizing, telling gray from color."""

from dataclasses import dataclass

import numpy as np
from PIL import Image

from fusioncolor import color

WHOLE = (0.0, 0.0, 1.0, 1.0)
_GRAY_SPREAD = 4  # of 255; JPEG compression changes gray pictures by less
_GRAY_SHARE = 0.99
_THUMBNAIL = (64, 64)  # pixels
_LEVEL = 5.0  # of L; pixels of a level are compared
_TONED_SPREAD = 2.2  # Lab units; of 200 toned photographs after JPEG compression at 60 to 95, 9 in 10 have less
_TONED_SHARE = 0.2  # of the mean chroma
_ONE_HUE = 0.9  # length of the mean ab, of the mean chroma


@dataclass(frozen=True)
class Stored:
    """A picture the way its file stores it: not turned upright, in the file's own color space.

    Attributes:
        pixels: `(H, W, C)` `uint8` or `uint16`, C = 1 (gray), 2 (gray, alpha), 3 (RGB) or 4 (RGB and alpha, or CMYK).
        cmyk: whether the channels are cyan, magenta, yellow and black.
        orientation: EXIF orientation, 1 to 8; 0 leaves it to the metadata.
        profile: embedded ICC profile; empty leaves it to the metadata.
    """

    pixels: np.ndarray
    cmyk: bool = False
    orientation: int = 0
    profile: bytes = b""


def to_bytes(picture: np.ndarray) -> np.ndarray:
    """Rounds a `uint16` picture to `uint8`; returns a `uint8` one unchanged."""
    return ((picture.astype(np.uint32) + 128) // 257).astype(np.uint8) if picture.dtype == np.uint16 else picture


def resize(
    image: np.ndarray,
    size: tuple[int, int],
    *,
    bilinear: bool = False,
    box: tuple[float, float, float, float] = WHOLE,
) -> np.ndarray:
    """Resizes by cubic interpolation, with antialiasing when shrinking.

    Args:
        image: `(H, W, 3)` `uint8`, or `(H, W, C)` float32 of any C and range.
        size: (height, width) of the result.
        bilinear: interpolate linearly instead, which never leaves the range of the values.
        box: part to resize: left, top, right, bottom as fractions of width and height.

    Returns:
        `(*size, C)` of the same dtype. Cubic float values may overshoot their range a little at edges.
    """
    width_height = (size[1], size[0])
    method = Image.Resampling.BILINEAR if bilinear else Image.Resampling.BICUBIC
    height, width = image.shape[:2]
    box = (box[0] * width, box[1] * height, box[2] * width, box[3] * height)
    if image.dtype == np.uint8:
        return np.asarray(Image.fromarray(image).resize(width_height, method, box))
    planes = [np.ascontiguousarray(plane, np.float32) for plane in np.moveaxis(image, -1, 0)]
    resized = [np.asarray(Image.fromarray(plane).resize(width_height, method, box)) for plane in planes]
    return np.moveaxis(np.stack(resized), 0, -1)  # planes in memory, which the change to sRGB takes as they are


def shrink(image: np.ndarray, longest: int) -> np.ndarray:
    """Resizes `(H, W, C)` so that no side is longer than `longest` pixels; a smaller picture keeps its size."""
    height, width = image.shape[:2]
    scale = min(longest / max(height, width), 1)
    return resize(image, (max(round(height * scale), 1), max(round(width * scale), 1)))


def is_gray(rgb: np.ndarray) -> bool:
    """Tells whether a picture has no color: its channels are within 4/255 of each other on 99 % of the pixels.

    Args:
        rgb: `(H, W, 3)` `uint8` or `uint16`.
    """
    unit = np.iinfo(rgb.dtype).max / 255
    red, green, blue = np.moveaxis(rgb.astype(np.int32), -1, 0)
    spread = np.maximum(np.maximum(red, green), blue) - np.minimum(np.minimum(red, green), blue)
    return bool(np.mean(spread <= _GRAY_SPREAD * unit) >= _GRAY_SHARE)


def is_toned(rgb: np.ndarray) -> bool:
    """Tells whether a picture is a toned one, such as a sepia print: one hue, whose chroma follows the lightness.

    All pixels have nearly the same hue, and those of one lightness nearly the same color. That is so of few photographs
    in color, most of them of fog. Gray pictures are not toned.

    Args:
        rgb: `(H, W, 3)` `uint8` or `uint16`.
    """
    lab = color.rgb_to_lab(resize(to_bytes(rgb), _THUMBNAIL)).reshape(-1, 3)
    ab, level = lab[:, 1:].astype(np.float64), (lab[:, 0] / _LEVEL).astype(int).clip(0)
    count = np.maximum(np.bincount(level), 1)
    mean = np.stack([np.bincount(level, channel) / count for channel in ab.T], axis=1)
    spread = np.sqrt(((ab - mean[level]) ** 2).sum(axis=1).mean())
    chroma = np.linalg.norm(ab, axis=1).mean()
    alike = np.linalg.norm(ab.mean(axis=0)) >= _ONE_HUE * chroma and lab[:, 0].std() >= _LEVEL
    return bool(alike and spread < min(_TONED_SPREAD, _TONED_SHARE * chroma)) and not is_gray(rgb)
