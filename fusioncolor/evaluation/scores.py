"""Every metric of every photograph and model -> tables: means, pooled values, gains with intervals, extremes."""

import itertools
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path

import numpy as np

from fusioncolor.evaluation.catalog import FAILURES, METRICS, OF_SETS, Metric, columns
from fusioncolor.registries import BASELINES

DRAWS = 2000  # of the bootstrap


@dataclass
class Scores:
    """What was measured; M models on N photographs.

    Attributes:
        models: titles, gray among them.
        paths: of the photographs.
        values: `(M, N, K)` float32, K the `catalog.columns`; nan where a photograph has no such value.
        truth: figures of the true pictures, `(N,)` each: "colorfulness", and with a classifier "accuracy".
        errors: `(M, 152)`: pixels by ab error, as `metrics.error_counts` gives them.
        densities: `(M + 1, 110, 110)`: pixels by ab in cells of 2 Lab units from -110 on; the last is the truth's.
        prior: `(313,)`: of the true colors by which AuC is rebalanced.
        protocol: what was done, in words.
        problems: a sentence for each file that could not be read.
        of_sets: figures `(M,)` by the names in `OF_SETS`.
        seed: of the bootstrap.
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
        """Names of the metrics that some photograph has a value of, then those of sets."""
        return [*self.per_photograph(), *self.of_sets]

    def per_photograph(self) -> list[str]:
        """Names of the metrics that some photograph has a value of."""
        return [name for name, metric in METRICS.items() if np.isfinite(self.column(metric.column)).any()]

    def metric(self, name: str) -> Metric:
        """What a name of `measured` stands for."""
        return OF_SETS[name] if name in self.of_sets else METRICS[name]

    def column(self, name: str) -> np.ndarray:
        """One of the `catalog.columns`, `(M, N)`."""
        return self.values[..., list(columns()).index(name)]

    def value(self, name: str) -> np.ndarray:
        """A metric of every model, `(M,)`."""
        if name in self.of_sets:
            return self.of_sets[name]
        return self._mean(METRICS[name], np.ones((1, len(self.paths)), np.float32))[0]

    def left_out(self, name: str) -> np.ndarray:
        """How many photographs do not have the metric, for every model, `(M,)`."""
        if name in self.of_sets:
            return np.zeros(len(self.models), int)
        return (~np.isfinite(self.column(METRICS[name].column))).sum(axis=1)

    def gain(self, name: str, model: int, over: int) -> tuple[float, float, float]:
        """A metric of one model less that of another on the same photographs, with its 95 % interval (bootstrap)."""
        if name in self.of_sets:
            return float(self.of_sets[name][model] - self.of_sets[name][over]), np.nan, np.nan
        column = self.column(METRICS[name].column)[[model, over]]
        both = np.isfinite(column).all(axis=0)
        if not both.any():
            return np.nan, np.nan, np.nan
        if both.all() or (both == np.isfinite(column)).all():
            value, draws = self.value(name)[[model, over]], self._draws[name][:, [model, over]]
        else:  # pairs only: a photograph that one of them has no value of says nothing about the difference
            pair = replace(self, values=self.values[[model, over]][:, both], paths=list(np.array(self.paths)[both]))
            value, draws = pair.value(name), pair._draws[name]
        if both.sum() < 2:
            return float(value[0] - value[1]), np.nan, np.nan
        low, high = np.nanpercentile(draws[:, 0] - draws[:, 1], [2.5, 97.5])
        return float(value[0] - value[1]), float(low), float(high)

    @cached_property
    def _draws(self) -> dict[str, np.ndarray]:
        """Every metric `(2000, M)` of photographs drawn with replacement."""
        rng, count = np.random.default_rng(self.seed), len(self.paths)
        results = {name: [] for name in self.per_photograph()}
        for _ in range(0, DRAWS, 200):
            drawn = rng.integers(0, count, (200, count))
            weights = np.stack([np.bincount(row, minlength=count) for row in drawn]).astype(np.float32)
            for name, rows in results.items():
                rows.append(self._mean(METRICS[name], weights))
        return {name: np.concatenate(rows) for name, rows in results.items()}

    def _mean(self, metric: Metric, weights: np.ndarray) -> np.ndarray:
        """A metric `(D, M)` with photographs weighted as `weights` `(D, N)` says."""
        values = self.column(metric.column).astype(np.float64)
        counted = np.isfinite(values) * (self.column(metric.weight) if metric.weight else 1.0)
        with np.errstate(invalid="ignore"):
            means = weights @ (np.where(counted, values, 0) * counted).T / (weights @ counted.T)
        return means if metric.transform is None else metric.transform(means)


def extremes(scores: Scores, count: int) -> list[int]:
    """Indices of the photographs that are among the `count` best or worst of a model by AuC, or fail it the most."""
    chosen: set[int] = set()
    for model in range(len(scores.models)):
        order = np.argsort(scores.column("auc")[model], kind="stable")
        chosen |= {int(index) for index in itertools.chain(order[:count], order[len(order) - count :])}
        for name in FAILURES:
            values = scores.column(METRICS[name].column)[model]
            known = np.flatnonzero(np.isfinite(values))
            badness = np.abs(values) if METRICS[name].better == "zero" else values
            worst = known[np.argsort(-badness[known], kind="stable")][: (count + 1) // 2]
            if scores.models[model] not in BASELINES:
                chosen |= {int(index) for index in worst}
    return sorted(chosen)
