"""A folder run on the machines of a cluster: paths go to workers, which read, colorize and write; outcomes come back.

The driver alone keeps the manifest. A photograph that is colorized twice, because a worker died before it could say so,
gets the same bytes again, written beside and renamed: it is as if it had been colorized once.
"""

import functools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from fusioncolor.config import PredictConfig
from fusioncolor.prediction import manifest, summary
from fusioncolor.prediction.coloring import FolderRun, Reached
from fusioncolor.prediction.manifest import Manifest
from fusioncolor.prediction.plan import Task
from fusioncolor.prediction.summary import Outcome
from fusioncolor.runtime.cluster import Cluster, rounds
from fusioncolor.runtime.interrupts import Interrupt

Job = list[tuple[int, tuple[Task, bool]]]
"""Photographs by number, and whether their results are finished and only files beside them are missing."""


@dataclass(frozen=True)
class _Answer:
    """What a worker says about a photograph.

    Attributes:
        number: its number in the plan.
        outcome: its outcome.
        stamp: stamp of the input, taken before it was read.
        size: bytes of the result.
        toned: its file, if it was taken for a gray one because it has one hue only.
    """

    number: int
    outcome: Outcome
    stamp: str = ""
    size: int | None = None
    toned: Path | None = None


class ClusterRun:
    """Colorizes the photographs of a plan on a cluster; there is no grid.

    Attributes:
        columns: none, because there is no grid.
    """

    columns = ()

    def __init__(self, config: PredictConfig, planned: Sequence[Task], cluster: Cluster) -> None:
        """Prepares a run.

        Args:
            config: the options.
            planned: the photographs.
            cluster: where to work.
        """
        self._config, self._planned, self._cluster = config, planned, cluster

    def through(self, finished: Manifest, interrupt: Interrupt) -> Iterator[Reached]:
        """Colorizes photographs and writes the results.

        Args:
            finished: results of earlier runs, which are skipped; new results are recorded there.
            interrupt: once it is requested, the run ends; photographs in the hands of workers may be written, but are
                not recorded.

        Yields:
            Each photograph with its outcome, in any order.

        Raises:
            InputError: a model cannot be loaded, or the machines of the cluster differ.
            ResourceError: a disk is full, memory ran out, or the cluster cannot run workers.
        """
        wanted = _Wanted(self._planned)
        for number, task in enumerate(self._planned):
            done = self._config.skip_existing and finished.is_done(task)
            if done and not self._config.sidecar and not self._config.side_by_side:
                yield Reached(summary.skipped(task, finished.facts(task)))
            else:
                wanted.add(number, done=done)
        start, batch = functools.partial(ColorizingWorker, self._config), self._config.batch_size
        for answer in rounds(self._cluster, start, wanted, batch=batch, stopped=lambda: interrupt.requested):
            if answer.number in wanted:
                yield self._reached(answer, *wanted.pop(answer.number), finished)
        if interrupt.requested:
            return
        for task, _ in wanted.values():
            reason = f"{task.source}: each worker that tried to colorize it died, perhaps for lack of memory"
            yield Reached(Outcome(str(task.source), str(task.target), "failed", reason=reason))
        manifest.remove_temporary(self._config.output)  # of workers that died

    def _reached(self, answer: _Answer, task: Task, done: bool, finished: Manifest) -> Reached:
        if answer.outcome.status == "failed":
            return Reached(answer.outcome)
        if done:
            return Reached(summary.skipped(task, finished.facts(task)), toned=answer.toned)
        finished.record(task, answer.stamp, answer.outcome.facts(), size=answer.size)
        return Reached(answer.outcome, toned=answer.toned)


class _Wanted(Mapping[int, tuple[Task, bool]]):
    """The photographs that are to be sent to workers, by number; a byte of memory for each photograph of the plan."""

    _NO, _WHOLE, _BESIDE = range(3)  # not, or no longer; to colorize; only files beside the result are missing

    def __init__(self, planned: Sequence[Task]) -> None:
        """Begins without photographs."""
        self._planned, self._states, self._count = planned, bytearray(len(planned)), 0

    def add(self, number: int, *, done: bool) -> None:
        """Adds a photograph of the plan; `done` if its result is finished, and only files beside it are missing."""
        self._states[number] = self._BESIDE if done else self._WHOLE
        self._count += 1

    def pop(self, number: int) -> tuple[Task, bool]:
        """Returns a photograph, which is wanted no longer."""
        item = self[number]
        self._states[number] = self._NO
        self._count -= 1
        return item

    def __getitem__(self, number: int) -> tuple[Task, bool]:
        if self._states[number] == self._NO:
            raise KeyError(number)
        return self._planned[number], self._states[number] == self._BESIDE

    def __iter__(self) -> Iterator[int]:
        return (number for number, state in enumerate(self._states) if state != self._NO)

    def __len__(self) -> int:
        return self._count


class ColorizingWorker:
    """Colorizes jobs in a process of a cluster; models are loaded once."""

    def __init__(self, config: PredictConfig) -> None:
        """Prepares for the given options."""
        self._config = config
        self._session = None

    def __call__(self, job: Job) -> Iterator[_Answer]:
        """Colorizes the photographs of a job.

        Raises:
            InputError: a model cannot be loaded.
            ResourceError: the disk is full, or memory ran out.
        """
        planned = {str(task.target): (number, task) for number, (task, _) in job}
        run = FolderRun(self._config, [task for _, (task, _) in job], session=self._session)
        notes = _Notes({task.target for _, (task, done) in job if done})
        for outcome, _, toned in run.through(notes, Interrupt()):
            number, task = planned[outcome.result]
            stamp, size = notes.recorded.get(task.target, ("", None))
            yield _Answer(number, outcome, stamp, size, toned)
        self._session = run.loaded


class _Notes:
    """Stands in for a manifest in a worker: knows what is finished, and keeps what is to be recorded.

    Attributes:
        recorded: stamp of the input and bytes of the result, by path of the result.
    """

    def __init__(self, done: set[Path]) -> None:
        self.recorded: dict[Path, tuple[str, int | None]] = {}
        self._done = done

    def is_done(self, task: Task) -> bool:
        return task.target in self._done

    def facts(self, task: Task) -> dict[str, object]:
        return {}

    def record(self, task: Task, seen: str, facts: dict[str, object] | None = None) -> None:
        self.recorded[task.target] = (seen, manifest.size_of(task))
