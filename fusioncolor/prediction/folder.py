"""Photograph files -> colorized files and grids; an interrupted run is completed by the same command."""

import os
import time
from collections import Counter
from collections.abc import Iterator, MutableMapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from fusioncolor import files, images
from fusioncolor.addresses import Location
from fusioncolor.config import PredictConfig
from fusioncolor.config.fields import config_of
from fusioncolor.errors import FusionColorError, ResourceError
from fusioncolor.prediction import checks, elsewhere, manifest, plan, settings, sources, stored
from fusioncolor.prediction.cluster import ClusterRun
from fusioncolor.prediction.coloring import FolderRun
from fusioncolor.prediction.grid import Pages, Row
from fusioncolor.prediction.plan import GRIDS, Task
from fusioncolor.prediction.summary import MOST_FAILED, FolderResult, Outcome, counted, write_report
from fusioncolor.runtime import cluster
from fusioncolor.runtime.interrupts import Interrupt
from fusioncolor.runtime.reporting import SILENT, Reporter

_STOPPING_CLUSTER = "stopping the workers; press Ctrl-C again to stop immediately"
_STOPPING = "finishing the current photographs; press Ctrl-C again to stop immediately"


def colorize_folder(
    photographs: Location | str | os.PathLike | Sequence[Location | str | os.PathLike] | PredictConfig,
    *,
    reporter: Reporter = SILENT,
    **options,
) -> FolderResult:
    """Colorizes photographs; files that cannot be read are reported and do not stop the others.

    After the first Ctrl-C, the photographs in progress are finished; the second stops at once.

        result = fusioncolor.colorize_folder("scans", output="colored", vividness=1.3)

    Args:
        photographs: files, folders and .txt lists, or their addresses; or a `PredictConfig`, without further options.
        reporter: receives progress, warnings and failures.
        **options: fields of `PredictConfig`, by name; paths may be strings.

    Returns:
        The outcome for each photograph.

    Raises:
        InputError: the weights or an option cannot be used.
        ResourceError: the disk is full or memory ran out; the same call again does the rest.
        TypeError: there is no option of that name.
    """
    config = config_of(PredictConfig, "photographs", photographs, options)
    if config.is_elsewhere or sources.is_used(config.photographs):
        return elsewhere.colorize(config, _STOPPING, reporter=reporter)
    start = time.perf_counter()
    checks.check(config, reporter)
    with _kept(config, reporter) as kept:
        return _colorize(config, kept, start, reporter)


@dataclass(frozen=True)
class _Kept:
    """Everything that grows with the number of photographs: in memory, or on disk where outcomes are not returned.

    Attributes:
        planned: the photographs.
        outcomes: for the outcomes, by path of the result, because the same photograph may be listed twice.
        entries: for what the manifest has about results.
        unread: pictures in the folders that are left out of the plan.
    """

    planned: Sequence[Task]
    outcomes: MutableMapping[str, Outcome]
    entries: MutableMapping[str, dict]
    unread: images.UnreadPictures


@contextmanager
def _kept(config: PredictConfig, reporter: Reporter) -> Iterator[_Kept]:
    """Lists the photographs."""
    unread = images.UnreadPictures()
    if not config.cluster:
        yield _Kept(plan.tasks(config, unread=unread), {}, {}, unread)
        return
    with stored.store() as store:
        owners = manifest.owners(config.output, store.text("owners"))
        listed = plan.each_task(config, owners=owners, taken=store.text("taken"), unread=unread)
        planned = store.tasks("planned", reporter.track(listed, "listing", None))
        yield _Kept(planned, store.outcomes("outcomes"), store.entries("entries"), unread)


def _colorize(config: PredictConfig, kept: _Kept, start: float, reporter: Reporter) -> FolderResult:
    planned = kept.planned
    checks.check_hints(config, planned)
    _tell_plan(kept, config, reporter)
    progress = _Progress(config, kept, reporter)
    toned = _Toned()
    part = config.part.label if config.part else ""
    found = settings.digest(settings.settings_of(config))
    interrupt = Interrupt(lambda: reporter.warning(_STOPPING_CLUSTER if config.cluster else _STOPPING))
    with (
        _run(config, planned, reporter) as run,
        progress.reported(),
        manifest.opened(config.output, found, part=part, planned=planned, into=kept.entries) as finished,
        interrupt.listening(),
        reporter.bar("colorizing", len(planned)) as bar,
    ):
        grid = _Grid(config, run, planned, found)
        for reached in run.through(finished, interrupt):
            bar.advance()
            progress.add(reached.outcome)
            grid.add(reached.outcome.result, reached.row)
            toned.add(reached.toned)
        stopped = interrupt.requested and sum(progress.counts.values()) < len(planned)
        grid.finish(complete=not stopped)
    toned.tell(reporter)
    outcomes = progress.failed if config.cluster else list(kept.outcomes.values())
    seconds = time.perf_counter() - start
    return FolderResult(outcomes, seconds, grid.count, stopped, counts=progress.counts)


@contextmanager
def _run(config: PredictConfig, planned: Sequence[Task], reporter: Reporter) -> Iterator[FolderRun | ClusterRun]:
    """Yields what colorizes the photographs, in this process or on a cluster."""
    if not config.cluster:
        yield FolderRun(config, planned, reporter=reporter)
        return
    with cluster.connected(config.cluster_address, config.cluster_cpus) as found:
        reporter.info(f"{found.all_cpus} CPUs in the cluster, {found.cpus} for each worker")
        yield ClusterRun(config, planned, found)


class _Progress:
    """The outcomes so far, told as they come and written to the report.

    Attributes:
        counts: number of photographs by status.
        failed: the outcomes of the first ones that failed.
    """

    def __init__(self, config: PredictConfig, kept: _Kept, reporter: Reporter) -> None:
        self.counts: Counter[str] = Counter()
        self.failed: list[Outcome] = []
        self._report, self._kept, self._reporter = config.report_file, kept, reporter

    def add(self, outcome: Outcome) -> None:
        """Adds an outcome, and tells of a failure or a remark."""
        self._kept.outcomes[outcome.result] = outcome
        self.counts[outcome.status] += 1
        if outcome.status == "failed":
            if len(self.failed) < MOST_FAILED:
                self.failed.append(outcome)
            self._reporter.error(outcome.reason)
        elif outcome.reason and outcome.status == "done":
            self._reporter.warning(f"{outcome.file}: {outcome.reason}")

    @contextmanager
    def reported(self) -> Iterator[None]:
        """Writes the report before the block, so that it fails now if it cannot be written, and after it.

        Raises:
            ResourceError: the block raised it; the message then says how much is finished.
        """
        self._write()
        try:
            yield
        except BaseException as error:
            with suppress(FusionColorError):  # on a full disk, the error below is more helpful
                self._write()
            if not isinstance(error, ResourceError):
                raise
            done, all_of_them = self.counts["done"] + self.counts["skipped"], len(self._kept.planned)
            rest = f"{counted(done)} of {all_of_them} are finished; run the same command again to finish the rest"
            raise ResourceError(f"{error}. {rest}") from error
        self._write()

    def _write(self) -> None:
        if self._report:
            write_report(self._report, self._kept.planned, self._kept.outcomes)


class _Grid:
    """Brings rows into the order of the plan, and hands them to the pages.

    Attributes:
        pages: the pages.
    """

    def __init__(
        self, config: PredictConfig, run: FolderRun | ClusterRun, planned: Sequence[Task], settings: str
    ) -> None:
        """Prepares the pages.

        Args:
            config: the options.
            run: what colorizes the photographs; it is told if the pages of an earlier run are those of this one.
            planned: the photographs.
            settings: hash of everything that determines a result, apart from the input.
        """
        self.pages = Pages(config.output / GRIDS, [])
        self._wanted = config.grid
        self._run = run
        self._order = [str(task.target) for task in planned] if config.grid else []
        self._next = 0
        self._waiting: dict[str, Row | None] = {}
        if config.grid:
            titles = [column.title for column in run.columns]
            rows = [f"{task.source}\n{task.truth or ''}" for task in planned]
            parts = [settings, config.toned, *titles, *rows]
            key = files.digest_of(f"{part}\n".encode("utf-8", "surrogateescape") for part in parts)
            self.pages = Pages(config.output / GRIDS, titles, key)
            if len(config.weights) == 1:  # others have files that the settings do not know
                shown = [[path for path in (task.target, task.truth) if path] for task in planned]
                run.pages_left = self.pages.left_by_earlier_run(shown)

    def add(self, result: str, row: Row | None) -> None:
        """Adds the row of a result, or the fact that it has none."""
        if self._wanted:
            self._waiting[result] = row
        while self._next < len(self._order) and self._order[self._next] in self._waiting:
            self._place(self._waiting.pop(self._order[self._next]))
            self._next += 1

    @property
    def count(self) -> int:
        """The number of pages, written now or left by an earlier run."""
        return self.pages.written or (self._run.pages_left if self._wanted and not self._run.with_rows else 0)

    def finish(self, *, complete: bool) -> None:
        """Writes the last page; with all photographs `complete`, removes pages of an earlier, longer grid."""
        if not self._wanted or not self._run.with_rows:
            return
        for result in self._order[self._next :]:
            self._place(self._waiting.pop(result, None))
        self.pages.finish()
        if complete:
            self.pages.remove_older()

    def _place(self, row: Row | None) -> None:
        if row:
            self.pages.add(row)


def _tell_plan(kept: _Kept, config: PredictConfig, reporter: Reporter) -> None:
    if kept.unread.count:
        reporter.warning(
            f"left out: {kept.unread.count} of formats that are not read, such as {kept.unread.first}; save them as "
            "JPEG, PNG, or TIFF first"
        )
    twins, renamed, example = 0, 0, None
    for task in kept.planned:
        twins += task.truth is not None
        renamed += task.renamed
        example = example or (task.target if task.renamed else None)
    if twins and not config.truth:
        reporter.info(f"{twins} photographs in gray/ have their originals in color/ beside it, which are not colorized")
    if renamed:
        reporter.info(
            f"{counted(renamed)} of the same name as others: to a subfolder of {config.output} named after the "
            f"photograph's folder, such as {example}"
        )


class _Toned:
    """Photographs that were taken for gray ones because they have one hue only."""

    def __init__(self) -> None:
        self._number, self._first = 0, None

    def add(self, path: Path | None) -> None:
        """Adds a photograph; None for one that is not toned."""
        if path:
            self._number, self._first = self._number + 1, self._first or path

    def tell(self, reporter: Reporter) -> None:
        """Tells how many there were."""
        if self._number:
            reporter.info(
                f"taken for gray: {counted(self._number)} of one hue, as sepia prints are, such as {self._first} "
                "(`toned=False` if the hue is the true color)"
            )
