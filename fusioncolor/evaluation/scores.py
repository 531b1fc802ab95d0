"""Figures of single photographs -> means, pooled values, gains with intervals, and the best and worst photographs."""

from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import NamedTuple

import numpy as np

from fusioncolor.evaluation.catalog import METRICS, OF_SETS, Metric, columns

DRAWS = 2000  # resamples of the bootstrap


class Gain(NamedTuple):
    """Difference of a metric between two models on the same photographs; NaN where it is not known.

    Attributes:
        value: the metric of the first model minus that of the second.
        low: lower end of the 95 % interval.
        high: upper end of the 95 % interval.
    """

    value: float
    low: float
    high: float


@dataclass
class Scores:
    """Figures of M models on N photographs.

    Attributes:
        models: titles, "gray" among them.
        paths: the photographs.
        values: `(M, N, K)` float32 for the K `catalog.columns`; NaN where a photograph has no such value.
        truth: figures of the true pictures, `(N,)` each: "colorfulness" and, with a classifier, "accuracy".
        errors: `(M, 152)`, pixels by ab error, as `metrics.error_counts` returns them.
        densities: `(M + 1, 110, 110)`, pixels by ab in cells of 2 Lab units, starting at -110; the truth last.
        prior: `(313,)`, prior of the true colors, which rebalances AuC.
        protocol: conditions of the evaluation, in words.
        problems: a sentence for each file that could not be read.
        of_sets: figures `(M,)` by the names in `OF_SETS`.
        seed: random seed of the bootstrap.
    """

    models: list[str]
    paths: list[Path]
    values: np.ndarray
    truth: dict[str, np.ndarray]
    errors: np.ndarray
    densities: np.ndarray
    prior: np.ndarray
    protocol: dict[str, str]
    problems: list[str] = field(default_factory=list)
    of_sets: dict[str, np.ndarray] = field(default_factory=dict)
    seed: int = 0

    def measured(self) -> list[str]:
        """Returns the names of the metrics that any photograph has, then those of sets."""
        return [*self.per_photograph(), *self.of_sets]

    def per_photograph(self) -> list[str]:
        """Returns the names of the metrics that any photograph has."""
        return [name for name, metric in METRICS.items() if np.isfinite(self.column(metric.column)).any()]

    def metric(self, name: str) -> Metric:
        """Returns the metric of a name in `measured`."""
        return OF_SETS[name] if name in self.of_sets else METRICS[name]

    def column(self, name: str) -> np.ndarray:
        """Returns one of the `catalog.columns`, `(M, N)`."""
        return self.values[..., list(columns()).index(name)]

    def value(self, name: str) -> np.ndarray:
        """Returns a metric of each model, `(M,)`."""
        if name in self.of_sets:
            return self.of_sets[name]
        return self._mean(METRICS[name], np.ones((1, len(self.paths)), np.float32))[0]

    def left_out(self, name: str) -> np.ndarray:
        """Returns the number of photographs without a value of the metric, for each model, `(M,)`."""
        if name in self.of_sets:
            return np.zeros(len(self.models), int)
        return (~np.isfinite(self.column(METRICS[name].column))).sum(axis=1)

    def gain(self, name: str, model: int, over: int) -> Gain:
        """Returns a metric of one model minus that of another, with a bootstrap interval over photographs."""
        if name in self.of_sets:
            return Gain(float(self.of_sets[name][model] - self.of_sets[name][over]), np.nan, np.nan)
        column = self.column(METRICS[name].column)[[model, over]]
        both = np.isfinite(column).all(axis=0)
        if not both.any():
            return Gain(np.nan, np.nan, np.nan)
        if both.all() or (both == np.isfinite(column)).all():
            value, draws = self.value(name)[[model, over]], self._draws[name][:, [model, over]]
        else:  # pairs only: a photograph with a value for just one of them says nothing about the difference
            pair = replace(self, values=self.values[[model, over]][:, both], paths=list(np.array(self.paths)[both]))
            value, draws = pair.value(name), pair._draws[name]
        if both.sum() < 2:
            return Gain(float(value[0] - value[1]), np.nan, np.nan)
        low, high = np.nanpercentile(draws[:, 0] - draws[:, 1], [2.5, 97.5])
        return Gain(float(value[0] - value[1]), float(low), float(high))

    @cached_property
    def _draws(self) -> dict[str, np.ndarray]:
        """Each metric, `(2000, M)`, of photographs drawn with replacement."""
        rng, count = np.random.default_rng(self.seed), len(self.paths)
        results = {name: [] for name in self.per_photograph()}
        for _ in range(0, DRAWS, 200):
            drawn = rng.integers(0, count, (200, count))
            weights = np.stack([np.bincount(row, minlength=count) for row in drawn]).astype(np.float32)
            for name, rows in results.items():
                rows.append(self._mean(METRICS[name], weights))
        return {name: np.concatenate(rows) for name, rows in results.items()}

    def _mean(self, metric: Metric, weights: np.ndarray) -> np.ndarray:
        """Returns a metric `(D, M)` with photographs weighted by `weights` `(D, N)`."""
        values = self.column(metric.column).astype(np.float64)
        counted = np.isfinite(values) * (self.column(metric.weight) if metric.weight else 1.0)
        with np.errstate(invalid="ignore"):
            means = weights @ (np.where(counted, values, 0) * counted).T / (weights @ counted.T)
        return means if metric.transform is None else metric.transform(means)
