"""Progress, messages and warnings of long tasks, given to whoever called."""

import logging
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import TypeVar

Item = TypeVar("Item")

_LOGGER = logging.getLogger("fusioncolor")


class Bar:
    """A progress bar that is not drawn; subclass it to draw one."""

    def advance(self, count: int = 1) -> None:
        """Counts finished items."""

    def note(self, text: str) -> None:
        """Shows a short text behind the bar, such as the present loss."""

    def rename(self, label: str) -> None:
        """Changes the label."""


class Reporter:
    """Passes messages to `logging`, under the name "fusioncolor", and draws no progress bars.

    Subclass it to show them otherwise. Options in messages stand in backticks under their Python names.
    """

    def info(self, message: str) -> None:
        """Tells what is going on."""
        _LOGGER.info(message)

    def warning(self, message: str) -> None:
        """Tells what may not be as expected, though the task goes on."""
        _LOGGER.warning(message)

    def error(self, message: str) -> None:
        """Tells what failed, though the task goes on with the rest."""
        _LOGGER.error(message)

    @contextmanager
    def bar(self, label: str, total: int) -> Iterator[Bar]:
        """Opens a progress bar of `total` photographs, closed when the block ends."""
        yield Bar()

    def track(self, items: Iterable[Item], label: str, total: int) -> Iterator[Item]:
        """Passes items through, and shows how many of `total` have come."""
        with self.bar(label, total) as bar:
            for item in items:
                yield item
                bar.advance()


SILENT = Reporter()
