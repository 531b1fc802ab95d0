"""Photograph files -> colorized files and grids; an interrupted run is completed by the same command."""

import itertools
import json
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np

from fusioncolor import color, files, hints, images
from fusioncolor.config import PredictConfig
from fusioncolor.errors import FusionColorError, InputError, ResourceError
from fusioncolor.images.metadata import Metadata
from fusioncolor.models.predictor import Chroma, Source
from fusioncolor.models.session import Column, Session
from fusioncolor.prediction import manifest, plan
from fusioncolor.prediction.grid import Pages, Row
from fusioncolor.prediction.manifest import Manifest
from fusioncolor.prediction.plan import GRIDS, Task
from fusioncolor.prediction.summary import FolderResult, Outcome, counted, write_report
from fusioncolor.runtime.interrupts import Interrupt
from fusioncolor.runtime.reporting import SILENT, Reporter
from fusioncolor.runtime.workers import overlapped
from fusioncolor.version import __version__

_BATCH_PIXELS = 24_000_000  # per batch, unless one photograph has more; three batches are in memory at a time
_STOPPING = "finishing the current photographs; press Ctrl-C again to stop immediately"


@dataclass(frozen=True)
class _Photograph:
    """A photograph between reading and writing.

    Attributes:
        task: its files.
        rgb: `(H, W, 3)` `uint8` or `uint16`, at full size.
        alpha: `(H, W)` of the same dtype, or None.
        metadata: metadata to write with the result.
        pages: number of pictures in the file.
        stamp: size and time of change of the file, taken before it was read.
        actual: true picture, `(H, W, 3)` `uint8`; None if it is unknown or not needed.
        toned: whether it is a print of one hue, which is not its true color.
        inputs: prepared input of each predictor.
        seconds: time taken to read it.
    """

    task: Task
    rgb: np.ndarray
    alpha: np.ndarray | None
    metadata: Metadata
    pages: int
    stamp: str
    actual: np.ndarray | None
    toned: bool
    inputs: list[np.ndarray]
    seconds: float


@dataclass(frozen=True)
class _Answer:
    """Prediction for one photograph: chroma by predictor, and its share of the batch's time in seconds."""

    chroma: list[Chroma]
    seconds: float


@dataclass(frozen=True)
class _Finished:
    """A finished photograph: its outcome, its row if there is a grid, and the stamp of its input."""

    outcome: Outcome
    row: Row | None
    stamp: str


class Reached(NamedTuple):
    """A photograph that was colorized, skipped, or failed: its outcome, and its row if there is a grid."""

    outcome: Outcome
    row: Row | None = None


def colorize_folder(
    config: PredictConfig, *, planned: Sequence[Task] | None = None, reporter: Reporter = SILENT
) -> FolderResult:
    """Colorizes photographs; files that cannot be read are reported and do not stop the others.

    After the first Ctrl-C, the photographs in progress are finished; the second stops at once.

    Args:
        config: the options.
        planned: result of `plan.tasks(config)`, if the caller already has it.
        reporter: receives progress, warnings and failures.

    Returns:
        The outcome for each photograph.

    Raises:
        InputError: the weights or an option cannot be used.
        ResourceError: the disk is full or memory ran out; the same call again does the rest.
    """
    planned = plan.tasks(config) if planned is None else planned
    report, part = config.report_file, config.part.label if config.part else ""
    start = time.perf_counter()
    outcomes: dict[str, Outcome] = {}
    renamed = [task for task in planned if task.renamed]
    if renamed:
        reporter.info(
            f"{counted(len(renamed))} of the same name as others: to a subfolder of {config.output} named after the "
            f"photograph's folder, such as {renamed[0].target}"
        )
    run = FolderRun(config, reporter=reporter)
    if report:
        write_report(report, planned, outcomes)  # fails now, not after hours, if it cannot be written
    pages = run.pages()
    interrupt = Interrupt(lambda: reporter.warning(_STOPPING))
    with (
        manifest.opened(config.output, run.settings_hash(), part=part, planned=planned) as finished,
        interrupt.listening(),
        reporter.bar("colorizing", len(planned)) as bar,
    ):
        try:
            for outcome, row in run.through(planned, finished, interrupt):
                bar.advance()
                outcomes[outcome.result] = outcome
                if outcome.status == "failed":
                    reporter.error(outcome.reason)
                elif outcome.reason and outcome.status == "done":
                    reporter.warning(f"{outcome.file}: {outcome.reason}")
                if row:
                    pages.add(row)
            pages.finish()
            if run.toned:
                reporter.info(
                    f"{counted(len(run.toned))} of one hue, as sepia prints have, without an actual column, such as "
                    f"{run.toned[0]} (`toned`; off: the hue is the true color)"
                )
            if config.grid and not interrupt.requested:
                pages.remove_older()
        except BaseException as error:
            if report:
                with suppress(FusionColorError):  # on a full disk, the error below is more helpful
                    write_report(report, planned, outcomes)
            if not isinstance(error, ResourceError):
                raise
            done = sum(outcome.status != "failed" for outcome in outcomes.values())
            hint = f"{counted(done)} of {len(planned)} are finished; run the same command again to finish the rest"
            raise ResourceError(f"{error}. {hint}") from error
    if report:
        write_report(report, planned, outcomes)
    seconds = time.perf_counter() - start
    return FolderResult(list(outcomes.values()), seconds, pages.written, interrupt.requested)


class FolderRun:
    """Colorizes batch by batch: while the network works, threads read the next batch and write the previous one.

    The pictures of the first model are written to files, refined if refinements are chosen. A grid shows all columns.

    Attributes:
        config: the options.
        session: the loaded models.
        columns: pictures to make of each photograph.
        file_column: index of the column that is written to files.
        toned: photographs that were taken for gray ones because they have one hue only.
    """

    def __init__(self, config: PredictConfig, *, reporter: Reporter = SILENT) -> None:
        """Loads the models.

        Raises:
            InputError: a model cannot be loaded, or an option does not apply to it.
        """
        self.config = config
        self._reporter = reporter
        given = [hint for text in config.hint for hint in hints.parse(text)]
        self.session = Session(config.weights, config, hints=given, engine=config.engine)
        if config.grid and (config.output / GRIDS).exists() and not (config.output / GRIDS).is_dir():
            raise InputError(f"{config.output / GRIDS} is a file where `grid` needs a folder: give another `output`")
        change = " and ".join((["refined"] if config.refine else []) + (["with hints"] if given else []))
        titles = ["predicted"] if len(self.session.names) == 1 else self.session.titles
        self.columns = self.session.columns(titles, change, unrefined=config.grid)
        self.file_column = next(
            index
            for index, column in enumerate(self.columns)
            if column.predictor == 0 and column.refine == self.session.refine
        )
        self._with_actual = config.grid or self.session.needs_truth
        self._owner = config.part.label if config.part else ""
        self.toned: list[Path] = []

    def settings_hash(self) -> str:
        """Returns a hash of everything that determines the written pictures."""
        decisive = [__version__, self.session.identity(), self.config.format, self.config.quality]
        text = json.dumps(decisive, default=str)
        return files.digest_of([text.encode("utf-8", "surrogateescape")])

    def pages(self) -> Pages:
        """Returns the writer of the grid's pages."""
        return Pages(self.config.output / GRIDS, [column.title for column in self.columns])

    def through(self, planned: Sequence[Task], finished: Manifest, interrupt: Interrupt) -> Iterator[Reached]:
        """Colorizes photographs and writes the results.

        Args:
            planned: the photographs.
            finished: results of earlier runs, which are skipped; new results are recorded there.
            interrupt: once it is requested, no further batch is started.

        Yields:
            Each photograph with its outcome, not always in order.

        Raises:
            ResourceError: the disk is full, or memory ran out.
        """
        skip = self.config.skip_existing and not self.config.grid

        def read(task: Task) -> _Photograph | None:
            return None if skip and finished.is_done(task) else self._read(task)

        batches = itertools.takewhile(lambda _: not interrupt.requested, self._batches(planned))
        for task, result in overlapped(batches, read, self._colorize, self._write, workers=self.config.workers):
            if result is None:
                yield Reached(_skipped(task, finished.facts(task)))
            elif isinstance(result, InputError):
                yield Reached(Outcome(str(task.source), str(task.target), "failed", reason=str(result)))
            else:
                done = result.outcome
                facts = {"seconds": round(done.seconds, 3), "width": done.width, "height": done.height}
                finished.record(task, result.stamp, facts | {"reason": done.reason})
                yield Reached(result.outcome, result.row)

    def _batches(self, planned: Sequence[Task]) -> Iterator[list[Task]]:
        """Splits the plan into batches, limited in photographs and in pixels, so that they fit in memory."""
        batch: list[Task] = []
        pixels = 0
        for task in planned:
            more = images.count_pixels(task.source)
            if batch and (len(batch) == self.config.batch_size or pixels + more > _BATCH_PIXELS):
                yield batch
                batch, pixels = [], 0
            batch.append(task)
            pixels += more
        if batch:
            yield batch

    def _read(self, task: Task) -> _Photograph:
        start = time.perf_counter()
        seen = files.stamp(task.source)  # if the file is replaced after this, a rerun colorizes it again
        photograph = images.read(task.source, max_pixels=int(self.config.max_megapixels * 1e6))
        lightness = color.rgb_to_lightness(photograph.rgb)
        actual = None
        toned = self._with_actual and self.config.toned and not task.truth and images.is_toned(photograph.rgb)
        if self._with_actual:
            if task.truth:
                actual = self._read_truth(task.truth)
            elif not images.is_gray(photograph.rgb) and not toned:
                actual = images.to_bytes(photograph.rgb)
        inputs = self.session.prepare(Source(lightness, actual, task.source))
        return _Photograph(
            task,
            photograph.rgb,
            photograph.alpha,
            photograph.metadata.noted(),
            photograph.pages,
            seen,
            actual,
            toned,
            inputs,
            seconds=time.perf_counter() - start,
        )

    def _read_truth(self, path: Path) -> np.ndarray | None:
        """Reads a color original; if that fails, warns and returns None, and the photograph is still colorized."""
        try:
            return images.to_bytes(images.read(path).rgb)
        except InputError as error:
            self._reporter.warning(str(error))
            return None

    def _colorize(self, photographs: list[_Photograph | None]) -> list[_Answer | None]:
        """Predicts the chroma of the photographs that are there.

        The network gets batches padded to a number of slots that depends on the photograph alone. So the result of a
        photograph is the same, to the last bit, whatever else is colorized with it, in this run or another.
        """
        start = time.perf_counter()
        chroma: dict[int, list[Chroma]] = {}
        slots = [0 if one is None else self._slots(one.rgb.shape[0] * one.rgb.shape[1]) for one in photographs]
        for size in sorted(set(slots) - {0}):
            chosen = [index for index, wanted in enumerate(slots) if wanted == size]
            predicted = self.session.predict([photographs[index].inputs for index in chosen], batch_size=size)
            chroma.update(zip(chosen, predicted, strict=True))
        seconds = (time.perf_counter() - start) / len(photographs)
        return [_Answer(chroma[index], seconds) if index in chroma else None for index in range(len(photographs))]

    def _slots(self, pixels: int) -> int:
        """Returns the size of the network's batches for photographs of so many pixels: as many as fit in a batch."""
        return self.session.padded_size(min(self.config.batch_size, max(1, _BATCH_PIXELS // max(1, pixels))))

    def _write(self, photograph: _Photograph, answer: _Answer) -> _Finished:
        start = time.perf_counter()
        task = photograph.task
        try:
            picture = self._picture(photograph, answer, self.columns[self.file_column], photograph.rgb.dtype.type)
            images.write(
                task.target,
                picture,
                photograph.alpha,
                metadata=photograph.metadata,
                quality=self.config.quality,
                owner=self._owner,
            )
            row = self._row(photograph, answer, picture) if self.config.grid else None
        except InputError as error:
            raise InputError(f"{task.source}: {error}") from error
        height, width = photograph.rgb.shape[:2]
        seconds = answer.seconds + photograph.seconds + time.perf_counter() - start
        note = f"{photograph.pages} pictures in one file; only the first is colorized" if photograph.pages > 1 else ""
        if photograph.toned:
            self.toned.append(task.source)
        outcome = Outcome(str(task.source), str(task.target), "done", seconds, width, height, note)
        return _Finished(outcome, row, photograph.stamp)

    def _picture(self, photograph: _Photograph, answer: _Answer, column: Column, dtype: type = np.uint8) -> np.ndarray:
        return self.session.finish(photograph.rgb, answer.chroma[column.predictor], column.refine, dtype=dtype)

    def _row(self, photograph: _Photograph, answer: _Answer, picture: np.ndarray) -> Row:
        """Returns the photograph's row of the grid, which includes the picture in its file."""
        predicted = [
            images.to_bytes(picture) if index == self.file_column else self._picture(photograph, answer, column)
            for index, column in enumerate(self.columns)
        ]
        gray = self.session.finish(photograph.rgb, Chroma(np.zeros((1, 1, 2), np.float32)))
        return Row.of(photograph.task.source.name, gray, photograph.actual, predicted)


def _skipped(task: Task, facts: dict[str, object]) -> Outcome:
    """Returns the outcome for a result of an earlier run, with what the manifest has about it."""
    known = {name: facts[name] for name in ("seconds", "width", "height") if isinstance(facts.get(name), int | float)}
    return Outcome(str(task.source), str(task.target), "skipped", reason=str(facts.get("reason", "")), **known)
