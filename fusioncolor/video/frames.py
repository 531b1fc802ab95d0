"""The frames that pass through the stages of a video, and the facts of the clip that they belong to."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import NamedTuple

import cv2
import numpy as np

from fusioncolor.images import Photograph
from fusioncolor.video.coding import Coding, unit_luma

WORKING_SIZE = 256  # longer side of the picture at which motion is measured and colors are carried along
SEEN_SIZE = 512  # longer side of the picture that the network gets, which it brings to its own size

TOLERANCE = 0.5  # seconds between the last frame and the end of the video that are no sign of damage


@dataclass(frozen=True)
class Clip:
    """A clip: what all its frames have in common.

    Attributes:
        path: file, or folder of frames.
        size: (height, width) of upright frames.
        coding: how the luma codes are to be understood.
        subsampling: luma pixels per chroma pixel of the source, (vertical, horizontal).
        time_base: seconds per unit of time stamps.
        rate: frames per second, on average.
        count: number of frames as far as it is known; 0 if it is not.
        end: time stamp at which the file says that the video ends; None if it does not say.
        pixel_aspect: width of an upright pixel by its height; None if unknown.
        notes: what the user should know about the clip, in sentences.
    """

    path: Path
    size: tuple[int, int]
    coding: Coding
    subsampling: tuple[int, int]
    time_base: Fraction
    rate: Fraction
    count: int = 0
    end: int | None = None
    pixel_aspect: Fraction | None = None
    notes: tuple[str, ...] = ()

    @property
    def step(self) -> int:
        """Usual difference of the time stamps of two frames in a row."""
        return max(round(1 / (self.rate * self.time_base)), 1)

    def missing(self, last: int) -> float:
        """Returns the seconds that are missing after a last frame at a time stamp; 0 for less than `TOLERANCE`."""
        short = 0.0 if self.end is None else float((self.end - last - self.step) * self.time_base)
        return short if short > TOLERANCE else 0.0

    @property
    def working_size(self) -> tuple[int, int]:
        """(height, width) at which motion is measured and colors are carried along."""
        return self._at_most(WORKING_SIZE)

    @property
    def seen_size(self) -> tuple[int, int]:
        """(height, width) of the picture that the network gets."""
        return self._at_most(SEEN_SIZE)

    def _at_most(self, longest: int) -> tuple[int, int]:
        scale = min(longest / max(self.size), 1)
        height, width = (max(round(side * scale), 1) for side in self.size)
        return height, width


class Motion(NamedTuple):
    """Motion between a frame and the one before it, at the working size.

    Attributes:
        back: `(h, w, 2)` float32: for every pixel of this frame, x and y of the step to its place in the one before.
        forth: the same from the frame before to this one.
        back_trust: `(h, w)` float32 in [0, 1]: how sure `back` is.
        forth_trust: the same for `forth`.
    """

    back: np.ndarray
    forth: np.ndarray
    back_trust: np.ndarray
    forth_trust: np.ndarray


@dataclass
class Frame:
    """A frame on its way; each stage fills in its part.

    Attributes:
        index: position in the clip, from 0.
        pts: time stamp, in units of the clip's time base.
        luma: `(H, W)` codes of luma, upright.
        chroma: codes of Cb and Cr, upright, at the size that the source has them in; only where they are asked for.
        photograph: the picture that the frame comes from, in folders of frames; else None.
        path: file of such a picture.
        small: `(h, w)` float32, luma in [0, 1] at the working size.
        first: whether it begins a shot.
        last: whether it ends a shot.
        position: position in its shot.
        is_key: whether the network sees it.
        ends_segment: whether the segment of the output is closed after it.
        motion: motion from the frame before; None at the beginning of a shot, and where nothing is carried along.
        predicted: `(h, w, 2)` ab that the network predicts; for key frames.
        ab: `(h, w, 2)` float32, the colors to write, at the working size.
        memory: what the next segment goes on from, a `steadying.Memory`; None at the end of a shot.
    """

    index: int
    pts: int
    luma: np.ndarray
    chroma: tuple[np.ndarray, np.ndarray] | None = None
    photograph: Photograph | None = None
    path: Path | None = None
    small: np.ndarray = field(default=None, repr=False)
    first: bool = False
    last: bool = False
    position: int = 0
    is_key: bool = False
    ends_segment: bool = False
    motion: Motion | None = None
    predicted: np.ndarray | None = None
    ab: np.ndarray | None = None
    memory: object = None


def with_small(frames: Iterable[Frame], clip: Clip) -> Iterator[Frame]:
    """Fills in `small`."""
    for frame in frames:
        frame.small = shrunk(frame, clip.working_size, clip)
        yield frame


def shrunk(frame: Frame, size: tuple[int, int], clip: Clip) -> np.ndarray:
    """Returns the luma of a frame at a smaller size (height, width), `(h, w)` float32 in [0, 1]."""
    height, width = size
    codes = cv2.resize(frame.luma, (width, height), interpolation=cv2.INTER_AREA).reshape(height, width)
    return unit_luma(codes, clip.coding)
