"""A folder run on the machines of a cluster: paths go to workers, which read, colorize and write; outcomes come back.

The driver alone keeps the manifest. A photograph that is colorized twice, because a worker died before it could say so,
gets the same bytes again, written beside and renamed: it is as if it had been colorized once.
"""

import functools
from collections.abc import Iterator, Sequence
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
        toned: whether it was taken for a gray one because it has one hue only.
    """

    number: int
    outcome: Outcome
    stamp: str = ""
    size: int | None = None
    toned: bool = False


class ClusterRun:
    """Colorizes the photographs of a plan on a cluster; there is no grid.

    Attributes:
        columns: none, because there is no grid.
        toned: photographs that were taken for gray ones because they have one hue only.
    """

    columns = ()

    def __init__(self, config: PredictConfig, planned: Sequence[Task], cluster: Cluster) -> None:
        """Prepares a run.

        Args:
            config: the options.
            planned: the photographs.
            cluster: where to work.
        """
        self.toned: list[Path] = []
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
        wanted: dict[int, tuple[Task, bool]] = {}
        for number, task in enumerate(self._planned):
            done = self._config.skip_existing and finished.is_done(task)
            if done and not self._config.sidecar and not self._config.side_by_side:
                yield Reached(summary.skipped(task, finished.facts(task)))
            else:
                wanted[number] = task, done
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
        if answer.toned:
            self.toned.append(task.source)
        if answer.outcome.status == "failed":
            return Reached(answer.outcome)
        if done:
            return Reached(summary.skipped(task, finished.facts(task)))
        finished.record(task, answer.stamp, answer.outcome.facts(), size=answer.size)
        return Reached(answer.outcome)


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
        for outcome, _ in run.through(notes, Interrupt()):
            number, task = planned[outcome.result]
            stamp, size = notes.recorded.get(task.target, ("", None))
            yield _Answer(number, outcome, stamp, size, task.source in run.toned)
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
