"""The order of photographs in archives: one archive after the other is read, and still an epoch is well mixed."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from fusioncolor import files

TOGETHER = 8  # archives whose photographs are mixed


def groups_of(paths: Sequence[Path]) -> list[np.ndarray]:
    """Returns the indices of the photographs in each archive, those outside of archives last; empty without archives.

    Args:
        paths: N photographs.
    """
    found: dict[Path | None, list[int]] = {}
    archives = {parent: files.archive_of(parent / "member") for parent in {path.parent for path in paths}}
    for index, path in enumerate(paths):
        found.setdefault(archives[path.parent], []).append(index)
    loose = found.pop(None, [])
    return [np.array(one) for one in (*found.values(), *([loose] if loose else []))] if found else []


def order(groups: Sequence[np.ndarray], rng: np.random.Generator) -> np.ndarray:
    """Returns all indices, shuffled: groups in random order, and the indices of `TOGETHER` groups at a time mixed.

    Args:
        groups: indices of each group; together 0 to N - 1.
        rng: its state alone decides.

    Returns:
        `(N,)`; with few groups, as random as any order.
    """
    shuffled = rng.permutation(len(groups))
    windows = [shuffled[start : start + TOGETHER] for start in range(0, len(groups), TOGETHER)]
    return np.concatenate([rng.permutation(np.concatenate([groups[one] for one in window])) for window in windows])
