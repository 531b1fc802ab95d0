"""A run whose photographs, results, or report are at addresses: copies come and go while the network works."""

import dataclasses
import itertools
import json
import time
from collections import Counter, deque
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, closing, suppress
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from fusioncolor import files, hints
from fusioncolor.addresses import Address
from fusioncolor.config import PredictConfig
from fusioncolor.errors import FusionColorError, InputError, ResourceError
from fusioncolor.prediction import checks, plan, results, settings, sources, summary
from fusioncolor.prediction.coloring import FolderRun
from fusioncolor.prediction.companions import sidecar_of
from fusioncolor.prediction.plan import PAIRS, Task
from fusioncolor.prediction.sources import Item
from fusioncolor.prediction.summary import FolderResult, Outcome
from fusioncolor.runtime.interrupts import Interrupt
from fusioncolor.runtime.reporting import SILENT, Bar, Reporter
from fusioncolor.runtime.workers import ahead

_LISTED_AHEAD = 2000  # photographs
_TRANSFERS = 16  # threads that fetch, and as many that put
_WAITING = 32  # results that may wait to be put


def colorize(config: PredictConfig, stopping: str, *, reporter: Reporter = SILENT) -> FolderResult:
    """Colorizes photographs at addresses, or to an address; see `colorize_folder`.

    The result of a photograph has the bytes that it has in a run on folders.

    Args:
        config: the options.
        stopping: what to say after the first Ctrl-C.
        reporter: receives progress, warnings and failures.

    Raises:
        InputError: the weights, an option, or an address cannot be used.
        ResourceError: the network failed, the disk is full or memory ran out; the same call again does the rest.
    """
    start = time.perf_counter()
    if config.grid:
        raise InputError("`grid` needs photographs in folders of this machine: leave it out")
    if config.cluster:
        raise InputError("`cluster` is for files that all its machines see: for addresses, do parts with `shard`")
    checks.check(config, reporter)
    interrupt = Interrupt(lambda: reporter.warning(stopping))
    with ExitStack() as held:
        work = held.enter_context(files.temporary_folder())
        report = _Report(config, work, held.enter_context(files.lookup(work / "outcomes")))
        digest = settings.digest(settings.settings_of(config))
        part = config.part.label if config.part else ""
        kept = held.enter_context(
            results.opened(config.output, digest, part=part, work=work, companions=_companions(config))
        )
        taken = held.enter_context(files.lookup(work / "taken"))
        jobs = held.enter_context(closing(ahead(_jobs(config, kept, taken), _LISTED_AHEAD)))
        jobs = _checked(config, jobs)
        report.write()
        held.enter_context(interrupt.listening())
        with reporter.bar("colorizing", None) as bar:
            run = _Run(config, kept, work, report, interrupt, bar, reporter)
            try:
                run.through(jobs)
            except ResourceError as error:
                with suppress(FusionColorError):
                    report.write()
                done = report.counts["done"] + report.counts["skipped"]
                raise ResourceError(
                    f"{error}. {summary.counted(done)} are finished; run the same command again to finish the rest"
                ) from error
        if interrupt.requested and config.report:
            run.leave_open(jobs)
        report.write()
    seconds = time.perf_counter() - start
    return FolderResult(report.failed, seconds, interrupted=interrupt.requested, counts=report.counts)


@dataclass(frozen=True)
class _Job:
    """A photograph, and the name of its result below the output."""

    item: Item
    name: PurePosixPath
    number: int


def _companions(config: PredictConfig) -> list[str]:
    """Returns patterns of the names of the files that belong to each result."""
    return ["{}.json"] * config.sidecar + [f"{PAIRS}/{{}}"] * config.side_by_side


def _jobs(config: PredictConfig, kept: results.Results, taken: files.Lookup) -> Iterator[_Job]:
    """Yields the photographs of the part, with the names of their results."""
    names = plan.Names(config.format, ending=config.suffix, owners=kept.owners, taken=taken)
    for number, item in enumerate(sources.stream(config.photographs, exclude=config.output)):
        name, _ = names.choose(item.relative, item.top, item.identity)
        if config.side_by_side and name.parts[0] == PAIRS:
            raise InputError(f"there are photographs in {PAIRS}/, where `side_by_side` writes: rename that folder")
        if plan.is_mine(config.part, item.relative):
            yield _Job(item, name, number)


def _checked(config: PredictConfig, jobs: Iterator[_Job]) -> Iterator[_Job]:
    """Returns the same photographs, after looking at the first ones.

    Raises:
        InputError: there are hints for one photograph, and there are more.
    """
    first = list(itertools.islice(jobs, 2))
    if config.hint and len(first) > 1 and not config.hint_all:
        hints.parse_all(config.hint)
        raise InputError("`hint` is for one photograph, and there are more: add `hint_all` if they fit all of them")
    return itertools.chain(first, jobs)


class _Report:
    """The outcomes, on disk: their number does not matter to memory.

    Attributes:
        counts: number of photographs by status.
        failed: the outcomes of the first ones that failed.
    """

    def __init__(self, config: PredictConfig, work: Path, lines: files.Lookup) -> None:
        self.counts: Counter[str] = Counter()
        self.failed: list[Outcome] = []
        self._target, self._work, self._lines = config.report_file, work, lines

    def add(self, number: int, outcome: Outcome) -> None:
        """Adds the outcome of the photograph with a number."""
        self.counts[outcome.status] += 1
        if outcome.status == "failed" and len(self.failed) < summary.MOST_FAILED:
            self.failed.append(outcome)
        if self._target:
            self._lines[f"{number:012}"] = json.dumps(dataclasses.asdict(outcome))

    def write(self) -> None:
        """Writes the report, if there is to be one, in the order of the photographs.

        Raises:
            InputError: it cannot be written.
            ResourceError: the network failed, or the disk is full.
        """
        if not self._target:
            return
        elsewhere = isinstance(self._target, Address)
        file = self._work / f"report{self._target.suffix}" if elsewhere else self._target
        summary.write_outcomes(file, (Outcome(**json.loads(self._lines[number])) for number in self._lines))
        if elsewhere:
            files.opened_store(self._target).put(file)


class _Run:
    """A folder run on copies that are fetched shortly before they are needed, and put after they are colorized."""

    def __init__(
        self,
        config: PredictConfig,
        kept: results.Results,
        work: Path,
        report: _Report,
        interrupt: Interrupt,
        bar: Bar,
        reporter: Reporter,
    ) -> None:
        self._config = dataclasses.replace(config, output=kept.folder, report=None)
        self._output = config.output
        self._kept, self._work, self._report = kept, work, report
        self._interrupt, self._bar, self._reporter = interrupt, bar, reporter
        self._begun: dict[Path, tuple[_Job, Task]] = {}  # by file of the result
        self._coming: deque[tuple[_Job, Future]] = deque()
        self._put: deque[tuple[_Job, Outcome, Future]] = deque()

    def through(self, jobs: Iterator[_Job]) -> None:
        """Colorizes what is not finished.

        Raises:
            InputError: a model cannot be loaded, or the results cannot be written.
            ResourceError: the network failed, the disk is full, or memory ran out.
        """
        with ThreadPoolExecutor(_TRANSFERS) as fetching, ThreadPoolExecutor(_TRANSFERS) as putting:
            try:
                tasks = self._tasks(jobs, fetching)
                first = next(tasks, None)
                if first is not None:
                    self._kept.begin()
                    run = FolderRun(self._config, itertools.chain([first], tasks), reporter=self._reporter)
                    for reached in run.through(_NOTHING_FINISHED, self._interrupt):
                        self._take(reached.outcome, putting)
                self._tell_kept(most=0)
            except BaseException:
                for pool in (fetching, putting):
                    pool.shutdown(wait=False, cancel_futures=True)
                raise
            fetching.shutdown(wait=False, cancel_futures=True)

    def leave_open(self, jobs: Iterator[_Job]) -> None:
        """Adds the photographs that were not reached to the report."""
        for job, _ in (*self._begun.values(), *self._coming):
            self._report.add(job.number, self._outcome(job, "open"))
        for job in jobs:
            if not self._skip(job):
                self._report.add(job.number, self._outcome(job, "open"))

    def _tasks(self, jobs: Iterator[_Job], pool: ThreadPoolExecutor) -> Iterator[Task]:
        """Yields the photographs that are not finished, once their copies are here."""
        most = max(_TRANSFERS, 2 * self._config.batch_size)
        while not self._interrupt.requested:
            job = next(jobs, None)
            if job and not self._skip(job):
                self._coming.append((job, pool.submit(self._fetch, job)))
            if self._coming and (job is None or len(self._coming) >= most):
                yield from self._arrived(*self._coming.popleft())
            elif job is None:
                return

    def _skip(self, job: _Job) -> bool:
        """Returns whether a result is finished, which is then reported."""
        if not self._config.skip_existing or not self._kept.is_done(job.name, job.item):
            return False
        known = summary.skipped(Task(job.item.source, self._place(job.name)), self._kept.facts(job.name))
        self._tell(job, known)
        return True

    def _fetch(self, job: _Job) -> Task:
        if ".." in job.name.parts or job.name.is_absolute():
            raise InputError(f"{job.item.source}: the path has .. in it, which no result can have; rename it")
        source, beside = job.item.fetched(self._work / "photographs" / str(job.number))
        return Task(source, self._kept.folder / job.name, hints=beside)

    def _arrived(self, job: _Job, copy: Future) -> Iterator[Task]:
        try:
            task = copy.result()
        except InputError as error:
            self._tell(job, self._outcome(job, "failed", reason=str(error)))
            return
        self._begun[task.target] = (job, task)
        yield task

    def _take(self, outcome: Outcome, pool: ThreadPoolExecutor) -> None:
        """Takes over a photograph from the folder run, and puts its result."""
        job, task = self._begun.pop(Path(outcome.result))
        names = {"file": str(job.item.source), "result": str(self._place(job.name))}
        reason = outcome.reason.replace(str(task.source), names["file"]).replace(str(task.target), names["result"])
        outcome = dataclasses.replace(outcome, reason=reason, **names)
        if outcome.status == "failed":
            self._tell(job, outcome)
            self._remove_copies(job)
        else:
            self._put.append((job, outcome, pool.submit(self._keep, job, task, outcome)))
        self._tell_kept(most=_WAITING)

    def _keep(self, job: _Job, task: Task, outcome: Outcome) -> None:
        """Puts a result and what belongs to it, and then records it."""
        size = task.target.stat().st_size
        pair = self._kept.folder / PAIRS / job.name
        beside = [sidecar_of(task)] * self._config.sidecar + [pair] * self._config.side_by_side
        self._kept.keep([*beside, task.target])
        self._kept.record(job.name, job.item, size, outcome.facts())
        self._remove_copies(job)

    def _tell_kept(self, most: int) -> None:
        """Tells of results that are put, in order, until only so many are waiting."""
        while self._put and (len(self._put) > most or self._put[0][2].done()):
            job, outcome, kept = self._put.popleft()
            kept.result()
            self._tell(job, outcome)

    def _remove_copies(self, job: _Job) -> None:
        files.remove_folder(self._work / "photographs" / str(job.number))

    def _tell(self, job: _Job, outcome: Outcome) -> None:
        self._report.add(job.number, outcome)
        self._bar.advance()
        if outcome.status == "failed":
            self._reporter.error(outcome.reason)
        elif outcome.reason and outcome.status == "done":
            self._reporter.warning(f"{outcome.file}: {outcome.reason}")

    def _outcome(self, job: _Job, status: str, reason: str = "") -> Outcome:
        return Outcome(str(job.item.source), str(self._place(job.name)), status, reason=reason)

    def _place(self, name: PurePosixPath) -> Path | Address:
        """Returns the path or address of a result."""
        return self._output.child(str(name)) if isinstance(self._output, Address) else self._output / name


class _NothingFinished:
    """Stands for the manifest of a folder run, whose photographs are all new; they are recorded once they are put."""

    def is_done(self, task: Task) -> bool:
        return False

    def facts(self, task: Task) -> dict[str, object]:
        return {}

    def record(self, task: Task, seen: str, facts: dict[str, object] | None = None) -> None:
        """Nothing."""


_NOTHING_FINISHED = _NothingFinished()
