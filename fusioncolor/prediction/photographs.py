"""Reading the photographs of a folder run: pixels, metadata, hints, and the true picture for the grid."""

import time
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from fusioncolor import color, hints, images
from fusioncolor.config import PredictConfig
from fusioncolor.errors import InputError
from fusioncolor.hints import Hint
from fusioncolor.images.metadata import Metadata
from fusioncolor.prediction.plan import Task
from fusioncolor.runtime.reporting import Reporter


@dataclass(frozen=True)
class Photograph:
    """A photograph between reading and writing.

    Attributes:
        task: its files.
        lightness: `(H, W, 1)` float32, at full size.
        dtype: that of its pixels, `np.uint8` or `np.uint16`.
        alpha: `(H, W)` of that dtype, or None.
        metadata: metadata of the file.
        pages: number of pictures in the file.
        stamp: stamp of the file and its hints, taken before they were read.
        actual: true picture, `(H, W, 3)` `uint8`; None if it is unknown or not needed.
        toned: whether it is a print of one hue, which is not its true color.
        hints: colors at pixels, those of the options first.
        seconds: time taken to read it.
    """

    task: Task
    lightness: np.ndarray
    dtype: type
    alpha: np.ndarray | None
    metadata: Metadata
    pages: int
    stamp: str
    actual: np.ndarray | None
    toned: bool
    hints: tuple[Hint, ...]
    seconds: float


def read(
    task: Task, config: PredictConfig, *, given: Sequence[Hint] = (), with_actual: bool, reporter: Reporter
) -> Photograph:
    """Reads a photograph.

    Args:
        task: its files.
        config: the options.
        given: hints of the options.
        with_actual: look for the true picture too.
        reporter: receives a warning if the true picture cannot be read.

    Raises:
        InputError: the file is damaged, too large, or no image, or a file of hints is damaged.
    """
    start = time.perf_counter()
    seen = task.stamp()  # if a file is replaced after this, a rerun colorizes it again
    stored = images.read(task.source, max_pixels=int(config.max_megapixels * 1e6))
    toned = with_actual and config.toned and not task.truth and images.is_toned(stored.rgb)
    actual = None
    if with_actual and task.truth:
        actual = _read_truth(task, reporter)
    elif with_actual and not toned and not images.is_gray(stored.rgb):
        actual = images.to_bytes(stored.rgb)
    lightness = color.rgb_to_lightness(stored.rgb)
    own = (*given, *hints.parse_all(task.hints))
    seconds = time.perf_counter() - start
    return Photograph(
        task,
        lightness,
        stored.rgb.dtype.type,
        stored.alpha,
        stored.metadata,
        stored.pages,
        seen,
        actual,
        toned,
        own,
        seconds,
    )


def _read_truth(task: Task, reporter: Reporter) -> np.ndarray | None:
    """Reads a color original; if that fails, warns and returns None, and the photograph is still colorized."""
    try:
        return images.to_bytes(images.read(task.truth).rgb)
    except InputError as error:
        reporter.warning(str(error))
        return None
