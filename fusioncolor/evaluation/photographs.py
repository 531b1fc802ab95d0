"""The photographs of an evaluation: a first look at all of them, and reading one at the size of the protocol."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from fusioncolor import bins, color, images
from fusioncolor.config import EvaluateConfig
from fusioncolor.errors import InputError
from fusioncolor.runtime.reporting import SILENT, Reporter

_THUMBNAIL = (64, 64)  # pixels; enough to tell gray from color and to count color bins


@dataclass(frozen=True)
class Survey:
    """Result of a first look at all photographs.

    Attributes:
        paths: photographs in color.
        counts: their pixels by color bin, `(313,)`.
        problems: a sentence for each unreadable file.
        gray: number of photographs without color, or toned in one hue.
    """

    paths: list[Path]
    counts: np.ndarray
    problems: list[str]
    gray: int


def survey(config: EvaluateConfig, found: Sequence[Path], *, workers: int, reporter: Reporter = SILENT) -> Survey:
    """Looks at each photograph once, at thumbnail size.

    Args:
        config: the options; `limit` draws some of the photographs.
        found: files, possibly with duplicates.
        workers: number of threads.
        reporter: receives progress.

    Raises:
        InputError: no photograph is in color.
    """
    found = list(dict.fromkeys(found))
    if config.limit and config.limit < len(found):
        chosen = np.random.default_rng([config.seed, 3]).choice(len(found), config.limit, replace=False)
        found = [found[index] for index in sorted(chosen)]

    def look(path: Path) -> np.ndarray | str | None:
        try:
            rgb = images.resize(at_protocol_size(path, config), _THUMBNAIL) if config.crop else _thumbnail(path)
        except InputError as error:
            return str(error)
        return None if images.is_gray(rgb) or images.is_toned(rgb) else bins.count_bins(color.rgb_to_lab(rgb)[..., 1:])

    with ThreadPoolExecutor(workers) as pool:
        looks = list(reporter.track(pool.map(look, found), "looking at photographs", len(found)))
    counts = [seen for seen in looks if isinstance(seen, np.ndarray)]
    problems = [seen for seen in looks if isinstance(seen, str)]
    gray = sum(seen is None for seen in looks)
    if not counts:
        raise InputError(
            f"no photograph in color to judge: {gray} without color, {len(problems)} unreadable"
            + (f" ({problems[0]})" if problems else "")
        )
    paths = [path for path, seen in zip(found, looks, strict=True) if isinstance(seen, np.ndarray)]
    return Survey(paths, sum(counts), problems, gray)


def _thumbnail(path: Path) -> np.ndarray:
    return images.read_resized(path, _THUMBNAIL)


def at_protocol_size(path: Path, config: EvaluateConfig) -> np.ndarray:
    """Reads a photograph `(H, W, 3)` `uint8`, cropped and resized according to the options."""
    size = (config.image_size, config.image_size)
    if not config.crop and not config.full_size:
        return images.read_resized(path, size)
    rgb = images.to_bytes(images.read(path).rgb)
    if config.crop:
        side = min(rgb.shape[:2])
        top, left = (rgb.shape[0] - side) // 2, (rgb.shape[1] - side) // 2
        rgb = rgb[top : top + side, left : left + side]
    return rgb if config.full_size else images.resize(rgb, size)
