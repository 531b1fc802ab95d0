"""Text files that grow by whole lines, so that a kill loses at most the line that was being written."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, TextIO

_BLOCK = 1 << 16  # bytes


@dataclass(frozen=True)
class Journal:
    """An open journal."""

    _file: TextIO

    @property
    def lines(self) -> tuple[str, ...]:
        """The lines in the file, without their ends."""
        self._file.seek(0)
        return tuple(self._file.read().splitlines())

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
    with open(path, "ab+") as file:
        file.truncate(_whole(file))
    with open(path, "a+", encoding="utf-8", errors="surrogateescape") as file:
        yield Journal(file)


def _whole(file: BinaryIO) -> int:
    """Returns the number of bytes in whole lines."""
    end = file.seek(0, os.SEEK_END)
    while end:
        start = max(end - _BLOCK, 0)
        file.seek(start)
        last = file.read(end - start).rfind(b"\n")
        if last >= 0:
            return start + last + 1
        end = start
    return 0
