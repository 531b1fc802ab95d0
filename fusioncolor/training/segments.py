"""Stages of a training cut into calls of `fit`, from the beginning or from the middle."""

from collections.abc import Iterator
from dataclasses import dataclass

from fusioncolor.config import TrainConfig


@dataclass(frozen=True)
class Segment:
    """One call of `fit`: epochs at one size, or the rest of one epoch.

    Attributes:
        side: side in pixels of the square that the network sees; None: as it is.
        first: first epoch, from 0.
        end: epoch after the last one.
        step: step of the first epoch at which to begin; above 0, the segment is the rest of that epoch.
        new_side: whether nothing was trained at this size before.
    """

    side: int | None
    first: int
    end: int
    step: int
    new_side: bool


def segments_from(config: TrainConfig, epoch: int, step: int) -> Iterator[Segment]:
    """Yields the segments that are left.

    Args:
        config: options with the stages.
        epoch: epoch to begin in, from 0.
        step: step of that epoch to begin with.
    """
    end = 0
    for side, epochs in config.stages():
        first = end
        end += epochs
        if epoch <= first and not (epoch == first and step):
            yield Segment(side, first, end, 0, new_side=True)
        elif epoch < end:
            if step:
                yield Segment(side, epoch, epoch + 1, step, new_side=False)
            rest = epoch + bool(step)
            if rest < end:
                yield Segment(side, rest, end, 0, new_side=False)
