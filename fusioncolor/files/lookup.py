"""A dictionary on disk, so that memory does not grow with what is looked up."""

import sqlite3
import threading
from collections.abc import Iterator, MutableMapping
from contextlib import contextmanager
from pathlib import Path


class Lookup(MutableMapping[str, str]):
    """Text by name, in a temporary file.

    Several threads may use it. Names and text may hold the surrogates by which Python keeps undecodable file names.
    """

    def __init__(self, database: sqlite3.Connection) -> None:
        """Takes an open database; call `lookup` instead."""
        self._database = database
        self._one_at_a_time = threading.Lock()
        self._run("CREATE TABLE entries (name BLOB PRIMARY KEY, text BLOB) WITHOUT ROWID")

    def __setitem__(self, name: str, text: str) -> None:
        self._run("INSERT OR REPLACE INTO entries VALUES (?, ?)", _stored(name), _stored(text))

    def __getitem__(self, name: str) -> str:
        found = self._run("SELECT text FROM entries WHERE name = ?", _stored(name))
        if not found:
            raise KeyError(name)
        return _restored(found[0][0])

    def __delitem__(self, name: str) -> None:
        self[name]
        self._run("DELETE FROM entries WHERE name = ?", _stored(name))

    def __iter__(self) -> Iterator[str]:
        """Yields the names, sorted by their bytes."""
        return (_restored(name) for name, _ in self._rows())

    def texts(self) -> Iterator[str]:
        """Yields the texts in the order of their names, which is quicker than looking each up."""
        return (_restored(text) for _, text in self._rows())

    def _rows(self) -> Iterator[tuple[bytes, bytes]]:
        last = b""
        while found := self._run("SELECT name, text FROM entries WHERE name > ? ORDER BY name LIMIT 100", last):
            yield from found
            last = found[-1][0]

    def __len__(self) -> int:
        return self._run("SELECT COUNT(*) FROM entries")[0][0]

    def close(self) -> None:
        """Closes the file, once no other thread uses it; after this, using it is an error."""
        with self._one_at_a_time:
            self._database.close()

    def _run(self, statement: str, *values: bytes) -> list[tuple]:
        with self._one_at_a_time:
            return self._database.execute(statement, values).fetchall()


@contextmanager
def lookup(file: Path) -> Iterator[Lookup]:
    """Opens an empty dictionary in a new file.

    Args:
        file: the file; it is not removed.
    """
    database = sqlite3.connect(file, isolation_level=None, check_same_thread=False)
    for setting in ("journal_mode = OFF", "synchronous = OFF", "cache_size = -4000"):  # 4 MB; worthless later
        database.execute(f"PRAGMA {setting}")
    opened = Lookup(database)
    database.execute("BEGIN")  # never committed: otherwise every entry is written to the file at once
    try:
        yield opened
    finally:
        opened.close()


def _stored(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")


def _restored(content: bytes) -> str:
    return content.decode("utf-8", "surrogateescape")
