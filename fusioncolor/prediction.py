"""Photograph files -> colorized files and grids."""

import sys
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from tqdm import tqdm

from fusioncolor import color, data, images, metrics, models, plotting
from fusioncolor.colorizer import Colorizer, gray_picture
from fusioncolor.config import PredictConfig
from fusioncolor.errors import InputError
from fusioncolor.precision import precision
from fusioncolor.tasks import Task

_ROWS_PER_PAGE = 8
_CELL_PIXELS = 512  # longest side of a picture in a grid


@dataclass(frozen=True)
class Row:
    """One row of a grid: a name, small pictures (actual may be None), and the dB of each predicted one."""

    name: str
    gray: np.ndarray
    actual: np.ndarray | None
    predicted: list[np.ndarray]
    psnr: list[float | None]


@dataclass
class _Read:
    """A photograph on its way through the network."""

    task: Task
    lightness: np.ndarray  # (H, W, 1) at full size
    alpha: np.ndarray | None
    actual: np.ndarray | None  # (H, W, 3), where a grid wants it
    small: list[np.ndarray] = field(default_factory=list)  # lightness at each colorizer's size


def predict(config: PredictConfig, tasks: Sequence[Task]) -> int:
    """Colorizes photographs; a file that cannot be read is named on standard error and the others go on.

    Args:
        config: the options.
        tasks: what `tasks.plan` made of them.

    Returns:
        The exit code: 0, or 1 if a photograph failed.

    Raises:
        InputError: the weights or the output folder cannot be used.
    """
    with precision(config.precision):
        colorizers = [_choose(models.load(name), config) for name in config.weights]
    start = time.perf_counter()
    rows: list[Row] = []
    pages = failed = 0
    with tqdm(total=len(tasks), unit="img", desc="colorizing", leave=False) as bar:
        for result in colorize_all(config, colorizers, tasks):
            bar.update()
            if isinstance(result, InputError):
                failed += 1
                tqdm.write(f"error: {result}", file=sys.stderr)
            elif config.grid:
                rows.append(result)
            if len(rows) == _ROWS_PER_PAGE:
                pages += 1
                _write_page(config, rows, pages)
                rows = []
    if rows:
        pages += 1
        _write_page(config, rows, pages)
    done, seconds = len(tasks) - failed, time.perf_counter() - start
    print(f"{_count(done)} colorized in {seconds:.1f} s ({done / seconds:.1f} img/s): {config.output}")
    if pages:
        print(f"{pages} page{'s'[: pages > 1]} of rows grayscale / actual / predicted: {config.output / 'grids'}")
    if failed:
        print(f"{_count(failed)} failed, see the lines above", file=sys.stderr)
    return 1 if failed else 0


def colorize_all(
    config: PredictConfig, colorizers: list[Colorizer], tasks: Sequence[Task]
) -> Iterator[Row | InputError | None]:
    """Reads, colorizes and writes batch by batch; while the network works, the next batch is read, the last written.

    Args:
        config: the options.
        colorizers: the first one's pictures are written.
        tasks: photographs.

    Yields:
        One result per photograph, not always in order: its row for the grid, None without a grid, or what went wrong.
    """
    batches = [tasks[start : start + config.batch_size] for start in range(0, len(tasks), config.batch_size)]
    with ThreadPoolExecutor(config.workers or data.default_workers()) as pool:

        def read_all(batch: Sequence[Task]) -> list[Future]:
            return [pool.submit(_read, task, colorizers, config.grid) for task in batch]

        reading, writing = read_all(batches[0]) if batches else [], []
        for following in [*batches[1:], []]:
            results = [_result(future) for future in reading]
            reading = read_all(following)
            photographs = [result for result in results if isinstance(result, _Read)]
            yield from (result for result in results if isinstance(result, InputError))
            ab = _predict_batch(photographs, colorizers, config.batch_size)
            yield from map(_result, writing)
            writing = [
                pool.submit(_write, photograph, chroma, colorizers, config)
                for photograph, chroma in zip(photographs, ab, strict=True)
            ]
        yield from map(_result, writing)


def _choose(colorizer: Colorizer, config: PredictConfig) -> Colorizer:
    """The colorizer with the options chosen at prediction time."""
    return colorizer.with_options(
        vividness=config.vividness, decode=config.decode, temperature=config.temperature, seed=config.seed
    )


def _result(future: Future):
    """What a future gives, or the `InputError` it raised."""
    try:
        return future.result()
    except InputError as error:
        return error


def _read(task: Task, colorizers: list[Colorizer], with_actual: bool) -> _Read:
    photograph = images.read(task.source)
    lightness = color.rgb_to_lightness(photograph.rgb)
    actual = None
    if with_actual:
        if task.truth:
            actual = _read_truth(task.truth)
        elif photograph.rgb.dtype == np.uint8 and not images.is_gray(photograph.rgb):
            actual = photograph.rgb
    small = [colorizer.prepare(lightness) for colorizer in colorizers]
    return _Read(task, lightness, photograph.alpha, actual, small)


def _read_truth(path: Path) -> np.ndarray | None:
    """A color original; one that cannot be read is no reason not to colorize."""
    try:
        return images.read(path).rgb
    except InputError as error:
        tqdm.write(f"warning: {error}", file=sys.stderr)
        return None


def _predict_batch(
    photographs: list[_Read], colorizers: list[Colorizer], batch_size: int
) -> list[tuple[np.ndarray, ...]]:
    """For each photograph, each colorizer's ab `(h, w, 2)`."""
    if not photographs:
        return []
    by_colorizer = [
        colorizer.predict_ab(np.stack([photograph.small[index] for photograph in photographs]), batch_size=batch_size)
        for index, colorizer in enumerate(colorizers)
    ]
    return list(zip(*by_colorizer, strict=True))


def _write(
    photograph: _Read, ab: tuple[np.ndarray, ...], colorizers: list[Colorizer], config: PredictConfig
) -> Row | None:
    predicted = [
        colorizer.finish(photograph.lightness, chroma) for colorizer, chroma in zip(colorizers, ab, strict=True)
    ]
    images.write(photograph.task.target, predicted[0], photograph.alpha)
    if not config.grid:
        return None
    gray = gray_picture(photograph.lightness)
    actual = photograph.actual
    comparable = actual is not None and actual.shape == gray.shape
    return Row(
        name=photograph.task.source.name,
        gray=_thumbnail(gray),
        actual=None if actual is None else _thumbnail(actual),
        predicted=[_thumbnail(picture) for picture in predicted],
        psnr=[metrics.psnr(picture, actual) if comparable else None for picture in predicted],
    )


def _thumbnail(rgb: np.ndarray) -> np.ndarray:
    height, width = rgb.shape[:2]
    scale = min(_CELL_PIXELS / max(height, width), 1)
    return images.resize(rgb, (max(round(height * scale), 1), max(round(width * scale), 1)))


def _write_page(config: PredictConfig, rows: list[Row], number: int) -> None:
    with_actual = any(row.actual is not None for row in rows)
    names = ["predicted"] if len(config.weights) == 1 else [Path(name).name for name in config.weights]
    columns = ["grayscale", *(["actual"] if with_actual else []), *names]
    pictures = [[row.gray, *([row.actual] if with_actual else []), *row.predicted] for row in rows]
    captions = [
        [row.name, *([""] if with_actual else []), *("" if db is None else f"{db:.1f} dB" for db in row.psnr)]
        for row in rows
    ]
    with images.replacing(config.output / "grids" / f"page-{number:03}.png") as temporary:
        plotting.grid(pictures, columns, captions).savefig(temporary)


def _count(number: int) -> str:
    return f"{number} photograph{'' if number == 1 else 's'}"
