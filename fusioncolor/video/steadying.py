"""Steady colors: what the network predicts for key frames is averaged along the motion, and carried to the others.

Within a shot, every pixel keeps the mean of what was predicted for the thing it shows, with the number of predictions
in that mean, its age. The mean moves with the thing; where motion cannot be trusted, or luma is no longer what it was,
its age falls and the newest prediction counts more. The tint of the whole picture is held by the mean of all key frames
of the shot. Nothing is remembered across a cut.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import cv2
import numpy as np

from fusioncolor.video.flow import warped
from fusioncolor.video.frames import Frame

_LUMA_TOLERANCE = 0.08  # change of luma, of 1, at which a color is doubted
_LUMA_FLOOR = np.float32(0.05)  # added to luma before brightness is compared, as ratios in the dark are mostly grain
_CERTAIN = 2.0  # factor on the likeness of luma, up to 1, so that grain costs none
_USUAL, _ANOTHER = 0.85, 0.45  # mean likeness of a picture above which it is the same, below which it is another one
_SAMPLED = 3  # every so many rows and columns tell the brightness
_LEAST_COMMON = 0.02  # mean age of the picture below which it says nothing about the tint
_NOTHING = 1e-3  # weight of colors that are carried along without trust


@dataclass
class Memory:
    """What is known of a shot at its latest key frame, at the working size.

    Attributes:
        ab: `(h, w, 2)` float32, steady colors.
        luma: `(h, w)` float32 in [0, 1], luma that they belong to.
        age: `(h, w)` float32, predictions in the mean.
        count: key frames of the shot so far.
    """

    ab: np.ndarray
    luma: np.ndarray
    age: np.ndarray
    count: int

    def packed(self) -> np.ndarray:
        """Returns ab, luma and age as one array `(h, w, 4)`."""
        return cv2.merge([*cv2.split(self.ab), self.luma, self.age])

    @classmethod
    def unpacked(cls, values: np.ndarray, count: int) -> "Memory":
        """The reverse of `packed`."""
        return cls(values[..., :2].copy(), values[..., 2].copy(), values[..., 3].copy(), count)


class Steadying:
    """Turns predictions for key frames into steady colors for all frames.

    Attributes:
        memory: what is known at the latest key frame; None before the first. Set it to go on within a shot.
    """

    def __init__(self, steadiness: float) -> None:
        """Begins without memory.

        Args:
            steadiness: largest weight of the memory against a new prediction; 0 for predictions as they are.
        """
        self.memory: Memory | None = None
        self._steadiness = steadiness
        self._oldest = steadiness / max(1 - steadiness, 1e-6)

    def through(self, frames: Iterable[Frame]) -> Iterator[Frame]:
        """Fills in `ab`, group by group: a group ends with a key frame, and every shot begins and ends with one."""
        group: list[Frame] = []
        for frame in frames:
            group.append(frame)
            if frame.is_key:
                self._colorize(group)
                if frame.ends_segment and not frame.last:
                    frame.memory = self.memory
                yield from group
                group = []

    def _colorize(self, group: list[Frame]) -> None:
        *between, key = group
        if key.first or self.memory is None:
            self.memory = Memory(key.predicted, key.small, np.ones(key.small.shape, np.float32), 1)
            key.ab = key.predicted
            return
        before = self.memory
        carried = self._carried(before, group)
        self.memory = self._blended(carried[-1], key, before.count)
        key.ab = self.memory.ab
        if between:
            self._fill(group, carried, before)

    def _carried(self, memory: Memory, group: list[Frame]) -> list[np.ndarray]:
        """Carries the memory to every frame of a group: `(h, w, 4)` each, with the age that is left of it."""
        values, carried = memory.packed(), []
        for frame in group:
            trust = np.float32(1)
            if frame.motion is not None:
                values, trust = warped(values, frame.motion.back), frame.motion.back_trust
            *ab, luma, age = cv2.split(values)
            values = cv2.merge([*ab, luma, age * (trust * _likeness(luma, frame.small))])
            carried.append(values)
        return carried

    def _blended(self, values: np.ndarray, key: Frame, count: int) -> Memory:
        """Takes a new prediction into the mean."""
        age = np.minimum(values[..., 3], self._oldest)
        predicted, ab = key.predicted, values[..., :2]
        common = float(age.mean())
        if common > _LEAST_COMMON:
            drift = ((predicted - ab) * age[..., None]).mean(axis=(0, 1)) / np.float32(common)
            share = np.float32(1 / (count + 1))
            predicted = predicted - self._steadiness * (1 - share) * drift
            ab = ab + self._steadiness * share * drift
        weight = (age / (age + 1))[..., None]
        ab = weight * ab + (1 - weight) * predicted
        luma = weight[..., 0] * values[..., 2] + (1 - weight[..., 0]) * key.small
        return Memory(ab.astype(np.float32), luma.astype(np.float32), age + 1, count + 1)

    def _fill(self, group: list[Frame], carried: list[np.ndarray], before: Memory) -> None:
        """Gives the frames between two key frames their colors, carried from both sides."""
        steps = len(group)
        values, trust = self.memory.ab, np.ones(self.memory.age.shape, np.float32)
        sure = np.maximum(np.minimum(before.age, self._oldest), 1)
        for index in range(steps - 2, -1, -1):
            following = group[index + 1]
            if following.motion is not None:
                both = warped(cv2.merge([*cv2.split(values), trust]), following.motion.forth)
                *ab, trust = cv2.split(both)
                values, trust = cv2.merge(ab), trust * following.motion.forth_trust
            share = np.float32((index + 1) / steps)
            *ab, _, age = cv2.split(carried[index])
            forth = (1 - share) * (np.minimum(age / sure, 1) + np.float32(_NOTHING))
            back = share * (trust + np.float32(_NOTHING))
            weight = forth / (forth + back)
            pairs = zip(ab, cv2.split(values), strict=True)
            group[index].ab = cv2.merge([there + weight * (here - there) for here, there in pairs])


def _likeness(remembered: np.ndarray, luma: np.ndarray) -> np.ndarray:
    """Returns how far luma is what it was, `(h, w)` in [0, 1], apart from the brightness of the whole picture."""
    some = np.s_[::_SAMPLED, ::_SAMPLED]
    gain = np.median((luma[some] + _LUMA_FLOOR) / (remembered[some] + _LUMA_FLOOR))
    change = cv2.blur(luma - np.float32(gain) * remembered, (3, 3)) * np.float32(1 / _LUMA_TOLERANCE)
    alike = np.minimum(cv2.exp(-change * change) * np.float32(_CERTAIN), 1)
    usual = (float(alike.mean()) - _ANOTHER) / (_USUAL - _ANOTHER)  # a fade to another picture changes most of it
    return alike * np.float32(min(max(usual, 0), 1))
