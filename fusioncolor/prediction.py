"""Photograph files -> colorized files and grids."""

import sys
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
from tqdm import tqdm

from fusioncolor import color, data, hints, images, metrics, models, plotting, tasks
from fusioncolor.baselines import BASELINES, create_baseline
from fusioncolor.colorizer import Colorizer, Refinement, finish, gray_picture
from fusioncolor.config import PredictConfig
from fusioncolor.errors import InputError
from fusioncolor.metadata import Metadata
from fusioncolor.precision import precision
from fusioncolor.refinement import REFINEMENTS
from fusioncolor.tasks import GRIDS, Task

Item, Read, Written = TypeVar("Item"), TypeVar("Read"), TypeVar("Written")

_ROWS_PER_PAGE = 8
_CAPTION = 36  # letters under a picture of a grid
_CELL_PIXELS = 512  # longest side of a picture in a grid


@dataclass(frozen=True)
class Row:
    """One row of a grid: a name, small pictures (actual may be None), and the dB of each predicted one and of gray."""

    name: str
    gray: np.ndarray
    actual: np.ndarray | None
    predicted: list[np.ndarray]
    psnr: list[float | None]
    gray_psnr: float | None


@dataclass(frozen=True)
class _Photograph:
    """A photograph on its way through the networks."""

    task: Task
    lightness: np.ndarray  # (H, W, 1) at full size
    alpha: np.ndarray | None
    metadata: Metadata
    dtype: type  # of the file's pixels
    actual: np.ndarray | None  # (H, W, 3), where somebody wants it
    inputs: list[np.ndarray]  # as each colorizer prepares it


@dataclass(frozen=True)
class _Column:
    """A column of predicted pictures in a grid."""

    title: str
    colorizer: int  # whose chroma it shows
    refine: tuple[Refinement, ...]


def predict(config: PredictConfig, planned: Sequence[Task]) -> int:
    """Colorizes photographs; a file that cannot be read is named on standard error and the others go on.

    Args:
        config: the options.
        planned: what `tasks.plan` made of the photographs.

    Returns:
        The exit code: 0, or 1 if a photograph failed.

    Raises:
        InputError: the weights or an option cannot be used.
    """
    pipeline = Pipeline(config)
    start = time.perf_counter()
    rows: list[Row] = []
    pages = failed = 0
    with tqdm(total=len(planned), unit="img", desc="colorizing", leave=False) as bar:
        for result in pipeline.run(planned):
            bar.update()
            if isinstance(result, InputError):
                failed += 1
                tqdm.write(f"error: {result}", file=sys.stderr)
            elif config.grid:
                rows.append(result)
            if len(rows) == _ROWS_PER_PAGE:
                pages += 1
                pipeline.write_page(rows, pages)
                rows = []
    if rows:
        pages += 1
        pipeline.write_page(rows, pages)
    done, seconds = len(planned) - failed, time.perf_counter() - start
    print(f"{_count(done)} colorized in {seconds:.1f} s ({done / seconds:.1f} img/s): {config.output}")
    if pages:
        print(f"{pages} page{'s'[: pages > 1]} of rows grayscale / actual / predicted: {config.output / GRIDS}")
    if failed:
        print(f"{_count(failed)} failed, see the lines above", file=sys.stderr)
    return 1 if failed else 0


class Pipeline:
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
        with precision(config.precision):
            references = [path for path, _ in tasks.find(config.reference)]
            options = {option: getattr(config, option) for option in ("vividness", "decode", "temperature", "seed")}
            self.colorizers = [load(name, references, **options) for name in config.weights]
        for name, colorizer in zip(config.weights, self.colorizers, strict=True):
            if "peaks" in config.refine and colorizer.head.name != "classification":
                raise InputError(f"--refine peaks needs a classification model, which {name} is not")
        if config.grid and (config.output / GRIDS).exists() and not (config.output / GRIDS).is_dir():
            raise InputError(f"{config.output / GRIDS} is a file where --grid needs a folder: give another --output")
        refine = _refinements(config)
        change = " and ".join((["refined"] if config.refine else []) + (["with hints"] if config.hint else []))
        titles = ["predicted"] if len(config.weights) == 1 else [title_of(name) for name in config.weights]
        self.columns = [_Column(f"{title}, {change}" if refine else title, i, refine) for i, title in enumerate(titles)]
        if refine and config.grid:
            self.columns += [_Column(title, i, ()) for i, title in enumerate(titles)]
        self.with_actual = config.grid or any(getattr(one, "needs_truth", False) for one in self.colorizers)

    def run(self, planned: Sequence[Task]) -> Iterator[Row | InputError | None]:
        """Colorizes and writes.

        Yields:
            One result per photograph, not always in order: its row for the grid, None without a grid, or what went
            wrong with it.
        """
        size = min(self.config.batch_size, len(planned)) or 1

        def colorize(photographs: list[_Photograph]) -> list[tuple]:
            return predict_all(self.colorizers, [one.inputs for one in photographs], size)

        return overlapped(planned, size, self._read, colorize, self._write, workers=self.config.workers)

    def _read(self, task: Task) -> _Photograph:
        photograph = images.read(task.source, max_pixels=int(self.config.max_megapixels * 1e6))
        lightness = color.rgb_to_lightness(photograph.rgb)
        actual = None
        if self.with_actual:
            if task.truth:
                actual = _read_truth(task.truth)
            elif not images.is_gray(photograph.rgb):
                actual = images.to_bytes(photograph.rgb)
        inputs = [colorizer.prepare(lightness, actual, task.source) for colorizer in self.colorizers]
        metadata, dtype = photograph.metadata.noted(), photograph.rgb.dtype.type
        return _Photograph(task, lightness, photograph.alpha, metadata, dtype, actual, inputs)

    def _write(self, photograph: _Photograph, predictions: tuple) -> Row | None:
        lightness, actual = photograph.lightness, photograph.actual
        wanted = self.columns if self.config.grid else self.columns[:1]
        try:
            dtypes = [photograph.dtype, *[np.uint8] * (len(wanted) - 1)]  # the first goes to a file
            predicted = [
                finish(lightness, *predictions[column.colorizer], column.refine, dtype)
                for column, dtype in zip(wanted, dtypes, strict=True)
            ]
        except InputError as error:
            raise InputError(f"{photograph.task.source}: {error}") from error
        images.write(
            photograph.task.target,
            predicted[0],
            photograph.alpha,
            metadata=photograph.metadata,
            quality=self.config.quality,
        )
        if not self.config.grid:
            return None
        predicted[0] = images.to_bytes(predicted[0])
        gray = gray_picture(lightness)
        comparable = actual is not None and actual.shape == gray.shape
        return Row(
            name=photograph.task.source.name,
            gray=_thumbnail(gray),
            actual=None if actual is None else _thumbnail(actual),
            predicted=[_thumbnail(picture) for picture in predicted],
            psnr=[metrics.psnr(picture, actual) if comparable else None for picture in predicted],
            gray_psnr=metrics.psnr(gray, actual) if comparable else None,
        )

    def write_page(self, rows: list[Row], number: int) -> None:
        """Writes rows to page `number` of the grids; the actual column is left out where no row has one."""
        with_actual = any(row.actual is not None for row in rows)
        order = sorted(range(len(self.columns)), key=lambda index: (self.columns[index].colorizer, -index))
        titles = ["grayscale", *(["actual"] if with_actual else []), *(self.columns[index].title for index in order)]
        pictures, captions = [], []
        for row in rows:
            against = "" if row.gray_psnr is None else f" (gray {row.gray_psnr:.1f})"
            decibels = ["" if row.psnr[index] is None else f"{row.psnr[index]:.1f} dB{against}" for index in order]
            pictures.append([row.gray, *([row.actual] if with_actual else []), *(row.predicted[i] for i in order)])
            captions.append([_shortened(row.name), *([""] if with_actual else []), *decibels])
        with images.replacing(self.config.output / GRIDS / f"page-{number:03}.png") as temporary:
            plotting.grid(pictures, titles, captions).savefig(temporary)


def overlapped(
    items: Sequence[Item],
    batch_size: int,
    read: Callable[[Item], Read],
    work: Callable[[list[Read]], list],
    write: Callable[[Read, Any], Written],
    *,
    workers: int | None,
) -> Iterator[Written | InputError]:
    """Takes items through three stages: while `work` has one batch, threads read the next and write the one before.

    Args:
        items: of any kind.
        batch_size: that `work` gets at most.
        read: gives what `work` needs of one item; an `InputError` it raises is the item's result.
        work: a batch of what was read -> one answer for each; called in this thread.
        write: gives the result of what was read and its answer; an `InputError` it raises is the result.
        workers: threads; default: one per core.

    Yields:
        One result per item, those that could not be read a little early.
    """
    batches = [items[start : start + batch_size] for start in range(0, len(items), batch_size)]
    with ThreadPoolExecutor(workers or data.default_workers()) as pool:
        reading = [pool.submit(read, item) for item in batches[0]] if batches else []
        writing: list[Future] = []
        for following in [*batches[1:], []]:
            results = [_result(future) for future in reading]
            reading = [pool.submit(read, item) for item in following]
            yield from (result for result in results if isinstance(result, InputError))
            whole = [result for result in results if not isinstance(result, InputError)]
            answers = work(whole) if whole else []
            yield from map(_result, writing)
            writing = [pool.submit(write, *pair) for pair in zip(whole, answers, strict=True)]
        yield from map(_result, writing)


def predict_all(
    colorizers: Sequence[Colorizer], inputs: Sequence[Sequence[np.ndarray]], batch_size: int
) -> list[tuple]:
    """For each photograph, each colorizer's (ab, confidence).

    Args:
        colorizers: C of them.
        inputs: of each photograph C, as each colorizer prepares it.
        batch_size: batches are padded to it.
    """
    by_colorizer = [
        colorizer.predict(np.stack(prepared), batch_size=batch_size)
        for colorizer, prepared in zip(colorizers, zip(*inputs, strict=True), strict=True)
    ]
    return list(zip(*by_colorizer, strict=True))


def load(name: str, references: Sequence[Path] = (), **options) -> Colorizer:
    """A saved colorizer or a baseline, with the options chosen at prediction time.

    Args:
        name: a folder, or a key of `BASELINES`.
        references: photographs that baselines take colors from.
        **options: as for `Colorizer.with_options`; baselines take of them what they can.

    Raises:
        InputError: it cannot be loaded, or has no use for an option.
    """
    if name in BASELINES:
        return create_baseline(name, references).with_options(vividness=options.get("vividness", 1.0))
    try:
        return models.load(name).with_options(**options)
    except InputError as error:
        raise InputError(f"{error} ({name})" if name not in str(error) else str(error)) from error


def _refinements(config: PredictConfig) -> tuple[Refinement, ...]:
    """What is done to predicted chroma, hints last."""
    chosen: list[Refinement] = [REFINEMENTS[name] for name in config.refine]
    given = [hint for text in config.hint for hint in hints.parse(text)]
    return (*chosen, partial(hints.apply, hints=given)) if given else tuple(chosen)


def _result(future: Future):
    """What a future gives, or the `InputError` it raised."""
    try:
        return future.result()
    except InputError as error:
        return error


def _read_truth(path: Path) -> np.ndarray | None:
    """A color original; one that cannot be read is no reason not to colorize."""
    try:
        return images.to_bytes(images.read(path).rgb)
    except InputError as error:
        tqdm.write(f"warning: {error}", file=sys.stderr)
        return None


def _thumbnail(rgb: np.ndarray) -> np.ndarray:
    height, width = rgb.shape[:2]
    scale = min(_CELL_PIXELS / max(height, width), 1)
    return images.resize(rgb, (max(round(height * scale), 1), max(round(width * scale), 1)))


def title_of(name: str) -> str:
    """The heading of a column: the folder's name, with its run's for `best` and `last`."""
    path = Path(name)
    return f"{path.parent.name}/{path.name}" if path.name in ("best", "last") else path.name


def _shortened(name: str) -> str:
    name = name.encode("utf-8", "backslashreplace").decode()  # a file name may be any bytes
    return name if len(name) <= _CAPTION else f"{name[: _CAPTION // 2]}...{name[-_CAPTION // 2 + 3 :]}"


def _count(number: int) -> str:
    return f"{number} photograph{'' if number == 1 else 's'}"
