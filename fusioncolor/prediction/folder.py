"""Photograph files -> colorized files and grids."""

import hashlib
import itertools
import json
import signal
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
from tqdm import tqdm

from fusioncolor import color, hints, images
from fusioncolor.compose import Refinement, finish, finish_in_bands
from fusioncolor.config import PredictConfig
from fusioncolor.errors import FusionColorError, InputError, ResourceError
from fusioncolor.images.metadata import Metadata
from fusioncolor.models import engines
from fusioncolor.models.session import check_refinements, load, predict_all, title_of
from fusioncolor.prediction import manifest
from fusioncolor.prediction.grid import Pages, Row
from fusioncolor.prediction.manifest import Manifest
from fusioncolor.prediction.plan import GRIDS, Task
from fusioncolor.prediction.summary import Outcome, count, summarize, write_report
from fusioncolor.registries import REFINEMENTS
from fusioncolor.runtime.precision import precision, resolve
from fusioncolor.runtime.workers import overlapped
from fusioncolor.version import __version__

_BATCH_PIXELS = 24_000_000  # in a batch, unless one photograph has more; three batches are in hand at a time


@dataclass(frozen=True)
class _Photograph:
    """A photograph on its way through the networks."""

    task: Task
    rgb: np.ndarray  # (H, W, 3) at full size
    alpha: np.ndarray | None
    metadata: Metadata
    pages: int  # in the file
    fingerprint: str  # of the file, before it was read
    actual: np.ndarray | None  # (H, W, 3) uint8, where somebody wants it
    inputs: list[np.ndarray]  # as each colorizer prepares it
    seconds: float  # that reading took


@dataclass(frozen=True)
class _Column:
    """A column of predicted pictures in a grid."""

    title: str
    colorizer: int  # whose chroma it shows
    refine: tuple[Refinement, ...]


def predict(config: PredictConfig, planned: Sequence[Task]) -> int:
    """Colorizes photographs; a file that cannot be read is named on standard error and the others go on.

    The first Ctrl-C lets the photographs in hand be finished, the second stops at once.

    Args:
        config: the options.
        planned: what `tasks.plan` made of the photographs.

    Returns:
        The exit code: 0, 1 if a photograph failed, or 130 after Ctrl-C.

    Raises:
        InputError: the weights or an option cannot be used, or nothing can be written any more.
    """
    prediction = Prediction(config)
    start = time.perf_counter()
    outcomes: dict[str, Outcome] = {}
    if config.report:
        write_report(config.report, planned, outcomes)  # now, not after hours, it is told if that cannot be done
    pages = prediction.pages()
    with (
        manifest.opened(config.output, prediction.settings()) as finished,
        _interruptible() as interrupted,
        tqdm(total=len(planned), unit="img", desc="colorizing", leave=False) as bar,
    ):
        try:
            for outcome, row in prediction.run(planned, finished, interrupted):
                bar.update()
                outcomes[outcome.result] = outcome
                if outcome.status == "failed":
                    tqdm.write(f"error: {outcome.reason}", file=sys.stderr)
                elif outcome.reason:
                    tqdm.write(f"warning: {outcome.file}: {outcome.reason}", file=sys.stderr)
                if row:
                    pages.add(row)
            pages.finish()
            if config.grid and not interrupted.is_set():
                pages.remove_older()
        except BaseException as error:
            if config.report:
                with suppress(FusionColorError):  # on a full disk, what follows is more to the point
                    write_report(config.report, planned, outcomes)
            if not isinstance(error, ResourceError):
                raise
            done = sum(outcome.status != "failed" for outcome in outcomes.values())
            hint = f"{count(done)} of {len(planned)} are finished; the same command again does the rest"
            raise ResourceError(f"{error}. {hint}") from error
    if config.report:
        write_report(config.report, planned, outcomes)
    failed = summarize(outcomes.values(), time.perf_counter() - start, config.output)
    if pages.written:
        plural = "s" if pages.written > 1 else ""
        print(f"{pages.written} page{plural} of rows grayscale / actual / predicted: {config.output / GRIDS}")
    if interrupted.is_set():
        print("stopped; the same command again does the rest", file=sys.stderr)
        return 130
    return 1 if failed else 0


@contextmanager
def _interruptible() -> Iterator[threading.Event]:
    """Gives an event that the first Ctrl-C sets; the second is a KeyboardInterrupt as ever."""
    interrupted = threading.Event()
    if threading.current_thread() is not threading.main_thread():
        yield interrupted
        return
    before = signal.getsignal(signal.SIGINT)

    def interrupt(number, frame):
        interrupted.set()
        signal.signal(signal.SIGINT, before)
        print("\nfinishing the photographs in hand; Ctrl-C again stops at once", file=sys.stderr)

    signal.signal(signal.SIGINT, interrupt)
    try:
        yield interrupted
    finally:
        signal.signal(signal.SIGINT, before)


def _arithmetic(config: PredictConfig) -> str:
    """The precision that "auto" means here; of the exported files only OpenVINO's have a choice."""
    if config.engine and config.precision == "auto" and config.engine.suffix != engines.SUFFIXES["openvino"]:
        return "float32"
    return resolve(config.precision)


class Prediction:
    """Reads, colorizes and writes batch by batch: while the network works, the next batch is read, the last written.

    The first of the columns is what is written to files: the first colorizer's, refined if refinements are wanted. A
    grid shows all columns, with refinements those before them too.
    """

    def __init__(self, config: PredictConfig) -> None:
        """Loads the colorizers.

        Raises:
            InputError: one cannot be loaded, or has no use for an option.
        """
        self.config = config
        self.precision = _arithmetic(config)
        with precision(self.precision):
            references = [path for path, _ in images.find(config.reference)]
            options = {option: getattr(config, option) for option in ("vividness", "decode", "temperature", "seed")}
            self.colorizers = [load(name, references, **options) for name in config.weights]
        if config.engine:
            [colorizer] = self.colorizers
            colorizer.network = engines.load(config.engine, colorizer.config["weights"]["sha256"], self.precision)
        for name, colorizer in zip(config.weights, self.colorizers, strict=True):
            check_refinements(name, colorizer, config.refine)
        if config.grid and (config.output / GRIDS).exists() and not (config.output / GRIDS).is_dir():
            raise InputError(f"{config.output / GRIDS} is a file where --grid needs a folder: give another --output")
        refine = _refinements(config)
        change = " and ".join((["refined"] if config.refine else []) + (["with hints"] if config.hint else []))
        titles = ["predicted"] if len(config.weights) == 1 else [title_of(name) for name in config.weights]
        self.columns = [_Column(f"{title}, {change}" if refine else title, i, refine) for i, title in enumerate(titles)]
        if refine and config.grid:
            self.columns += [_Column(title, i, ()) for i, title in enumerate(titles)]
        self.with_actual = config.grid or any(getattr(one, "needs_truth", False) for one in self.colorizers)

    def settings(self) -> str:
        """A fingerprint of all that decides what the written pictures look like."""
        config, written = self.config, self.colorizers[0]
        shared = [__version__, written.config.get("model"), written.config.get("weights"), repr(written.head)]
        chosen = [config.refine, [repr(hint) for text in config.hint for hint in hints.parse(text)]]
        engine = config.engine and engines.read_description(config.engine)["sha256"]
        stored = [config.format, config.quality, self.precision, config.batch_size, engine]
        references = [str(path) for path in getattr(written, "references", [])]
        described = json.dumps([shared, chosen, stored, references], default=str)
        return hashlib.sha256(described.encode("utf-8", "surrogateescape")).hexdigest()[:16]

    def run(
        self, planned: Sequence[Task], finished: Manifest, interrupted: threading.Event
    ) -> Iterator[tuple[Outcome, Row | None]]:
        """Colorizes and writes.

        Args:
            planned: the photographs.
            finished: which of them need not be done; those that are done are noted there.
            interrupted: once set, no other batch is begun.

        Yields:
            What became of each photograph, not always in order, and its row if there is a grid.

        Raises:
            ResourceError: nothing can be written any more.
        """
        skip = self.config.skip_existing and not self.config.grid

        def read(task: Task) -> _Photograph | None:
            return None if skip and finished.is_done(task) else self._read(task)

        def colorize(photographs: list[_Photograph | None]) -> list[tuple]:
            start = time.perf_counter()
            size = min(size for size in (1, 2, 4, self.config.batch_size) if size >= len(photographs))
            answers = predict_all(self.colorizers, [one and one.inputs for one in photographs], size)
            seconds = (time.perf_counter() - start) / len(photographs)
            return [(answer, seconds) for answer in answers]

        batches = itertools.takewhile(lambda _: not interrupted.is_set(), self._batches(planned))
        for task, result in overlapped(batches, read, colorize, self._write, workers=self.config.workers):
            if result is None:
                yield Outcome(str(task.source), str(task.target), "skipped"), None
            elif isinstance(result, InputError):
                yield Outcome(str(task.source), str(task.target), "failed", reason=str(result)), None
            else:
                outcome, row, seen = result
                finished.record(task, seen)
                yield outcome, row

    def _batches(self, planned: Sequence[Task]) -> Iterator[list[Task]]:
        """Cuts the plan into batches of at most so many photographs, and of so many pixels that memory lasts.

        It depends on the files alone, not on what is finished: a rerun colorizes each photograph in the place of the
        batch that it had, and so to the last bit the same.
        """
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
        seen = manifest.fingerprint(task.source)  # if the file is replaced from here on, a rerun does it again
        photograph = images.read(task.source, max_pixels=int(self.config.max_megapixels * 1e6))
        lightness = color.rgb_to_lightness(photograph.rgb)
        actual = None
        if self.with_actual:
            if task.truth:
                actual = _read_truth(task.truth)
            elif not images.is_gray(photograph.rgb):
                actual = images.to_bytes(photograph.rgb)
        inputs = [colorizer.prepare(lightness, actual, task.source) for colorizer in self.colorizers]
        return _Photograph(
            task,
            photograph.rgb,
            photograph.alpha,
            photograph.metadata.noted(),
            photograph.pages,
            seen,
            actual,
            inputs,
            seconds=time.perf_counter() - start,
        )

    def _write(self, photograph: _Photograph, answer: tuple[tuple, float]) -> tuple[Outcome, Row | None, str]:
        start = time.perf_counter()
        predictions, seconds = answer
        task, dtype = photograph.task, photograph.rgb.dtype.type
        try:
            first = self._finished(photograph, predictions, self.columns[0], dtype)
            images.write(
                task.target, first, photograph.alpha, metadata=photograph.metadata, quality=self.config.quality
            )
            row = self._row(photograph, predictions, first) if self.config.grid else None
        except InputError as error:
            raise InputError(f"{task.source}: {error}") from error
        height, width = photograph.rgb.shape[:2]
        seconds += photograph.seconds + time.perf_counter() - start
        note = f"{photograph.pages} pictures in one file, the first is colorized" if photograph.pages > 1 else ""
        outcome = Outcome(str(task.source), str(task.target), "done", seconds, width, height, note)
        return outcome, row, photograph.fingerprint

    def _finished(
        self, photograph: _Photograph, predictions: tuple, column: _Column, dtype: type = np.uint8
    ) -> np.ndarray:
        """The picture of a column."""
        ab, confidence = predictions[column.colorizer]
        if not column.refine:
            return finish_in_bands(photograph.rgb, ab, dtype)
        return finish(color.rgb_to_lightness(photograph.rgb), ab, confidence, column.refine, dtype)

    def _row(self, photograph: _Photograph, predictions: tuple, first: np.ndarray) -> Row:
        """The photograph's row of the grid, of which the first column is there already."""
        others = [self._finished(photograph, predictions, column) for column in self.columns[1:]]
        gray = finish_in_bands(photograph.rgb, np.zeros((1, 1, 2), np.float32))
        return Row.of(photograph.task.source.name, gray, photograph.actual, [images.to_bytes(first), *others])

    def pages(self) -> Pages:
        """What takes the rows of the grid: each model's column, after that of the model before refinement."""
        order = sorted(range(len(self.columns)), key=lambda index: (self.columns[index].colorizer, -index))
        return Pages(self.config.output / GRIDS, [column.title for column in self.columns], order)


def _refinements(config: PredictConfig) -> tuple[Refinement, ...]:
    """What is done to predicted chroma, hints last."""
    chosen: list[Refinement] = [REFINEMENTS[name] for name in config.refine]
    given = [hint for text in config.hint for hint in hints.parse(text)]
    return (*chosen, partial(hints.apply, hints=given)) if given else tuple(chosen)


def _read_truth(path: Path) -> np.ndarray | None:
    """A color original; one that cannot be read is no reason not to colorize."""
    try:
        return images.to_bytes(images.read(path).rgb)
    except InputError as error:
        tqdm.write(f"warning: {error}", file=sys.stderr)
        return None
