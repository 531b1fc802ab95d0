"""The photographs that an evaluation shows: the best, the worst and the worst failures, kept while it goes on.

A photograph that is none of the extremes so far will be none in the end, so its pictures are let go at once, and memory
does not grow with the number of photographs.
"""

import itertools
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

from fusioncolor import images, pages
from fusioncolor.evaluation.catalog import FAILURES, METRICS, columns
from fusioncolor.registries import BASELINES

_LONGEST = 256  # pixels of a picture's longer side
_PENDING = 16  # photographs that wait to be compared with those kept


class Example(NamedTuple):
    """A photograph to show.

    Attributes:
        path: its file.
        actual: the true picture, a small JPEG file.
        predicted: small JPEG files, one for each column of the evaluation.
    """

    path: Path
    actual: bytes
    predicted: list[bytes]


class _Candidate(NamedTuple):
    path: Path
    values: np.ndarray
    pictures: "list[np.ndarray] | list[bytes]"


class Gallery:
    """Keeps the extremes among the photographs seen so far."""

    def __init__(self, models: Sequence[str], count: int) -> None:
        """Prepares to keep photographs.

        Args:
            models: titles of the columns of pictures.
            count: number of best and of worst photographs to keep for each; 0 keeps none.
        """
        self.models = models
        self.count = count
        self._kept: list[_Candidate] = []
        self._pending: list[_Candidate] = []

    def add(self, path: Path, values: np.ndarray, pictures: Sequence[np.ndarray]) -> None:
        """Takes a photograph, to be kept or let go.

        Args:
            path: its file.
            values: `(M, K)`, the figures of each column of pictures by `catalog.columns`.
            pictures: `(H, W, 3)` `uint8`, the true one first.
        """
        if self.count:
            self._pending.append(_Candidate(path, values, [images.shrink(picture, _LONGEST) for picture in pictures]))
            if len(self._pending) >= _PENDING:
                self._compare()

    def examples(self) -> list[Example]:
        """Returns the extremes, in the order in which they were seen."""
        self._compare()
        return [Example(one.path, one.pictures[0], one.pictures[1:]) for one in self._kept]

    def _compare(self) -> None:
        together = [*self._kept, *self._pending]
        if not together:
            return
        chosen = extremes(np.stack([one.values for one in together], axis=1), self.models, self.count)
        self._kept = [_encoded(together[index]) for index in chosen]
        self._pending = []


def _encoded(candidate: _Candidate) -> _Candidate:
    if isinstance(candidate.pictures[0], bytes):
        return candidate
    return candidate._replace(pictures=[pages.jpeg(picture) for picture in candidate.pictures])


def extremes(values: np.ndarray, models: Sequence[str], count: int) -> list[int]:
    """Returns indices of the `count` best and worst photographs of each model by AuC, and of its worst failures.

    Args:
        values: `(M, N, K)` figures of N photographs by `catalog.columns`.
        models: M titles; of baselines, failures do not count.
        count: number of best and of worst photographs.
    """
    names = list(columns())
    chosen: set[int] = set()
    for model, title in enumerate(models):
        order = np.argsort(values[model, :, names.index("auc")], kind="stable")
        chosen |= {int(index) for index in itertools.chain(order[:count], order[max(len(order) - count, 0) :])}
        for name in FAILURES if title not in BASELINES else ():
            figures = values[model, :, names.index(METRICS[name].column)]
            known = np.flatnonzero(np.isfinite(figures))
            badness = np.abs(figures) if METRICS[name].better == "zero" else figures
            worst = known[np.argsort(-badness[known], kind="stable")][: (count + 1) // 2]
            chosen |= {int(index) for index in worst}
    return sorted(chosen)
