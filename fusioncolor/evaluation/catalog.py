"""Metrics by name: title, unit, direction, definition."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from fusioncolor import metrics


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
