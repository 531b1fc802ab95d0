"""Every metric of every photograph and model -> tables: means, pooled values, gains with intervals, extremes."""

import itertools
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path

import numpy as np

from fusioncolor import metrics
from fusioncolor.config import BASELINES

DRAWS = 2000  # of the bootstrap
DENSITY_CELL = 2.0  # Lab units, of the chroma distributions
DENSITY_REACH = 110.0  # Lab units from 0


@dataclass(frozen=True)
class Metric:
    """What a table shows of a column of figures, one per photograph.

    Attributes:
        title: in tables.
        unit: "dB", "%", "Lab" or "".
        better: "higher", "lower", "zero", or "" where it depends on the truth.
        text: its definition in a sentence.
        column: one of `COLUMNS`.
        weight: the column to weight the mean over photographs by; "" for all alike.
        transform: applied to the mean.
        digits: after the point.
    """

    title: str
    unit: str
    better: str
    text: str
    column: str
    weight: str = ""
    transform: Callable[[np.ndarray], np.ndarray] | None = None
    digits: int = 2


_FAILURES = {
    "inconsistency": Metric(
        "inconsistent coloring", "Lab", "lower", "RMS distance of ab from its mean over a region of one true color",
        "inconsistency",
    ),
    "edge_pollution": Metric(
        "edge pollution", "Lab", "zero", "mean ab error in a frame of 1/16 of the shorter side, less that inside it",
        "edge_pollution",
    ),
    "bleeding": Metric(
        "color bleeding", "Lab", "lower",
        "mean change of chroma per pixel over 2 pixels away from lightness edges of 4 per pixel and more, changes "
        "below 1 not counted", "bleeding", digits=3,
    ),
    "deficiency": Metric(
        "color deficiency", "%", "zero", "share of the truth's colorfulness that is missing, within -100 and 100",
        "deficiency", digits=1,
    ),
    "bias": Metric("color bias", "%", "zero", "AuC less rebalanced AuC: rare colors are ignored", "bias"),
    "luma_sensitivity": Metric(
        "luma sensitivity", "Lab", "lower", "mean change of ab when the photograph is faded to half its contrast",
        "luma_sensitivity",
    ),
}  # fmt: skip

METRICS = {
    "psnr": Metric(
        "PSNR", "dB", "higher", "10 log10(255^2 / MSE) of 8-bit sRGB, at most 100, mean over photographs", "psnr"
    ),
    "psnr_pooled": Metric(
        "PSNR, pooled", "dB", "higher", "the same of the MSE over all pixels of all photographs", "mse_rgb", "pixels",
        metrics.decibels,
    ),
    "ssim": Metric(
        "SSIM", "", "higher", "structural similarity, Gaussian 11x11, sRGB, mean over photographs (Wang et al. 2004)",
        "ssim", digits=4,
    ),
    "auc": Metric(
        "AuC", "%", "higher",
        "area under the share of pixels with an ab error of at most t, t = 0..150 (Deshpande et al. 2015)", "auc",
    ),
    "auc_rebalanced": Metric(
        "AuC, rebalanced", "%", "higher", "the same, every pixel weighted by 1 / prior of its true color",
        "auc_rebalanced",
    ),
    "auc_rebalanced_pooled": Metric(
        "AuC, rebalanced, pooled", "%", "higher", "the same over all pixels of all photographs (Zhang et al. 2016)",
        "auc_rebalanced", "weight",
    ),
    "rmse_ab": Metric(
        "RMSE ab", "Lab", "lower", "root mean squared error of a and b, mean over photographs", "rmse_ab"
    ),
    "rmse_ab_pooled": Metric(
        "RMSE ab, pooled", "Lab", "lower", "the same over all pixels of all photographs", "mse_ab", "pixels", np.sqrt
    ),
    "rmse_rgb": Metric(
        "RMSE rgb", "", "lower", "root mean squared error of 8-bit sRGB, mean over photographs", "rmse_rgb"
    ),
    "rmse_rgb_pooled": Metric(
        "RMSE rgb, pooled", "", "lower", "the same over all pixels of all photographs", "mse_rgb", "pixels", np.sqrt
    ),
    "ciede2000": Metric(
        "CIEDE2000", "", "lower", "mean color difference; 1 is just noticeable (Sharma et al. 2005)", "ciede2000"
    ),
    "pa": Metric(
        "PA(5)", "%", "higher",
        "of pixels whose true ab is within 5 of all 4-neighbours', the share whose predicted ab is too", "pa",
    ),
    "colorfulness": Metric(
        "colorfulness", "", "", "after Hasler and Suesstrunk 2003, 0 is gray, mean over photographs", "colorfulness",
        digits=1,
    ),
    "delta_colorfulness": Metric(
        "difference of colorfulness", "", "zero", "predicted less true: difference of the means", "delta_colorfulness",
        digits=1,
    ),
    "abs_delta_colorfulness": Metric(
        "absolute difference of colorfulness", "", "lower", "mean over photographs of the absolute difference",
        "abs_delta_colorfulness", digits=1,
    ),
    "accuracy": Metric(
        "classification accuracy", "%", "higher", "share of photographs that a classifier takes for what they are",
        "accuracy", digits=1,
    ),
    "lpips": Metric(
        "LPIPS", "", "lower", "learned perceptual image patch similarity, mean (Zhang et al. 2018)", "lpips", digits=4
    ),
    **_FAILURES,
}  # fmt: skip
"""Everything that is measured, by name."""

FAILURES = tuple(_FAILURES)
OF_SETS = {
    "fid": Metric(
        "FID", "", "lower", "Frechet inception distance of all pictures from the true ones (Heusel et al. 2017)", ""
    )
}
"""What is measured of all photographs together, and has no interval."""

COLUMNS = tuple(dict.fromkeys(["pixels", "weight", *(metric.column for metric in METRICS.values())]))
_INDEX = {column: index for index, column in enumerate(COLUMNS)}


@dataclass
class Scores:
    """What was measured; M models on N photographs.

    Attributes:
        models: titles, gray among them.
        paths: of the photographs.
        values: `(M, N, K)` float32, K the `COLUMNS`; nan where a photograph has no such value.
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
        """One of the `COLUMNS`, `(M, N)`."""
        return self.values[..., _INDEX[name]]

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
