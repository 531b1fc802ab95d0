"""A true picture, and what is measured of any other picture against it."""

from dataclasses import dataclass

import numpy as np

from fusioncolor import bins, metrics

_MOST_DECIBELS = 100.0  # of equal pictures, whose PSNR is infinite


@dataclass(frozen=True)
class Truth:
    """What the pictures of a photograph are compared with."""

    rgb: np.ndarray
    lab: np.ndarray
    colorfulness: float
    weights: np.ndarray
    flat: np.ndarray
    regions: np.ndarray
    edges: np.ndarray

    @classmethod
    def of(cls, rgb: np.ndarray, lab: np.ndarray, bin_weights: np.ndarray) -> "Truth":
        """Prepares all of it.

        Args:
            rgb: the true picture, `(H, W, 3)` `uint8`.
            lab: the same in CIELAB.
            bin_weights: `(313,)`, what a pixel of each color counts in rebalanced figures.
        """
        ab = lab[..., 1:]
        return cls(
            rgb=rgb,
            lab=lab,
            colorfulness=metrics.colorfulness(rgb),
            weights=bin_weights[bins.nearest_bins(ab, 1)[..., 0]],
            flat=metrics.flat_pixels(ab),
            regions=metrics.regions_of_one_color(ab),
            edges=metrics.near_edges(lab[..., :1]),
        )

    def measure(self, picture: np.ndarray, lab: np.ndarray, error: np.ndarray) -> dict[str, float]:
        """All columns but luma sensitivity, of a picture, its Lab, and its `chroma_error`."""
        ab = lab[..., 1:]
        mse_rgb, mse_ab = metrics.mse(picture, self.rgb), float(np.mean(error * error, dtype=np.float64)) / 2
        colorfulness = metrics.colorfulness(picture)
        plain = float(metrics.area_under(metrics.error_counts(error)))
        rebalanced = float(metrics.area_under(metrics.error_counts(error, self.weights)))
        missing = 1 - colorfulness / self.colorfulness if self.colorfulness else 0.0
        return {
            "pixels": error.size,
            "weight": float(self.weights.sum()),
            "psnr": min(metrics.decibels(mse_rgb), _MOST_DECIBELS),
            "mse_rgb": mse_rgb,
            "rmse_rgb": mse_rgb**0.5,
            "mse_ab": mse_ab,
            "rmse_ab": mse_ab**0.5,
            "ssim": metrics.ssim(picture, self.rgb),
            "auc": plain,
            "auc_rebalanced": rebalanced,
            "ciede2000": float(metrics.ciede2000(lab, self.lab).mean(dtype=np.float64)),
            "pa": metrics.pixel_agreement(ab, self.flat),
            "colorfulness": colorfulness,
            "delta_colorfulness": colorfulness - self.colorfulness,
            "abs_delta_colorfulness": abs(colorfulness - self.colorfulness),
            "inconsistency": metrics.inconsistency(ab, self.regions),
            "edge_pollution": metrics.edge_pollution(error),
            "bleeding": metrics.bleeding(ab, self.edges),
            "deficiency": 100 * min(max(missing, -1.0), 1.0),
            "bias": plain - rebalanced,
        }


def density(ab: np.ndarray) -> np.ndarray:
    """How many pixels of ab `(..., 2)` fall to each cell of the ab plane, rows a, columns b."""
    side = int(2 * DENSITY_REACH / DENSITY_CELL)
    a, b = np.clip((ab + DENSITY_REACH) / DENSITY_CELL, 0, side - 1).astype(np.int64).reshape(-1, 2).T
    return np.bincount(a * side + b, minlength=side * side).reshape(side, side)


DENSITY_CELL = 2.0  # Lab units, of the chroma distributions
DENSITY_REACH = 110.0  # Lab units from 0
