"""Conversion of pixels to sRGB by embedded color profiles."""

import io
from functools import cache

import imagecodecs
import numpy as np
from PIL import ImageCms

_SPACES = {"GRAY": ("gray", 1), "RGB": ("rgb", 3), "CMYK": ("cmyk", 4)}
_PERCEPTUAL = 0


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
        describes sRGB.
    """
    try:
        opened = ImageCms.ImageCmsProfile(io.BytesIO(profile)).profile
        name, channels = _SPACES[opened.xcolor_space.strip()]
        if "srgb" in (opened.profile_description or "").lower():
            return None
        if channels == 3 and pixels.shape[-1] == 1:
            pixels = np.repeat(pixels, 3, axis=-1)
        if channels != pixels.shape[-1]:
            return None
        converted = imagecodecs.cms_transform(
            np.ascontiguousarray(pixels),
            profile,
            srgb(),
            colorspace=name,
            planar=False,
            outcolorspace="rgb",
            intent=_PERCEPTUAL,
        )
    except Exception:  # profiles are arbitrary bytes, on which their readers raise nearly every kind
        return None
    return converted.reshape(*pixels.shape[:2], 3)
