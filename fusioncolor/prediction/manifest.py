"""Record of the finished results in an output folder, so that a rerun of the same command does only the rest.

One line of JSON per finished photograph is appended to `.fusioncolor.jsonl` in the output folder. A line that a kill
cut short is ignored, and half-written files are removed. The file is locked while a command writes to the folder; the
lock ends with the process, however it ends.

A command that does a part of the photographs has a record of its own, `.fusioncolor-03-of-16.jsonl`, locks that, and
shares the lock of the folder with the other parts. Every command reads all records.
"""

import json
import os
from collections.abc import Callable, Iterator, MutableMapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Protocol

from fusioncolor import files
from fusioncolor.addresses import Address, Location
from fusioncolor.errors import InputError

FILE = ".fusioncolor.jsonl"
_FILES = ".fusioncolor*.jsonl"  # the records of all parts, and of the whole


class Planned(Protocol):
    """The files of a photograph: `source`, and `target` for the result."""

    source: Location
    target: Path

    def stamp(self) -> str:
        """Returns a stamp of everything that is read to make the result."""


def identity(source: Location) -> str:
    """Returns the name by which a manifest knows a photograph: its path, without links, or its address."""
    return str(source) if isinstance(source, Address) else os.path.realpath(source)


def owners(output: Path, into: MutableMapping[str, str] | None = None) -> MutableMapping[str, str]:
    """Returns whose results are in an output folder: the `identity` of a photograph by the name of its result.

    Names are case-folded, as some file systems take `a.jpg` and `A.JPG` for the same file. Empty without a manifest.

    Args:
        output: the folder.
        into: receives them, and is returned; None for a new dictionary.
    """
    found = {} if into is None else into
    for entry in _lines(output):
        if "source" in entry and (output / entry["result"]).exists():
            found[entry["result"].casefold()] = entry["source"]
    return found


def entries(
    output: Path,
    into: MutableMapping[str, dict] | None = None,
    *,
    wanted: Callable[[str], bool] = lambda result: True,
) -> MutableMapping[str, dict]:
    """Reads the records in an output folder: by name of each wanted result, its "source", "facts", and more.

    Args:
        output: the folder.
        into: receives them, and is returned; None for a new dictionary.
        wanted: tells by its name whether a result is wanted.
    """
    found = {} if into is None else into
    for entry in _lines(output):
        if wanted(entry["result"]):
            found[entry["result"]] = entry
    return found


def _lines(output: Path) -> Iterator[dict]:
    """Yields the records in an output folder, of which the last one about a result counts."""
    for file in sorted(output.glob(_FILES), key=lambda path: path.stat().st_mtime_ns):  # the newest entry counts
        with suppress(OSError), open(file, encoding="utf-8", errors="surrogateescape", newline="\n") as lines:
            for line in lines:
                entry = None
                with suppress(ValueError):  # damaged: that photograph is colorized again
                    entry = json.loads(line)
                if isinstance(entry, dict) and isinstance(entry.get("result"), str):
                    yield entry


def size_of(task: Planned) -> int | None:
    """Returns the size of a result in bytes; None if there is none."""
    try:
        return task.target.stat().st_size
    except OSError:
        return None


class Manifest:
    """The finished results of an output folder."""

    def __init__(self, output: Path, journal: files.Journal, settings: str, done: MutableMapping[str, dict]) -> None:
        """Takes the results of earlier runs; call `opened` instead.

        Args:
            output: the output folder.
            journal: its open record.
            settings: hash of everything that determines a result, apart from the input.
            done: entries of finished results, by their names.
        """
        self._output = output
        self._journal = journal
        self._settings = settings
        self._done = done

    def is_done(self, task: Planned) -> bool:
        """Returns whether the result exists unchanged and was made from the same input with the same settings."""
        entry = self._done.get(self._name(task))
        if entry is None or entry.get("settings") != self._settings:
            return False
        try:
            complete = entry.get("bytes") == task.target.stat().st_size
            return complete and entry.get("input") == task.stamp()
        except OSError:
            return False

    def facts(self, task: Planned) -> dict[str, object]:
        """Returns what was recorded about a finished result."""
        return self._done.get(self._name(task), {}).get("facts", {})

    def record(
        self, task: Planned, seen: str, facts: dict[str, object] | None = None, *, size: int | None = None
    ) -> None:
        """Records a finished result, unless its file has disappeared.

        Args:
            task: the photograph.
            seen: stamp of the input, taken before it was read.
            facts: what a report of a later run says about it, ready for JSON.
            size: bytes of the result, if whoever wrote it has told; None to look.
        """
        if size is None:
            size = size_of(task)
        if size is None:
            return
        entry = {"result": self._name(task), "source": identity(task.source), "settings": self._settings}
        entry |= {"input": seen, "bytes": size, "facts": facts or {}}
        if self._done.get(entry["result"]) != entry:
            self._done[entry["result"]] = entry
            self._journal.append(json.dumps(entry))

    def _name(self, task: Planned) -> str:
        return task.target.relative_to(self._output).as_posix()


@contextmanager
def opened(
    output: Path,
    settings: str,
    *,
    part: str = "",
    planned: Sequence[Planned] | None = None,
    into: MutableMapping[str, dict] | None = None,
) -> Iterator[Manifest]:
    """Opens the manifest of an output folder; creates and locks the folder and removes half-written files.

    On a file system without locks these stay, as another command may be writing them.

    Args:
        output: the folder.
        settings: hash of everything that determines a result, apart from the input.
        part: label of the part of the photographs, whose record is opened; empty for all photographs.
        planned: the photographs of the part; only their entries are kept in memory. None: all entries are.
        into: empty; takes the entries in place of memory, if all photographs are done.

    Raises:
        InputError: the folder cannot be written to, another command writes to it, or another one does the same part.
    """
    with ExitStack() as held:
        try:
            files.make_folder(output)
            record, alone = _locked(held, output, part)
            journal = held.enter_context(files.journal(record))
        except OSError as error:
            raise InputError(f"cannot write to {output}: {error.strerror}; give another `output`") from error
        if part and planned is None:
            if alone:
                files.remove_temporary_in(output, part)
            yield Manifest(output, journal, settings, entries(output))
        elif part:
            names = {task.target.relative_to(output).as_posix() for task in planned}
            if alone:
                files.remove_temporary_of(part, {task.target.parent for task in planned})
            yield Manifest(output, journal, settings, entries(output, wanted=names.__contains__))
        else:
            if alone:
                remove_temporary(output)
            yield Manifest(output, journal, settings, entries(output, into))


def remove_temporary(output: Path) -> None:
    """Removes half-written files in an output folder, but not in folders inside that are others' output folders."""
    files.remove_temporary(output, skip=lambda folder: (folder / FILE).exists())


def _locked(held: ExitStack, output: Path, part: str) -> tuple[Path, bool]:
    """Locks the folder for a command, or for all parts and the part.

    Returns:
        The record, and whether others are kept out of it.
    """
    sentence = f"another command is writing to {output}: wait for it, or give another `output`"
    alone = held.enter_context(files.locked(output / FILE, sentence, shared=bool(part)))
    if not part:
        return output / FILE, alone
    record = output / FILE.replace(".jsonl", f"-{part}.jsonl")
    sentence = f"another command is colorizing the same `shard` to {output}: wait for it, or do another part"
    return record, held.enter_context(files.locked(record, sentence))
