"""Photographs to train on: finding them, and sorting out gray and unreadable ones."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from fusioncolor import images
from fusioncolor.data import duplicates
from fusioncolor.errors import InputError
from fusioncolor.runtime.reporting import SILENT, Reporter

_THUMBNAIL = (64, 64)  # enough to tell gray from color


def find(folder: Path, *, exclude: Path | None = None, reporter: Reporter = SILENT) -> list[Path]:
    """Lists the photographs to train on, recursively, in .tar archives too.

    Where `gray/` stands beside `color/`, it is skipped.

    Args:
        folder: where to look.
        exclude: folder to leave out, such as that of a run.
        reporter: told how many gray copies are skipped.

    Raises:
        InputError: the folder is missing, or holds no image.
    """
    if not folder.is_dir():
        raise InputError(f"no such folder: {folder}" if not folder.exists() else f"not a folder: {folder}")
    every = images.find([folder], exclude=exclude, archives=True)
    found = images.without_gray_twins(every)
    if not found:
        raise InputError(f"no color photographs in folder {folder}: all are in folders of gray ones")
    if len(found) < len(every):
        reporter.info(f"left out: {len(every) - len(found)} in folders of gray copies beside color/")
    return [one.path for one in found]


@dataclass(frozen=True)
class Survey:
    """Files sorted by their content.

    Attributes:
        in_color: N color photographs.
        hashes: `(N, 2)` `uint64`, their perceptual hashes.
        gray: photographs without color, or toned in one hue.
        unreadable: a sentence for each file that cannot be read.
    """

    in_color: list[Path]
    hashes: np.ndarray
    gray: list[Path]
    unreadable: list[str]


def survey(paths: Sequence[Path], *, workers: int, progress=iter) -> Survey:
    """Reads every photograph once, at a small size, and sorts out gray and unreadable ones.

    Args:
        paths: image files.
        workers: number of threads.
        progress: wraps the iterator over results, as `tqdm` does.
    """

    def look(path: Path) -> np.ndarray | str | None:
        try:
            rgb = images.read_resized(path, _THUMBNAIL)
        except InputError as error:
            return str(error)
        return None if images.is_gray(rgb) or images.is_toned(rgb) else duplicates.perceptual_hashes(rgb)

    with ThreadPoolExecutor(workers) as pool:
        seen = list(zip(paths, progress(pool.map(look, paths)), strict=True))
    hashes = [verdict for _, verdict in seen if isinstance(verdict, np.ndarray)]
    return Survey(
        in_color=[path for path, verdict in seen if isinstance(verdict, np.ndarray)],
        hashes=np.array(hashes, np.uint64).reshape(-1, 2),
        gray=[path for path, verdict in seen if verdict is None],
        unreadable=[verdict for _, verdict in seen if isinstance(verdict, str)],
    )
