"""Text files that grow by whole lines, so that a kill loses at most the line that was being written."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO


@dataclass(frozen=True)
class Journal:
    """An open journal.

    Attributes:
        lines: complete lines that were in the file when it was opened, without their line ends.
    """

    lines: tuple[str, ...]
    _file: TextIO

    def append(self, line: str) -> None:
        """Adds a line, which must hold no line end, and hands it to the operating system at once."""
        self._file.write(line + "\n")
        self._file.flush()


@contextmanager
def journal(path: Path) -> Iterator[Journal]:
    """Opens a journal, which is created if need be; a last line that was cut short by a kill is dropped.

    Raises:
        OSError: the file cannot be written to.
    """
    with open(path, "a+", encoding="utf-8", errors="surrogateescape") as file:
        file.seek(0)
        whole = file.read()
        kept = whole[: whole.rfind("\n") + 1]
        if kept != whole:
            file.truncate(len(kept.encode("utf-8", "surrogateescape")))
        yield Journal(tuple(kept.splitlines()), file)
