"""Which photographs to train on: finding them, sorting out what cannot teach color, splitting."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from fusioncolor import images
from fusioncolor.errors import InputError

_THUMBNAIL = (64, 64)  # enough to tell gray from color
_GRAY_TWINS = ("gray", "grey", "black", "grayscale")


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
    """What a look at every file found: paths `in_color`, `gray` ones, and a sentence per `unreadable` one."""

    in_color: list[Path]
    gray: list[Path]
    unreadable: list[str]


def survey(paths: Sequence[Path], *, workers: int, progress=iter) -> Survey:
    """Reads every photograph once, small, and sorts out those without color and those that cannot be read.

    Args:
        paths: image files.
        workers: threads.
        progress: wraps the iterator over results, as `tqdm` does.
    """

    def look(path: Path) -> bool | str:
        try:
            return images.is_gray(images.read_resized(path, _THUMBNAIL))
        except InputError as error:
            return str(error)

    with ThreadPoolExecutor(workers) as pool:
        verdicts = list(progress(pool.map(look, paths)))
    return Survey(
        in_color=[path for path, verdict in zip(paths, verdicts, strict=True) if verdict is False],
        gray=[path for path, verdict in zip(paths, verdicts, strict=True) if verdict is True],
        unreadable=[verdict for verdict in verdicts if isinstance(verdict, str)],
    )


def split(paths: Sequence[Path], *, validation: float, test: float, seed: int) -> dict[str, list[Path]]:
    """Splits photographs at random into sorted lists "train", "validation" and "test".

    Args:
        paths: of photographs.
        validation: share from 0 to 1.
        test: share from 0 to 1.
        seed: the same seed and list give the same split.

    Raises:
        InputError: nothing would be left to train or validate on.
    """
    order = np.random.default_rng([seed, 0]).permutation(len(paths))
    counts = {"validation": round(len(paths) * validation), "test": round(len(paths) * test)}
    if validation and not counts["validation"]:
        counts["validation"] = 1
    first, second = counts["test"], counts["test"] + counts["validation"]
    parts = {"test": order[:first], "validation": order[first:second], "train": order[second:]}
    if not len(parts["train"]):
        raise InputError(f"{len(paths)} photographs in color are too few for this split; add more")
    return {name: sorted(paths[index] for index in part) for name, part in parts.items()}
