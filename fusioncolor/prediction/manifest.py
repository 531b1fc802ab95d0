"""Which results in an output folder are finished: a line for each, so that a rerun of the same command does the rest.

One line of JSON per finished photograph is appended to `.fusioncolor.jsonl` in the output folder. A line that was cut
short by a kill is dropped, and so are files that were being written. The file is locked while a command writes to the
folder; the lock goes with the process, however it ends.
"""

import json
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

from fusioncolor import files
from fusioncolor.errors import InputError
from fusioncolor.prediction.plan import Task

FILE = ".fusioncolor.jsonl"


class Manifest:
    """The finished results of an output folder."""

    def __init__(self, output: Path, journal: files.Journal, settings: str) -> None:
        """Reads the results of earlier runs; use `opened`."""
        self._output = output
        self._journal = journal
        self._settings = settings
        self._done: dict[str, dict] = {}
        for line in journal.lines:
            with suppress(ValueError, KeyError, TypeError):  # a damaged line: that photograph is done again
                entry = json.loads(line)
                self._done[entry["result"]] = entry

    def is_done(self, task: Task) -> bool:
        """Whether the result is there, made from this very input with the same settings, and of the size it had."""
        entry = self._done.get(self._name(task))
        if entry is None or entry.get("settings") != self._settings:
            return False
        try:
            return entry.get("bytes") == task.target.stat().st_size and entry.get("input") == files.fingerprint(
                task.source
            )
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
            self._journal.append(json.dumps(entry))

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
    with ExitStack() as held:
        try:
            files.make_folder(output)
            held.enter_context(files.locked(output / FILE, sentence))
            journal = held.enter_context(files.journal(output / FILE))
        except OSError as error:
            raise InputError(f"cannot write to {output}: {error.strerror}; give another `output`") from error
        files.remove_temporary(output, skip=lambda folder: (folder / FILE).exists())  # another command writes there
        yield Manifest(output, journal, settings)
