"""Progress, messages and warnings of long tasks, passed to the caller."""

import logging
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import TypeVar

Item = TypeVar("Item")

_LOGGER = logging.getLogger("fusioncolor")
_LOGGER.addHandler(logging.NullHandler())  # nothing is printed unless the application sets logging up


class Bar:
    """A progress bar that is not drawn; subclass it to draw one."""

    def advance(self, count: int = 1) -> None:
        """Counts finished items."""

    def note(self, text: str) -> None:
        """Shows a short text after the bar, such as the current loss."""

    def rename(self, label: str) -> None:
        """Changes the label."""


class Reporter:
    """Sends messages to the logger "fusioncolor" and draws no progress bars.

    Subclass it to show them in another way. Options in messages are in backticks, by field name.
    """

    def detail(self, message: str) -> None:
        """Reports what few want to know."""
        _LOGGER.debug(message)

    def info(self, message: str) -> None:
        """Reports progress in words."""
        _LOGGER.info(message)

    def warning(self, message: str) -> None:
        """Reports something unexpected that does not stop the task."""
        _LOGGER.warning(message)

    def error(self, message: str) -> None:
        """Reports the failure of one item; the task continues with the rest."""
        _LOGGER.error(message)

    @contextmanager
    def bar(self, label: str, total: int | None, *, unit: str = "img") -> Iterator[Bar]:
        """Opens a progress bar for `total` photographs, or as much of another unit; closes it after the block.

        The total is None where it is not known.
        """
        yield Bar()

    def track(self, items: Iterable[Item], label: str, total: int | None, *, unit: str = "img") -> Iterator[Item]:
        """Yields the items and shows a progress bar of `total`, as `bar` does."""
        with self.bar(label, total, unit=unit) as bar:
            for item in items:
                yield item
                bar.advance()


SILENT = Reporter()
