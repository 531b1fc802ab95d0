"""Photograph files -> colorized files and grids; an interrupted run is completed by the same command."""

import os
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from fusioncolor import files
from fusioncolor.addresses import Location
from fusioncolor.config import PredictConfig
from fusioncolor.config.fields import config_of
from fusioncolor.errors import FusionColorError, ResourceError
from fusioncolor.prediction import checks, elsewhere, manifest, plan, settings, sources
from fusioncolor.prediction.cluster import ClusterRun
from fusioncolor.prediction.coloring import FolderRun
from fusioncolor.prediction.grid import Pages, Row
from fusioncolor.prediction.plan import GRIDS, Task
from fusioncolor.prediction.summary import FolderResult, Outcome, counted, write_report
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
    planned = plan.tasks(config)
    checks.check_hints(config, planned)
    _tell_plan(planned, config, reporter)
    progress = _Progress(config, planned, reporter)
    part = config.part.label if config.part else ""
    found = settings.digest(settings.settings_of(config))
    interrupt = Interrupt(lambda: reporter.warning(_STOPPING_CLUSTER if config.cluster else _STOPPING))
    with (
        _run(config, planned, reporter) as run,
        progress.reported(),
        manifest.opened(config.output, found, part=part, planned=planned) as finished,
        interrupt.listening(),
        reporter.bar("colorizing", len(planned)) as bar,
    ):
        grid = _Grid(config, run, planned, found)
        for outcome, row in run.through(finished, interrupt):
            bar.advance()
            progress.add(outcome)
            grid.add(outcome.result, row)
        grid.finish(complete=not interrupt.requested)
    _tell_toned(run.toned, reporter)
    seconds = time.perf_counter() - start
    return FolderResult(list(progress.outcomes.values()), seconds, grid.count, interrupt.requested)


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
        outcomes: by path of the result, because the same photograph may be listed twice.
    """

    def __init__(self, config: PredictConfig, planned: Sequence[Task], reporter: Reporter) -> None:
        self.outcomes: dict[str, Outcome] = {}
        self._report, self._planned, self._reporter = config.report_file, planned, reporter

    def add(self, outcome: Outcome) -> None:
        """Adds an outcome, and tells of a failure or a remark."""
        self.outcomes[outcome.result] = outcome
        if outcome.status == "failed":
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
            done = sum(outcome.status != "failed" for outcome in self.outcomes.values())
            rest = (
                f"{counted(done)} of {len(self._planned)} are finished; run the same command again to finish the rest"
            )
            raise ResourceError(f"{error}. {rest}") from error
        self._write()

    def _write(self) -> None:
        if self._report:
            write_report(self._report, self._planned, self.outcomes)


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
        self._order = [str(task.target) for task in planned]
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


def _tell_plan(planned: Sequence[Task], config: PredictConfig, reporter: Reporter) -> None:
    twins = sum(task.truth is not None for task in planned)
    if twins and not config.truth:
        reporter.info(f"{twins} photographs in gray/ have their originals in color/ beside it, which are not colorized")
    renamed = [task for task in planned if task.renamed]
    if renamed:
        reporter.info(
            f"{counted(len(renamed))} of the same name as others: to a subfolder of {config.output} named after the "
            f"photograph's folder, such as {renamed[0].target}"
        )


def _tell_toned(toned: Sequence[Path], reporter: Reporter) -> None:
    if toned:
        reporter.info(
            f"{counted(len(toned))} of one hue, as sepia prints have, without an actual column, such as {toned[0]} "
            "(`toned`; off: the hue is the true color)"
        )
