"""The photographs of an evaluation: a first look at all of them, and reading one at the size of the protocol."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np

from fusioncolor import bins, color, images
from fusioncolor.config import EvaluateConfig
from fusioncolor.errors import InputError
from fusioncolor.runtime.cluster import Cluster, rounds
from fusioncolor.runtime.reporting import SILENT, Reporter
from fusioncolor.runtime.workers import default_workers

Look = np.ndarray | str | None
"""What a first look at a photograph gives; see `look`."""

Job = list[tuple[int, Path]]
"""Photographs by number, for a worker of a cluster."""

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


def survey(
    config: EvaluateConfig,
    found: Sequence[Path],
    looks: Callable[[Sequence[Path]], Iterable[tuple[Path, Look]]],
    *,
    reporter: Reporter = SILENT,
) -> Survey:
    """Looks at each photograph once, at thumbnail size.

    Args:
        config: the options; `limit` draws some of the photographs.
        found: files, possibly with duplicates.
        looks: yields each of some photographs with its `look`, in any order.
        reporter: receives progress.

    Raises:
        InputError: no photograph is in color.
    """
    found = list(dict.fromkeys(found))
    if config.limit and config.limit < len(found):
        chosen = np.random.default_rng([config.seed, 3]).choice(len(found), config.limit, replace=False)
        found = [found[index] for index in sorted(chosen)]
    in_color, problems, counts = set(), {}, 0
    for path, seen in reporter.track(looks(found), "looking at photographs", len(found)):
        if isinstance(seen, np.ndarray):
            in_color.add(path)
            counts = counts + seen
        elif seen is not None:
            problems[path] = seen
    gray = len(found) - len(in_color) - len(problems)
    told = [problems[path] for path in found if path in problems]
    if not in_color:
        raise InputError(
            f"no photograph in color to judge: {gray} without color, {len(told)} unreadable"
            + (f" ({told[0]})" if told else "")
        )
    return Survey([path for path in found if path in in_color], counts, told, gray)


def looks_in_threads(config: EvaluateConfig, paths: Sequence[Path]) -> Iterator[tuple[Path, Look]]:
    """Yields each photograph with its `look`."""
    with ThreadPoolExecutor(config.workers or default_workers()) as pool:
        yield from zip(paths, pool.map(partial(look, config), paths), strict=True)


def looks_on(cluster: Cluster, config: EvaluateConfig, paths: Sequence[Path]) -> Iterator[tuple[Path, Look]]:
    """Yields each photograph with its `look` by a worker of a cluster, in any order.

    Raises:
        ResourceError: the cluster cannot run workers.
    """
    left = dict(enumerate(paths))
    for number, seen in rounds(cluster, partial(LookingWorker, config), left):
        if number in left:
            yield left.pop(number), seen
    yield from ((path, died(path)) for path in left.values())


class LookingWorker:
    """Takes a first look at photographs in a process of a cluster."""

    def __init__(self, config: EvaluateConfig) -> None:
        """Prepares for the given options."""
        self._config = config

    def __call__(self, job: Job) -> Iterator[tuple[int, Look]]:
        """Looks at the photographs of a job."""
        looks = looks_in_threads(self._config, [path for _, path in job])
        yield from ((number, seen) for (number, _), (_, seen) in zip(job, looks, strict=True))


def died(path: Path) -> str:
    """Says that no worker of a cluster lived to tell about a photograph."""
    return f"{path}: each worker that tried to read it died, perhaps for lack of memory"


def look(config: EvaluateConfig, path: Path) -> Look:
    """Returns the pixels of a photograph by color bin, `(313,)`; None without color; a sentence if it is unreadable."""
    try:
        rgb = images.resize(at_protocol_size(path, config), _THUMBNAIL) if config.crop else _thumbnail(path)
    except InputError as error:
        return str(error)
    return None if images.is_gray(rgb) or images.is_toned(rgb) else bins.count_bins(color.rgb_to_lab(rgb)[..., 1:])


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
