"""Where results go when photographs or results are at addresses: a folder of this machine, or an object store.

In a store, whole objects are put, and after each of them the record of it. The record is a set of small objects in
`.fusioncolor/` below the output, lines of JSON as in the manifest of a folder. A store has no locks: two commands that
write the same results do the work twice, and still every object is whole.
"""

import datetime
import json
import secrets
import threading
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path, PurePath
from typing import Protocol

from fusioncolor import files
from fusioncolor.addresses import Location
from fusioncolor.errors import FusionColorError, InputError
from fusioncolor.prediction import manifest
from fusioncolor.prediction.sources import Item

RECORDS = ".fusioncolor"  # folder of the records in a store
_MOST = 1000  # lines in a record, which is put anew for each of them
_READERS = 16  # threads that read records


class Results(Protocol):
    """The results of this run and of earlier ones.

    Attributes:
        folder: local folder to write results to, with the names they are to have.
        owners: results of earlier runs, case-folded, and the identities of their photographs.
    """

    folder: Path
    owners: Mapping[str, str]

    def is_done(self, name: PurePath, item: Item) -> bool:
        """Returns whether a result exists unchanged and was made from the same input with the same settings."""

    def facts(self, name: PurePath) -> dict[str, object]:
        """Returns what was recorded about a finished result."""

    def begin(self) -> None:
        """Makes sure that results can be written."""

    def keep(self, written: Sequence[Path]) -> None:
        """Brings files of the folder to where they belong; may be called from several threads."""

    def record(self, name: PurePath, item: Item, size: int, facts: dict[str, object]) -> None:
        """Records a finished result that was kept; may be called from several threads."""


@contextmanager
def opened(
    output: Location, settings: str, *, part: str, work: Path, companions: Sequence[str] = ()
) -> Iterator[Results]:
    """Opens the results at a path or an address.

    Args:
        output: the folder.
        settings: hash of everything that determines a result, apart from the input.
        part: label of the part of the photographs that is done; empty for all.
        work: folder for temporary files.
        companions: patterns of the names of files that belong to each result, such as "{}.json".

    Raises:
        InputError: the folder or its address cannot be used.
        ResourceError: the network failed.
    """
    if isinstance(output, Path):
        with manifest.opened(output, settings, part=part) as finished:
            yield _InFolder(output, finished)
        return
    if output.scheme not in files.WRITABLE:
        raise InputError(
            f"cannot write to {output}: results go to a folder, or to an address of the kinds "
            f"{', '.join(f'{one}://' for one in files.WRITABLE)}"
        )
    folder = work / "results"
    files.make_folder(folder)
    with files.lookup(work / "known") as known, files.lookup(work / "present") as present:
        results = _InStore(folder, files.opened_store(output), settings, known, present, companions)
        try:
            yield results
        finally:
            results.close()


@dataclass(frozen=True)
class _Planned:
    """A photograph and its result, as the manifest of a folder knows them."""

    item: Item
    target: Path

    @property
    def source(self) -> Location:
        return self.item.source

    def stamp(self) -> str:
        return self.item.stamp()


class _InFolder:
    """Results in a folder of this machine, which are written there at once."""

    def __init__(self, folder: Path, finished: manifest.Manifest) -> None:
        self.folder = folder
        self.owners = manifest.owners(folder)
        self._finished = finished
        self._one_at_a_time = threading.Lock()

    def is_done(self, name: PurePath, item: Item) -> bool:
        return self._finished.is_done(self._planned(name, item))

    def facts(self, name: PurePath) -> dict[str, object]:
        return self._finished.facts(_Planned(None, self.folder / name))

    def begin(self) -> None:
        """Nothing: the manifest is open."""

    def keep(self, written: Sequence[Path]) -> None:
        """Nothing: the files are where they belong."""

    def record(self, name: PurePath, item: Item, size: int, facts: dict[str, object]) -> None:
        with self._one_at_a_time:
            self._finished.record(self._planned(name, item), item.stamp(), facts)

    def _planned(self, name: PurePath, item: Item) -> _Planned:
        return _Planned(item, self.folder / name)


class _InStore:
    """Results in an object store."""

    def __init__(
        self,
        folder: Path,
        store: files.Store,
        settings: str,
        known: files.Lookup,
        present: files.Lookup,
        companions: Sequence[str],
    ) -> None:
        self.folder, self._store, self._settings = folder, store, settings
        self._known, self._present, self._companions = known, present, companions
        self._records = files.opened_store(store.address.child(RECORDS))
        self._read_records()
        self.owners = _Owners(known, present)
        self._record: _Record | None = None

    def is_done(self, name: PurePath, item: Item) -> bool:
        entry = self._entry(name)
        if entry.get("settings") != self._settings or self._present.get(_key(name)) != str(entry.get("bytes")):
            return False
        if any(pattern.format(name).casefold() not in self._present for pattern in self._companions):
            return False
        with suppress(InputError):
            return entry.get("source") == item.identity and entry.get("input") == item.stamp()
        return False

    def facts(self, name: PurePath) -> dict[str, object]:
        return self._entry(name).get("facts", {})

    def begin(self) -> None:
        self._record = _Record(self._records)

    def keep(self, written: Sequence[Path]) -> None:
        for path in written:
            self._store.put(path, path.relative_to(self.folder).as_posix())
            files.remove(path)

    def record(self, name: PurePath, item: Item, size: int, facts: dict[str, object]) -> None:
        entry = {"result": name.as_posix(), "source": item.identity, "settings": self._settings}
        self._record.append(json.dumps(entry | {"input": item.stamp(), "bytes": size, "facts": facts}))

    def close(self) -> None:
        """Puts what is not recorded yet."""
        if self._record:
            self._record.close()

    def _entry(self, name: PurePath) -> dict:
        return json.loads(self._known.get(_key(name), "{}"))

    def _read_records(self) -> None:
        """Reads all records, and if there is one, lists the results."""
        names = sorted(entry.name for entry in self._records.entries() if entry.name.endswith(".jsonl"))
        with ThreadPoolExecutor(_READERS) as pool:
            for start in range(0, len(names), _READERS):
                for content in pool.map(self._records.read, names[start : start + _READERS]):
                    self._add_lines(content.decode("utf-8", "surrogateescape"))
        for entry in self._store.entries() if len(self._known) else ():
            self._present[entry.name.casefold()] = str(entry.size)

    def _add_lines(self, text: str) -> None:
        for line in text.splitlines():
            with suppress(ValueError, KeyError, TypeError, AttributeError):  # damaged: that one is colorized again
                self._known[json.loads(line)["result"].casefold()] = line


def _key(name: PurePath) -> str:
    return name.as_posix().casefold()


class _Owners(Mapping[str, str]):
    """The identities of the photographs of the results that are in a store, by their names."""

    def __init__(self, known: files.Lookup, present: files.Lookup) -> None:
        self._known, self._present = known, present

    def __getitem__(self, name: str) -> str:
        if name not in self._present:
            raise KeyError(name)
        return json.loads(self._known[name])["source"]

    def __iter__(self) -> Iterator[str]:
        return (name for name in self._known if name in self._present)

    def __len__(self) -> int:
        return sum(1 for _ in self)


class _Record:
    """Lines that a thread puts into a store, all of a record at a time, as soon as the previous put is over."""

    def __init__(self, store: files.Store) -> None:
        """Puts an empty record, which shows whether the store can be written to."""
        self._store = store
        self._run = f"{datetime.datetime.now(datetime.UTC):%Y%m%dT%H%M%S.%f}-{secrets.token_hex(4)}"
        self._lines: list[str] = []
        self._put, self._number = 0, 1  # lines of the present record that are put, and its number
        self._error: FusionColorError | None = None
        self._closed = False
        self._changed = threading.Condition()
        store.put_bytes(b"", self._name())
        self._thread = threading.Thread(target=self._work, daemon=True)
        self._thread.start()

    def append(self, line: str) -> None:
        """Adds a line, which will be put soon.

        Raises:
            FusionColorError: an earlier line could not be put.
        """
        with self._changed:
            if self._error:
                raise self._error
            self._lines.append(line)
            self._changed.notify()

    def close(self) -> None:
        """Waits until all lines are put.

        Raises:
            FusionColorError: a line could not be put.
        """
        with self._changed:
            self._closed = True
            self._changed.notify()
        self._thread.join()
        if self._error:
            raise self._error

    def _name(self) -> str:
        return f"{self._run}-{self._number:06}.jsonl"

    def _work(self) -> None:
        while lines := self._changed_lines():
            try:
                self._store.put_bytes("".join(f"{line}\n" for line in lines).encode(), self._name())
            except FusionColorError as error:
                self._error = error
                return
            self._put = len(lines)
            if self._put == _MOST:
                with self._changed:
                    del self._lines[:_MOST]
                self._put, self._number = 0, self._number + 1

    def _changed_lines(self) -> list[str]:
        """Waits for new lines; returns all of the present record, or none once it is closed."""
        with self._changed:
            self._changed.wait_for(lambda: self._closed or len(self._lines) > self._put)
            return self._lines[:_MOST] if len(self._lines) > self._put else []
