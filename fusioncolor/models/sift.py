"""Dense SIFT: a descriptor for every pixel of a picture.

The original system uses SIFT but does not say how keypoints become pixels. We compute descriptors on a regular grid
and interpolate them bilinearly in between.

Reference: Lowe, "Distinctive Image Features from Scale-Invariant Keypoints", 2004.
"""

import numpy as np

from fusioncolor import images
from fusioncolor.errors import InputError

DESCRIPTOR = 128
_STEP = 8  # pixels between grid positions
_DIAMETER = 16.0  # diameter in pixels of the neighborhood that a descriptor covers


def dense_sift(lightness: np.ndarray) -> np.ndarray:
    """Describes every pixel of a picture by the gradients around it.

    Args:
        lightness: `(H, W, 1)` float32, 0..100.

    Returns:
        `(H, W, 129)` float32: a SIFT descriptor in [0, 1], then the lightness itself.

    Raises:
        InputError: OpenCV is not installed.
    """
    try:
        import cv2
    except ImportError as error:
        raise InputError("model sift needs OpenCV's SIFT: pip install opencv-python-headless") from error
    height, width = lightness.shape[:2]
    picture = np.clip(lightness[..., 0] * 2.55 + 0.5, 0, 255).astype(np.uint8)
    ys, xs = (np.arange(size // _STEP or 1) * _STEP + _STEP / 2 for size in (height, width))
    positions = [cv2.KeyPoint(float(x), float(y), _DIAMETER, 0) for y in ys for x in xs]
    kept, descriptors = cv2.SIFT_create().compute(picture, positions)
    if len(kept) != len(positions):  # OpenCV drops keypoints it cannot describe, but none with angle 0
        raise ValueError(f"expected {len(positions)} descriptors. Received: {len(kept)}")
    grid = descriptors.reshape(len(ys), len(xs), DESCRIPTOR).astype(np.float32) / 255
    return np.concatenate([images.resize(grid, (height, width), bilinear=True), lightness], axis=-1)
