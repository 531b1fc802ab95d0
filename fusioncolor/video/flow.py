"""Motion between frames: dense inverse search flow, and how far it can be trusted.

Reference: Kroeger, Timofte, Dai, Van Gool, "Fast Optical Flow using Dense Inverse Search", 2016.
"""

from functools import cache

import cv2
import numpy as np

from fusioncolor.video.frames import Motion

_ROUND_TRIP = 1.0  # pixels, plus a tenth of the motion, by which a trip there and back may fail
_CERTAIN = 2.0  # factor on trust, up to 1, so that grain, which makes every trip miss a little, costs no trust
_SMALLEST = 16  # pixels; DIS fails on smaller pictures


class Flow:
    """Measures motion; not to be shared between threads."""

    def __init__(self) -> None:
        self._search = cv2.DISOpticalFlow_create(cv2.DISOPTICAL_FLOW_PRESET_ULTRAFAST)

    def between(self, before: np.ndarray, now: np.ndarray) -> Motion:
        """Measures the motion between two frames.

        Args:
            before: `(h, w)` float32, luma in [0, 1].
            now: the same of the next frame.
        """
        one, other = (cv2.convertScaleAbs(small, alpha=255) for small in (before, now))
        if min(before.shape) < _SMALLEST:
            still = np.zeros((*before.shape, 2), np.float32)
            sure = np.ones(before.shape, np.float32)
            return Motion(still, still, sure, sure)
        forth = self._search.calc(one, other, None)
        back = self._search.calc(other, one, None)
        return Motion(back, forth, trust(back, forth), trust(forth, back))


def trust(step: np.ndarray, reverse: np.ndarray) -> np.ndarray:
    """Returns how sure a motion is, by where one arrives after the trip there and back.

    Args:
        step: `(h, w, 2)` motion to another frame.
        reverse: motion from there.

    Returns:
        `(h, w)` float32: 1 if the trip ends where it began, near 0 if it ends far off; 0 outside the other frame.
    """
    x, y = places(step)
    returned = cv2.remap(reverse, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    allowed = _squared(step) * np.float32(0.01) + np.float32(_ROUND_TRIP)
    ratio = _squared(cv2.add(step, returned)) / (allowed * allowed)
    height, width = x.shape
    inside = (x > -1) & (x < width) & (y > -1) & (y < height)
    return np.minimum(cv2.exp(-ratio) * np.float32(_CERTAIN), 1) * inside


def _squared(step: np.ndarray) -> np.ndarray:
    """Returns the squared length of steps, `(h, w)`."""
    x, y = cv2.split(step)
    return x * x + y * y


def warped(values: np.ndarray, step: np.ndarray) -> np.ndarray:
    """Fetches values along a motion: `(h, w, C)` of the frame that `step` leads to -> of the frame it starts from."""
    x, y = places(step)
    return cv2.remap(values, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)


def places(step: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Returns x and y, `(h, w)` float32 each, of the places that a motion leads to."""
    columns, rows = _grid(*step.shape[:2])
    x, y = cv2.split(step)
    return columns + x, rows + y


@cache
def _grid(height: int, width: int) -> tuple[np.ndarray, np.ndarray]:
    columns, rows = np.meshgrid(np.arange(width, dtype=np.float32), np.arange(height, dtype=np.float32))
    return columns, rows
