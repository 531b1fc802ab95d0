"""The part of each batch that one of several processes reads."""

from typing import NamedTuple


class Share(NamedTuple):
    """An equal part of every batch.

    Attributes:
        index: number of the process, from 0.
        count: number of processes.
    """

    index: int = 0
    count: int = 1

    def part(self, places: slice) -> slice:
        """Returns the places of this process among those of a batch, whose number is a multiple of `count`."""
        each = (places.stop - places.start) // self.count
        return slice(places.start + self.index * each, places.start + (self.index + 1) * each)
