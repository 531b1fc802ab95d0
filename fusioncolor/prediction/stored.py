"""The plan and the outcomes of a large run in temporary files, so that their number does not matter to memory."""

import dataclasses
import json
from collections.abc import Callable, Iterable, Iterator, MutableMapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, Generic, TypeVar

from fusioncolor import files
from fusioncolor.prediction.plan import Task
from fusioncolor.prediction.summary import Outcome

Value = TypeVar("Value")


class Stored(MutableMapping[str, Value], Generic[Value]):
    """Values by name in a `Lookup`, each as text in JSON."""

    def __init__(
        self,
        lookup: files.Lookup,
        dump: Callable[[Value], Any] = lambda value: value,
        load: Callable[[Any], Value] = lambda value: value,
    ) -> None:
        """Begins.

        Args:
            lookup: where the text is.
            dump: makes a value ready for JSON.
            load: the way back.
        """
        self._lookup, self._dump, self._load = lookup, dump, load

    def __getitem__(self, name: str) -> Value:
        return self._load(json.loads(self._lookup[name]))

    def __setitem__(self, name: str, value: Value) -> None:
        self._lookup[name] = json.dumps(self._dump(value))

    def __delitem__(self, name: str) -> None:
        del self._lookup[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._lookup)

    def __len__(self) -> int:
        return len(self._lookup)


class StoredTasks(Sequence[Task]):
    """The photographs of a plan, in their order."""

    def __init__(self, lookup: files.Lookup, tasks: Iterable[Task]) -> None:
        """Stores the photographs."""
        self._lookup, self._stored = lookup, Stored(lookup, _as_json, _task)
        self._count = 0
        for task in tasks:
            self._stored[_key(self._count)] = task
            self._count += 1

    def __len__(self) -> int:
        return self._count

    def __iter__(self) -> Iterator[Task]:
        return (_task(json.loads(text)) for text in self._lookup.texts())

    def __getitem__(self, number: int) -> Task:
        if not 0 <= number < self._count:
            raise IndexError(number)
        return self._stored[_key(number)]


def _key(number: int) -> str:
    return f"{number:012}"


def _as_json(task: Task) -> list:
    truth = task.truth and str(task.truth)
    return [str(task.source), str(task.target), truth, task.renamed, [str(path) for path in task.hints]]


def _task(stored: list) -> Task:
    source, target, truth, renamed, hints = stored
    return Task(Path(source), Path(target), truth and Path(truth), renamed, tuple(map(Path, hints)))


class Store:
    """Dictionaries in a temporary folder."""

    def __init__(self, folder: Path, held: ExitStack) -> None:
        """Takes the folder, and what closes the dictionaries; call `store` instead."""
        self._folder, self._held = folder, held

    def text(self, name: str) -> files.Lookup:
        """Opens an empty dictionary for text."""
        return self._held.enter_context(files.lookup(self._folder / name))

    def entries(self, name: str) -> Stored[dict]:
        """Opens an empty dictionary for what is ready for JSON."""
        return Stored(self.text(name))

    def outcomes(self, name: str) -> Stored[Outcome]:
        """Opens an empty dictionary for outcomes."""
        return Stored(self.text(name), dataclasses.asdict, lambda fields: Outcome(**fields))

    def tasks(self, name: str, tasks: Iterable[Task]) -> StoredTasks:
        """Stores a plan."""
        return StoredTasks(self.text(name), tasks)


@contextmanager
def store() -> Iterator[Store]:
    """Opens a temporary folder for dictionaries, which is removed after the block."""
    with files.temporary_folder() as folder, ExitStack() as held:
        yield Store(folder, held)
