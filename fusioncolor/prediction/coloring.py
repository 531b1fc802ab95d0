"""The pipeline of a folder run: photographs are read, colorized batch by batch, and written at the same time."""

import itertools
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, Protocol

import numpy as np

from fusioncolor import hints, images
from fusioncolor.compose import gray_picture
from fusioncolor.config import PredictConfig
from fusioncolor.errors import InputError
from fusioncolor.images import signing
from fusioncolor.images.signing import Signer
from fusioncolor.images.xmp import COMPOSITE, ENHANCED
from fusioncolor.models.predictor import Chroma, Source
from fusioncolor.prediction import photographs, settings, summary
from fusioncolor.prediction.captions import captions
from fusioncolor.prediction.companions import Companions
from fusioncolor.prediction.grid import Row
from fusioncolor.prediction.photographs import Photograph
from fusioncolor.prediction.plan import Task
from fusioncolor.prediction.summary import Outcome
from fusioncolor.registries import BASELINES
from fusioncolor.runtime.interrupts import Interrupt
from fusioncolor.runtime.reporting import SILENT, Reporter
from fusioncolor.runtime.workers import overlapped

if TYPE_CHECKING:
    from fusioncolor.models.session import Session

_BATCH_PIXELS = 24_000_000  # per batch, unless one photograph has more; three batches are in memory at a time


@dataclass(frozen=True)
class _Prepared:
    """A photograph, and the input of each predictor; None if nothing has to be predicted for it."""

    photograph: Photograph
    inputs: list[np.ndarray] | None


@dataclass(frozen=True)
class _Answer:
    """Prediction for one photograph: chroma by predictor, and its share of the batch's time in seconds."""

    chroma: list[Chroma]
    seconds: float


class Reached(NamedTuple):
    """A photograph that was colorized, skipped, or failed.

    Attributes:
        outcome: what became of it.
        row: its row, if there is a grid.
        toned: its file, if it was taken for a gray one because it has one hue only.
    """

    outcome: Outcome
    row: Row | None = None
    toned: Path | None = None


@dataclass(frozen=True)
class _Finished:
    """A finished photograph: as `Reached`, and the stamp of its input."""

    reached: Reached
    stamp: str


class Finished(Protocol):
    """What a manifest does for a run."""

    def is_done(self, task: Task) -> bool:
        """Returns whether the result is finished."""

    def facts(self, task: Task) -> dict[str, object]:
        """Returns what was recorded about a finished result."""

    def record(self, task: Task, seen: str, facts: dict[str, object] | None = None) -> None:
        """Records a finished result."""


@dataclass(frozen=True)
class _Column:
    """A kind of picture of each photograph: title, index of the model, and whether it has refinements and hints."""

    title: str
    predictor: int
    changed: bool


class FolderRun:
    """Colorizes batch by batch: while the network works, threads read the next batch and write the previous one.

    The pictures of the first model are written to files, with the chosen refinements and hints. A grid shows all
    columns. Models are loaded only if there is something to predict.

    Attributes:
        config: the options.
        planned: the photographs.
        pages_left: number of pages of an earlier run that show this one's grid; 0 if there are none. They are not drawn
            again if all photographs are finished.
    """

    def __init__(
        self,
        config: PredictConfig,
        planned: Iterable[Task],
        *,
        session: "Session | None" = None,
        reporter: Reporter = SILENT,
    ) -> None:
        """Prepares a run.

        Args:
            config: the options.
            planned: the photographs; an iterator is read as far as there is work, and holds none that is finished.
            session: loaded models; None to load those of the options once they are needed.
            reporter: receives warnings.
        """
        self.config = config
        self._streams = isinstance(planned, Iterator)
        self.planned = planned if self._streams else list(planned)
        self.pages_left = 0
        self._reporter = reporter
        self._hints = hints.parse_all(config.hint)
        with_hints = bool(self._hints) or self._streams or any(task.hints for task in self.planned)
        self._change = " and ".join(["refined"] * bool(config.refine) + ["with hints"] * with_hints)
        self._done: set[Path] = set()
        self._companions = Companions(config)
        self._owner = config.part.label if config.part else ""
        self._signer = Signer(config.sign_cert, config.sign_key) if config.sign_cert else None
        if session:
            self.session = session

    @cached_property
    def session(self) -> "Session":
        """The models, loaded on first use.

        Raises:
            InputError: a model cannot be loaded, or an option does not apply to it.
        """
        from fusioncolor.models.session import Session

        session = Session(self.config.weights, self.config, engine=self.config.engine, reporter=self._reporter)
        self._reporter.detail(session.describe_runtimes())
        return session

    @property
    def loaded(self) -> "Session | None":
        """The models, if they were needed so far."""
        return self.__dict__.get("session")

    @cached_property
    def columns(self) -> list[_Column]:
        """Pictures to make of each photograph: those of a grid, or only the one that is written."""
        names = ["predicted"] if len(self.config.weights) == 1 else self.session.titles
        columns = []
        for index, name in enumerate(names):
            if self.config.grid or not self._change:
                columns.append(_Column(name, index, changed=False))
            if self._change:
                columns.append(_Column(f"{name}, {self._change}", index, changed=True))
        return columns

    @cached_property
    def _captions(self) -> dict[str, str]:
        return captions(str(task.source) for task in self.planned)

    @property
    def _file_column(self) -> _Column:
        """The column that is written to files."""
        return next(one for one in self.columns if one.predictor == 0 and one.changed == bool(self._change))

    @property
    def with_rows(self) -> bool:
        """True if there is a grid, and an earlier run has not drawn it already."""
        return self.config.grid and not (self.pages_left and self._is_finished)

    @property
    def _is_finished(self) -> bool:
        return not self._streams and len(self._done) == len(self.planned)

    @property
    def _needs_network(self) -> bool:
        """True if a picture has to be predicted: one that is not finished, or a column of a grid that is in no file."""
        return not self._is_finished or (self.with_rows and len(self.columns) > 1)

    def through(self, finished: Finished, interrupt: Interrupt) -> Iterator[Reached]:
        """Colorizes photographs and writes the results.

        Args:
            finished: results of earlier runs, which are skipped; new results are recorded there.
            interrupt: once it is requested, no further batch is started.

        Yields:
            Each photograph with its outcome, not always in order.

        Raises:
            InputError: a model cannot be loaded, or an option does not apply to it.
            ResourceError: the disk is full, or memory ran out.
        """
        if self.config.skip_existing and not self._streams:
            self._done = {task.target for task in self.planned if finished.is_done(task)}
        if self._needs_network:
            self.session.check_refinements({column.predictor for column in self.columns if column.changed})
        batches = itertools.takewhile(lambda _: not interrupt.requested, self._batches())
        for task, result in overlapped(batches, self._read, self._colorize, self._write, workers=self.config.workers):
            if isinstance(result, InputError):
                yield Reached(Outcome(str(task.source), str(task.target), "failed", reason=str(result)))
            elif task.target in self._done:
                known = summary.skipped(task, finished.facts(task))
                yield result.reached._replace(outcome=known) if result else Reached(known)
            else:
                finished.record(task, result.stamp, result.reached.outcome.facts())
                yield result.reached

    def _batches(self) -> Iterator[list[Task]]:
        """Splits the plan into batches, limited in photographs and in pixels, so that they fit in memory."""
        batch: list[Task] = []
        pixels = 0
        for task in self.planned:
            more = images.count_pixels(task.source)
            if batch and (len(batch) == self.config.batch_size or pixels + more > _BATCH_PIXELS):
                yield batch
                batch, pixels = [], 0
            batch.append(task)
            pixels += more
        if batch:
            yield batch

    def _read(self, task: Task) -> _Prepared | None:
        """Reads a photograph; returns None if it is finished and no grid is asked for."""
        done = task.target in self._done
        if done and not self.with_rows:
            self._companions.complete(task)
            return None
        if self._signer and not done:
            signing.check(task.target)
        photograph = photographs.read(
            task,
            self.config,
            given=self._hints,
            with_actual=self.config.grid or self.session.needs_truth,
            reporter=self._reporter,
        )
        if done and len(self.columns) == 1:
            return _Prepared(photograph, None)
        source = Source(photograph.lightness, photograph.actual, task.source)
        return _Prepared(photograph, self.session.prepare(source))

    def _colorize(self, batch: list[_Prepared | None]) -> list[_Answer | None]:
        """Predicts the chroma of the photographs that need it.

        Keras's network gets batches padded to a number of slots that depends on the photograph alone, and an exported
        one gets one photograph at a time. So the result of a photograph is the same, to the last bit, whatever else is
        colorized with it, in this run or another.
        """
        start = time.perf_counter()
        chroma: dict[int, list[Chroma]] = {}
        slots = [0 if one is None or one.inputs is None else self._slots(one.photograph) for one in batch]
        for size in sorted(set(slots) - {0}):
            chosen = [index for index, wanted in enumerate(slots) if wanted == size]
            predicted = self.session.predict([batch[index].inputs for index in chosen], batch_size=size)
            chroma.update(zip(chosen, predicted, strict=True))
        seconds = (time.perf_counter() - start) / len(batch)
        return [_Answer(chroma[index], seconds) if index in chroma else None for index in range(len(batch))]

    def _slots(self, photograph: Photograph) -> int:
        """Returns the size of the network's batches for photographs of this size: as many as fit in a batch."""
        pixels = max(1, photograph.lightness.size)
        return self.session.padded_size(min(self.config.batch_size, max(1, _BATCH_PIXELS // pixels)))

    def _write(self, prepared: _Prepared, answer: _Answer | None) -> _Finished:
        """Writes the picture, unless it is finished, and makes the row of the grid."""
        start = time.perf_counter()
        photograph, task = prepared.photograph, prepared.photograph.task
        try:
            if task.target not in self._done:
                self._write_picture(photograph, answer)
            self._companions.complete(task)
            row = self._row(photograph, answer) if self.with_rows else None
        except InputError as error:
            raise InputError(f"{task.source}: {error}") from error
        seconds = photograph.seconds + (answer.seconds if answer else 0) + time.perf_counter() - start
        doubt = answer.chroma[0].doubt if answer else None
        toned = task.source if photograph.toned else None
        return _Finished(Reached(_outcome(photograph, seconds, doubt), row, toned), photograph.stamp)

    def _write_picture(self, photograph: Photograph, answer: _Answer) -> None:
        picture = self._picture(photograph, answer, self._file_column, photograph.dtype)
        metadata, task = photograph.metadata, photograph.task
        model, learned = settings.title_of(self.config), self.config.weights[0] not in BASELINES
        if self.config.mark:
            metadata = metadata.noted(model, learned=learned)
        sign = None
        if self._signer:
            source_type = COMPOSITE if learned else ENHANCED
            facts = {"target": task.target, "source": task.source, "model": model, "source_type": source_type}
            sign = partial(self._signer.sign, **facts)
        images.write(
            task.target, picture, photograph.alpha,
            metadata=metadata, quality=self.config.quality, owner=self._owner, finish=sign,
        )  # fmt: skip

    def _picture(self, photograph: Photograph, answer: _Answer, column: _Column, dtype: type = np.uint8) -> np.ndarray:
        refine = self.session.refine if column.changed else ()
        if column.changed and photograph.hints:
            refine = (*refine, partial(hints.apply, hints=photograph.hints))
        return self.session.finish(photograph.lightness, answer.chroma[column.predictor], refine, dtype=dtype)

    def _row(self, photograph: Photograph, answer: _Answer | None) -> Row:
        """Returns the photograph's row of the grid, which includes the picture in its file."""
        written = images.to_bytes(images.read(photograph.task.target).rgb)
        predicted = [
            written if column == self._file_column else self._picture(photograph, answer, column)
            for column in self.columns
        ]
        gray = gray_picture(photograph.lightness)
        return Row.of(self._captions[str(photograph.task.source)], gray, photograph.actual, predicted)


def _outcome(photograph: Photograph, seconds: float, doubt: float | None) -> Outcome:
    height, width = photograph.lightness.shape[:2]
    note = f"{photograph.pages} pictures in one file; only the first is colorized" if photograph.pages > 1 else ""
    task = photograph.task
    return Outcome(str(task.source), str(task.target), "done", seconds, width, height, note, doubt)
