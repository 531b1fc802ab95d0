"""Metrics by name: title, unit, direction, definition, and the function that measures one photograph."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from fusioncolor import metrics
from fusioncolor.evaluation.comparison import Comparison
from fusioncolor.registries import Registry

_MOST_DECIBELS = 100.0  # stands in for the infinite PSNR of identical pictures


@dataclass(frozen=True)
class Metric:
    """A row of the tables: the mean over photographs of a column of figures, one per photograph.

    Attributes:
        title: heading in tables.
        unit: "dB", "%", "Lab" or "".
        better: "higher", "lower" or "zero"; "" if neither is better in itself.
        text: definition, in one sentence.
        column: name of the column, one of `columns()`.
        weight: name of the column that weights the mean; "" to weight all photographs equally.
        transform: function applied to the mean.
        digits: number of decimals.
        measure: function that measures one photograph, for a column that no other metric uses; None for the shared
            columns below and for those that judges fill.
    """

    title: str
    unit: str
    better: str
    text: str
    column: str = ""
    weight: str = ""
    transform: Callable[[np.ndarray], np.ndarray] | None = None
    digits: int = 2
    measure: Callable[[Comparison], float] | None = None


_FAILURES = {
    "inconsistency": Metric(
        "inconsistent coloring", "Lab", "lower", "RMS distance of ab from its mean over a region of one true color",
        "inconsistency",
    ),
    "edge_pollution": Metric(
        "edge pollution", "Lab", "zero",
        "mean ab error in a frame of 1/16 of the shorter side, minus the mean ab error inside it",
        "edge_pollution",
    ),
    "bleeding": Metric(
        "color bleeding", "Lab", "lower",
        "mean change of chroma per pixel more than 2 pixels from any lightness edge of 4 per pixel or more; changes "
        "below 1 do not count", "bleeding", digits=3,
    ),
    "edge_error": Metric(
        "error near edges", "Lab", "lower",
        "mean ab error within 8 pixels of lightness edges of 8 per pixel or more, where halos show",
        measure=lambda one: metrics.error_near_edges(one.error, one.truth.lab[..., :1]),
    ),
    "deficiency": Metric(
        "color deficiency", "%", "zero",
        "share of the true picture's colorfulness that is missing, clipped to -100 to 100",
        "deficiency", digits=1,
    ),
    "bias": Metric("color bias", "%", "zero", "AuC minus rebalanced AuC: positive if rare colors are ignored", "bias"),
    "luma_sensitivity": Metric(
        "luma sensitivity", "Lab", "lower", "mean change of ab when the photograph is faded to half its contrast",
        "luma_sensitivity",
    ),
}  # fmt: skip

METRICS: Registry[Metric] = Registry("metric", "fusioncolor.metrics", {
    "psnr": Metric(
        "PSNR", "dB", "higher", "10 log10(255^2 / MSE) of 8-bit sRGB, at most 100; mean over photographs", "psnr"
    ),
    "psnr_pooled": Metric(
        "PSNR, pooled", "dB", "higher", "PSNR of the MSE over all pixels of all photographs", "mse_rgb", "pixels",
        metrics.decibels,
    ),
    "ssim": Metric(
        "SSIM", "", "higher", "structural similarity, Gaussian 11x11, sRGB; mean over photographs (Wang et al. 2004)",
        "ssim", digits=4,
    ),
    "auc": Metric(
        "AuC", "%", "higher",
        "area under the share of pixels with an ab error of at most t, for t = 0..150 (Deshpande et al. 2015)", "auc",
    ),
    "auc_rebalanced": Metric(
        "AuC, rebalanced", "%", "higher",
        "AuC with each pixel weighted by 1 / prior of its true color; a prior below 1e-5 counts as 1e-5",
        "auc_rebalanced",
    ),
    "auc_rebalanced_pooled": Metric(
        "AuC, rebalanced, pooled", "%", "higher",
        "rebalanced AuC over all pixels of all photographs (Zhang et al. 2016)",
        "auc_rebalanced", "weight",
    ),
    "rmse_ab": Metric(
        "RMSE ab", "Lab", "lower", "root mean squared error of a and b; mean over photographs", "rmse_ab"
    ),
    "rmse_ab_pooled": Metric(
        "RMSE ab, pooled", "Lab", "lower", "RMSE of a and b over all pixels of all photographs", "mse_ab", "pixels",
        np.sqrt,
    ),
    "rmse_rgb": Metric(
        "RMSE rgb", "", "lower", "root mean squared error of 8-bit sRGB; mean over photographs", "rmse_rgb"
    ),
    "rmse_rgb_pooled": Metric(
        "RMSE rgb, pooled", "", "lower", "RMSE of 8-bit sRGB over all pixels of all photographs", "mse_rgb", "pixels",
        np.sqrt,
    ),
    "ciede2000": Metric(
        "CIEDE2000", "", "lower", "mean color difference; 1 is just noticeable (Sharma et al. 2005)", "ciede2000"
    ),
    "pa": Metric(
        "PA(5)", "%", "higher",
        "among pixels whose true ab is within 5 of all four neighbors', the share whose predicted ab is too", "pa",
    ),
    "colorfulness": Metric(
        "colorfulness", "", "", "Hasler and Suesstrunk 2003, 0 for gray; mean over photographs", "colorfulness",
        digits=1,
    ),
    "delta_colorfulness": Metric(
        "difference of colorfulness", "", "zero", "mean of predicted minus true colorfulness", "delta_colorfulness",
        digits=1,
    ),
    "abs_delta_colorfulness": Metric(
        "absolute difference of colorfulness", "", "lower",
        "mean over photographs of the absolute difference between predicted and true colorfulness",
        "abs_delta_colorfulness", digits=1,
    ),
    "accuracy": Metric(
        "classification accuracy", "%", "higher", "share of photographs that a classifier assigns to their own class",
        "accuracy", digits=1,
    ),
    "lpips": Metric(
        "LPIPS", "", "lower", "learned perceptual image patch similarity, mean (Zhang et al. 2018)", "lpips", digits=4
    ),
    **_FAILURES,
})  # fmt: skip
"""Metrics of single photographs, by name."""

FAILURES = tuple(_FAILURES)
OF_SETS = {
    "fid": Metric(
        "FID", "", "lower", "Frechet inception distance of all pictures from the true ones (Heusel et al. 2017)", ""
    )
}
"""Metrics of all photographs together, by name; they have no interval."""

_SHARED: dict[str, Callable[[Comparison], float]] = {
    "pixels": lambda one: one.error.size,
    "weight": lambda one: float(one.truth.weights.sum()),
    "psnr": lambda one: min(metrics.decibels(one.mse_rgb), _MOST_DECIBELS),
    "mse_rgb": lambda one: one.mse_rgb,
    "rmse_rgb": lambda one: one.mse_rgb**0.5,
    "mse_ab": lambda one: one.mse_ab,
    "rmse_ab": lambda one: one.mse_ab**0.5,
    "ssim": lambda one: metrics.ssim(one.picture, one.truth.rgb),
    "auc": lambda one: one.auc,
    "auc_rebalanced": lambda one: one.auc_rebalanced,
    "ciede2000": lambda one: float(metrics.ciede2000(one.lab, one.truth.lab).mean(dtype=np.float64)),
    "pa": lambda one: metrics.pixel_agreement(one.lab[..., 1:], one.truth.flat),
    "colorfulness": lambda one: one.colorfulness,
    "delta_colorfulness": lambda one: one.colorfulness - one.truth.colorfulness,
    "abs_delta_colorfulness": lambda one: abs(one.colorfulness - one.truth.colorfulness),
    "inconsistency": lambda one: metrics.inconsistency(one.lab[..., 1:], one.truth.regions),
    "edge_pollution": lambda one: metrics.edge_pollution(one.error),
    "bleeding": lambda one: metrics.bleeding(one.lab[..., 1:], one.truth.edges),
    "deficiency": lambda one: 100 * min(max(one.missing_colorfulness, -1.0), 1.0),
    "bias": lambda one: one.auc - one.auc_rebalanced,
}
_BY_JUDGES = ("luma_sensitivity", "accuracy", "lpips")


def columns() -> dict[str, Callable[[Comparison], float]]:
    """Returns the figures stored for every photograph and model: name -> the function that measures it.

    The columns of judges start as NaN; the judges fill them afterward.
    """
    names = dict.fromkeys(["pixels", "weight", *(metric.column for metric in METRICS.values())])
    own = {metric.column: metric.measure for metric in METRICS.values() if metric.measure}
    judged = dict.fromkeys(_BY_JUDGES, lambda one: np.nan)
    return {name: {**_SHARED, **judged, **own}[name] for name in names}
