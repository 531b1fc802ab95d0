"""Which results in an output folder are finished: a line for each, so that a rerun of the same command does the rest.

One line of JSON per finished photograph is appended to `.fusioncolor.jsonl` in the output folder. A line that was cut
short by a kill is dropped, and so are files that were being written. The file is locked while a command writes to the
folder; the lock goes with the process, however it ends.
"""

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from fusioncolor.errors import InputError
from fusioncolor.files import TEMPORARY
from fusioncolor.files.locks import locked
from fusioncolor.prediction.plan import Task

FILE = ".fusioncolor.jsonl"


class Manifest:
    """The finished results of an output folder."""

    def __init__(self, output: Path, file, settings: str) -> None:
        """Reads what was done before; use `opened`."""
        self._output, self._file, self._settings = output, file, settings
        file.seek(0)
        whole = file.read()
        kept = whole[: whole.rfind("\n") + 1]
        if kept != whole:
            file.truncate(len(kept.encode("utf-8", "surrogateescape")))
        self._done: dict[str, dict] = {}
        for line in kept.splitlines():
            with suppress(ValueError, KeyError, TypeError):  # damaged by somebody: that photograph is done again
                entry = json.loads(line)
                self._done[entry["result"]] = entry

    def is_done(self, task: Task) -> bool:
        """Whether the result is there, made from this very input with the same settings, and of the size it had."""
        entry = self._done.get(self._name(task))
        if entry is None or entry.get("settings") != self._settings:
            return False
        try:
            return entry.get("bytes") == task.target.stat().st_size and entry.get("input") == fingerprint(task.source)
        except OSError:
            return False

    def record(self, task: Task, seen: str) -> None:
        """Notes that the result is finished, unless it has gone meanwhile; `seen` is the input's fingerprint then."""
        try:
            facts = {"input": seen, "bytes": task.target.stat().st_size}
        except OSError:
            return
        entry = {"result": self._name(task), "settings": self._settings, **facts}
        if self._done.get(entry["result"]) != entry:
            self._done[entry["result"]] = entry
            self._file.write(json.dumps(entry) + "\n")
            self._file.flush()

    def _name(self, task: Task) -> str:
        return task.target.relative_to(self._output).as_posix()


@contextmanager
def opened(output: Path, settings: str) -> Iterator[Manifest]:
    """The manifest of an output folder, which is made, locked, and freed of half-written files.

    Args:
        output: the folder.
        settings: fingerprint of all that decides what a result looks like.

    Raises:
        InputError: the folder cannot be written to, or another command writes to it.
    """
    sentence = f"another command is writing to {output}: wait for it, or give another `output`"
    try:
        output.mkdir(parents=True, exist_ok=True)
        file = open(output / FILE, "a+", encoding="utf-8", errors="surrogateescape")  # noqa: SIM115 - closed below
    except OSError as error:
        raise InputError(f"cannot write to {output}: {error.strerror}; give another `output`") from error
    with file, locked(output / FILE, sentence):
        for parent, folders, names in os.walk(output):
            folders[:] = [name for name in folders if not (Path(parent) / name / FILE).exists()]  # another command's
            for name in names:
                if TEMPORARY.fullmatch(name):
                    (Path(parent) / name).unlink(missing_ok=True)
        yield Manifest(output, file, settings)


def fingerprint(path: Path) -> str:
    """Tells whether a file is the one it was: its size and time of change; empty if it is not there."""
    try:
        facts = path.stat()
    except OSError:
        return ""
    return f"{facts.st_size}-{facts.st_mtime_ns}"
