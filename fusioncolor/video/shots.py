"""Shots: where a clip cuts from one picture to another, found in the luma of small pictures.

Neighboring frames are compared by the correlation of their luma, which neither lamp flicker nor a fade changes, and
grain and motion change little. A single frame that differs from both neighbors, such as a flash, is no cut, and neither
is something that passes close to the camera, while which every frame is far from the one before.
"""

from collections.abc import Iterable, Iterator

import cv2
import numpy as np

from fusioncolor.video.frames import Frame

_THUMBNAIL = (32, 18)  # width and height
_ALIKE = 0.6  # least correlation within a shot, unless everything moves
_USUAL = 0.1  # weight of a frame in the usual distance of the shot
_UNUSUAL = 3.0  # a cut is that many times as far as usual
_ALONE = 2.0  # and that many times as far as the next frame is from it,
_UNLIKE = 0.7  # unless it is farther than this
_EMPTY, _FULL = 0.01, 0.02  # standard deviation of luma below which a picture is empty, above which it is not


def marked(frames: Iterable[Frame]) -> Iterator[Frame]:
    """Fills in `first`, `last` and `position`; looks two frames ahead."""
    waiting: list[Frame] = []
    thumbnails: list[np.ndarray] = []
    detector = _Detector()
    for frame in frames:
        waiting.append(frame)
        thumbnails.append(_thumbnail(frame.small))
        if len(waiting) < 3:
            continue
        detector.see(*thumbnails)
        yield from _placed(waiting, detector.is_cut)
        del thumbnails[0]
    if len(waiting) == 2:
        detector.see(*thumbnails, None)
        yield from _placed(waiting, detector.is_cut)
    if waiting:
        waiting[0].last = True
        waiting[0].first |= waiting[0].index == 0
        yield waiting[0]


def _placed(waiting: list[Frame], cut: bool) -> Iterator[Frame]:
    """Takes the first of the waiting frames off, now that it is known whether the next one begins a shot."""
    frame, following = waiting[0], waiting[1]
    frame.first |= frame.index == 0
    frame.last = cut
    following.first = cut
    following.position = 0 if cut else frame.position + 1
    del waiting[0]
    yield frame


class _Detector:
    """Tells of each frame whether it begins a shot.

    Attributes:
        is_cut: whether there is a cut before the frame that was seen last.
    """

    def __init__(self) -> None:
        self.is_cut = False
        self._usual = 0.0
        self._empty: bool | None = None
        self._before_flash: np.ndarray | None = None

    def see(self, before: np.ndarray, now: np.ndarray, after: np.ndarray | None) -> None:
        """Compares three thumbnails in a row."""
        before, self._before_flash = before if self._before_flash is None else self._before_flash, None
        if self._empty is None:
            self._empty = bool(before.std() < _EMPTY)
        was_empty = self._empty
        self._empty = bool(now.std() < (_FULL if was_empty else _EMPTY))
        distance = _distance(before, now)
        far = distance > max(1 - _ALIKE, _UNUSUAL * self._usual)
        if after is not None and distance < _UNLIKE:
            far = far and distance > _ALONE * _distance(now, after)
        flash = after is not None and _distance(before, after) < min(1 - _ALIKE, distance / 2)
        if far and flash:
            self._before_flash = before
        self.is_cut = was_empty != self._empty or (not self._empty and far and not flash)
        self._usual = 0.0 if self.is_cut else (1 - _USUAL) * self._usual + _USUAL * min(distance, 1 - _ALIKE)


def _thumbnail(small: np.ndarray) -> np.ndarray:
    return cv2.resize(small, _THUMBNAIL, interpolation=cv2.INTER_AREA)


def _distance(one: np.ndarray, other: np.ndarray) -> float:
    """1 less the correlation of two pictures; 0 for pictures that differ in brightness and contrast only."""
    one, other = one - one.mean(), other - other.mean()
    scale = float(np.sqrt((one * one).sum() * (other * other).sum()))
    return 1 - float((one * other).sum()) / max(scale, 1e-9)
