"""Color profiles: pixels as a file stores them -> sRGB."""

import io
from functools import cache

import imagecodecs
import numpy as np
from PIL import ImageCms

_SPACES = {"GRAY": ("gray", 1), "RGB": ("rgb", 3), "CMYK": ("cmyk", 4)}
_PERCEPTUAL = 0


@cache
def srgb() -> bytes:
    """The sRGB profile that pictures are tagged with."""
    return ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()


def to_srgb(pixels: np.ndarray, profile: bytes) -> np.ndarray | None:
    """Converts pixels to sRGB by a profile.

    Args:
        pixels: `(H, W, C)` `uint8` or `uint16`, C = 1 (gray), 3 (RGB) or 4 (CMYK).
        profile: as embedded in the file.

    Returns:
        `(H, W, 3)` of the same dtype; None where the profile says nothing about these pixels: it is damaged, or of
        another kind of picture, or says that they are sRGB already.
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
    except Exception:  # profiles are arbitrary bytes, and their readers raise nearly every kind
        return None
    return converted.reshape(*pixels.shape[:2], 3)
