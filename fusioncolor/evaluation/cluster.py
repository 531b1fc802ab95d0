"""An evaluation on the machines of a cluster: paths go to workers, figures of photographs and sums of pixels come back.

Each photograph counts once, though a worker that dies makes Ray measure its photographs again.
"""

import functools
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from fusioncolor.config import EvaluateConfig
from fusioncolor.errors import InputError
from fusioncolor.evaluation.measuring import Judges, Measurer, Tally
from fusioncolor.evaluation.photographs import Job, died
from fusioncolor.models.baselines import draw
from fusioncolor.runtime.cluster import Cluster, rounds


def tallies(
    cluster: Cluster,
    config: EvaluateConfig,
    paths: Sequence[Path],
    *,
    references: Sequence[Path],
    counts: np.ndarray,
    batch_size: int,
) -> Iterator[Tally]:
    """Measures photographs; yields the figures of several at a time, and of each once.

    Args:
        cluster: where to work.
        config: the options.
        paths: the photographs.
        references: as for `Measurer`.
        counts: as for `Measurer`.
        batch_size: as for `Measurer.measured`.

    Raises:
        InputError: a model cannot be loaded, or the machines of the cluster differ.
        ResourceError: the cluster cannot run workers.
    """
    classes = list({path.parent.name: path for path in paths}.values())
    config = replace(config, examples=0)  # pictures stay where they are
    start = functools.partial(MeasuringWorker, config, draw(references), counts, classes, batch_size)
    left = dict(enumerate(paths))
    for numbers, part in rounds(cluster, start, left, batch=batch_size):
        if all(number in left for number in numbers):
            for number in numbers:
                del left[number]
            yield part
    lost = Tally()
    for path in left.values():
        lost.add(path, InputError(died(path)))
    yield lost


class MeasuringWorker:
    """Measures photographs in a process of a cluster; models are loaded once."""

    def __init__(
        self,
        config: EvaluateConfig,
        references: Sequence[Path],
        counts: np.ndarray,
        classes: Sequence[Path],
        batch_size: int,
    ) -> None:
        """Loads the models and judges; the arguments are those of `Measurer` and `Measurer.measured`.

        Raises:
            InputError: one cannot be loaded.
        """
        judges = Judges.load(config)
        self._measurer = Measurer(config, judges, references=references, counts=counts, classes=classes)
        self._batch_size = batch_size

    def __call__(self, job: Job) -> Iterator[tuple[list[int], Tally]]:
        """Measures the photographs of a job; returns their numbers and figures."""
        tally = Tally()
        for path, result in self._measurer.measured([path for _, path in job], batch_size=self._batch_size):
            tally.add(path, result)
        yield [number for number, _ in job], tally
