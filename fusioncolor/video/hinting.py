"""Color hints on single frames, followed through the shot along the motion.

A first pass over the video follows each hinted pixel forward and backward to the ends of its shot, or until it is
covered or leaves the picture. Each key frame then gets the hints that it shows.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from fusioncolor import hints
from fusioncolor.errors import InputError
from fusioncolor.hints import Hint
from fusioncolor.video.flow import Flow
from fusioncolor.video.frames import Frame, Motion

_FRAME = re.compile(r"(\d+):(.+)", re.DOTALL)
_LOST = 0.3  # trust in the motion below which a pixel is lost
_MOST = 2000  # frames of a shot that are followed backward


def parse(texts: Sequence[str]) -> dict[int, list[Hint]]:
    """Reads hints from "FRAME:x,y,color", FRAME counted from 0; without it the first frame is meant.

    What follows the colon is anything that `fusioncolor.hints.parse` takes.

    Raises:
        InputError: a text is no hint.
    """
    found: dict[int, list[Hint]] = defaultdict(list)
    for text in texts:
        match = _FRAME.fullmatch(text)
        found[int(match[1]) if match else 0] += hints.parse(match[2] if match else text)
    return dict(found)


def followed(
    given: Mapping[int, Sequence[Hint]], frames: Iterable[Frame], size: tuple[int, int]
) -> dict[int, list[Hint]]:
    """Follows hints through their shots.

    Args:
        given: hints by frame, at the full size.
        frames: frames with `small`, `first` and `position`.
        size: (height, width) of the video.

    Returns:
        Hints by frame, at the size of `small`.

    Raises:
        InputError: a hint lies outside the picture, or after the last frame.
    """
    _check_places(given, size)
    result: dict[int, list[Hint]] = defaultdict(list)
    flow, motions, points, last = Flow(), [], [], -1
    before: Frame | None = None
    for frame in frames:
        if not points and last >= max(given):
            break
        motion = None if frame.first or before is None else flow.between(before.small, frame.small)
        if motion is None:
            motions, points = [], []
        else:
            motions = [*motions[-_MOST:], motion]
            points = [moved for point in points if (moved := point.moved(motion.forth, motion.forth_trust))]
        new = [_Point.of(hint, frame.small.shape, size) for hint in given.get(frame.index, ())]
        for index, point in _backward(new, motions, frame.index):
            result[index].append(point.hint())
        points += new
        result[frame.index] += [point.hint() for point in points]
        before, last = frame, frame.index
    late = [index for index in given if index > last]
    if late:
        raise InputError(f"`hint` {late[0]}: the video ends with frame {last}")
    return {index: found for index, found in result.items() if found}


@dataclass(frozen=True)
class _Point:
    """A hinted pixel at the working size, at x and y between pixels."""

    x: float
    y: float
    rgb: tuple[int, int, int]

    @classmethod
    def of(cls, hint: Hint, small: tuple[int, int], size: tuple[int, int]) -> "_Point":
        """Brings a hint from the full size to the working size."""
        return cls((hint.x + 0.5) * small[1] / size[1] - 0.5, (hint.y + 0.5) * small[0] / size[0] - 0.5, hint.rgb)

    def moved(self, step: np.ndarray, trust: np.ndarray) -> "_Point | None":
        """Follows a motion; None if the pixel is lost."""
        row, column = round(self.y), round(self.x)
        height, width = trust.shape
        if not (0 <= row < height and 0 <= column < width) or trust[row, column] < _LOST:
            return None
        x, y = (float(value) for value in step[row, column])
        return _Point(self.x + x, self.y + y, self.rgb)

    def hint(self) -> Hint:
        """Returns the hint at the nearest pixel."""
        return Hint(max(round(self.x), 0), max(round(self.y), 0), self.rgb)


def _backward(points: Sequence[_Point], motions: Sequence[Motion], index: int) -> list[tuple[int, _Point]]:
    """Follows points back to the beginning of the shot; returns them with the frames that show them."""
    found = []
    for step, motion in enumerate(reversed(motions), start=1):
        points = [moved for point in points if (moved := point.moved(motion.back, motion.back_trust))]
        if not points:
            break
        found += [(index - step, point) for point in points]
    return found


def _check_places(given: Mapping[int, Sequence[Hint]], size: tuple[int, int]) -> None:
    for found in given.values():
        hints.check(found, size, "the video")


def applied(lightness: np.ndarray, ab: np.ndarray, found: Sequence[Hint]) -> np.ndarray:
    """Blends the hints of a frame into its chroma, `(h, w, 2)`, where they still lie inside the picture."""
    height, width = lightness.shape[:2]
    inside = [hint for hint in found if hint.x < width and hint.y < height]
    return hints.apply(lightness, ab, hints=inside) if inside else ab
