"""Which photographs to train on: finding them, sorting out what cannot teach color, splitting."""

import os
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from fusioncolor import duplicates, images
from fusioncolor.errors import InputError

_THUMBNAIL = (64, 64)  # enough to tell gray from color
_GRAY_TWINS = ("gray", "grey", "black", "grayscale")


def default_workers() -> int:
    """Threads for reading photographs: one per core, at most 16."""
    return min(os.cpu_count() or 1, 16)


def find(folder: Path, *, exclude: Path | None = None) -> list[Path]:
    """Lists the photographs to train on, recursively; of a `color/` with a `gray/` beside it, only `color/`.

    Raises:
        InputError: the folder is missing or holds no image.
    """
    if not folder.is_dir():
        raise InputError(f"no such folder: {folder}" if not folder.exists() else f"not a folder: {folder}")
    found = [path for path in images.find(folder, exclude=exclude) if not _is_gray_twin(path, folder)]
    if not found:
        raise InputError(f"no image in folder {folder} (looked for {', '.join(images.SUFFIXES)}, in subfolders too)")
    return found


def _is_gray_twin(path: Path, root: Path) -> bool:
    for parent in path.parents:
        if parent.name.lower() in _GRAY_TWINS and parent != root and (parent.parent / "color").is_dir():
            return True
        if parent == root:
            return False
    return False


@dataclass(frozen=True)
class Survey:
    """What a look at every file found.

    Attributes:
        in_color: paths.
        hashes: `(N, 2)`, the perceptual hashes of those.
        gray: paths.
        unreadable: a sentence for each.
    """

    in_color: list[Path]
    hashes: np.ndarray
    gray: list[Path]
    unreadable: list[str]


def survey(paths: Sequence[Path], *, workers: int, progress=iter) -> Survey:
    """Reads every photograph once, small, and sorts out those without color and those that cannot be read.

    Args:
        paths: image files.
        workers: threads.
        progress: wraps the iterator over results, as `tqdm` does.
    """

    def look(path: Path) -> np.ndarray | str | None:
        try:
            rgb = images.read_resized(path, _THUMBNAIL)
        except InputError as error:
            return str(error)
        return None if images.is_gray(rgb) else duplicates.perceptual_hashes(rgb)

    with ThreadPoolExecutor(workers) as pool:
        seen = list(zip(paths, progress(pool.map(look, paths)), strict=True))
    hashes = [verdict for _, verdict in seen if isinstance(verdict, np.ndarray)]
    return Survey(
        in_color=[path for path, verdict in seen if isinstance(verdict, np.ndarray)],
        hashes=np.array(hashes, np.uint64).reshape(-1, 2),
        gray=[path for path, verdict in seen if verdict is None],
        unreadable=[verdict for _, verdict in seen if isinstance(verdict, str)],
    )


def split(
    paths: Sequence[Path], *, validation: float, test: float, seed: int, groups: Sequence[int] | None = None
) -> dict[str, list[Path]]:
    """Splits photographs at random into sorted lists "train", "validation" and "test".

    Args:
        paths: of photographs.
        validation: share from 0 to 1.
        test: share from 0 to 1.
        seed: the same seed and list give the same split.
        groups: a number for each; those of one number come to the same part, as far as there is room for all of them,
            else to train.

    Raises:
        InputError: nothing would be left to train or validate on.
    """
    groups = list(range(len(paths)) if groups is None else groups)
    order = np.random.default_rng([seed, 0]).permutation(len(paths))
    counts = {"validation": round(len(paths) * validation), "test": round(len(paths) * test)}
    if validation and not counts["validation"]:
        counts["validation"] = 1
    sizes = Counter(groups)
    part_of: dict[int, str] = {}
    for index in order:
        group = groups[index]
        if group not in part_of:
            part_of[group] = next((name for name in ("test", "validation") if sizes[group] <= counts[name]), "train")
            counts[part_of[group]] = counts.get(part_of[group], 0) - sizes[group]
    parts = {
        wanted: sorted(path for path, group in zip(paths, groups, strict=True) if part_of[group] == wanted)
        for wanted in ("train", "validation", "test")
    }
    if not parts["train"] or (validation and not parts["validation"]):
        raise InputError(f"{len(paths)} photographs in color are too few for this split; add more")
    return parts
