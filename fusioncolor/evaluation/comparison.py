"""A true picture, and colorized pictures compared with it."""

from dataclasses import dataclass

import numpy as np

from fusioncolor import bins, color, metrics

DENSITY_CELL = 2.0  # Lab units per cell of the chroma distributions
DENSITY_REACH = 110.0  # Lab units from 0 to the border of the plane


@dataclass(frozen=True)
class Truth:
    """A true picture of H x W pixels, with everything that comparisons need to know about it.

    Attributes:
        rgb: `(H, W, 3)` `uint8`.
        lab: the same picture in CIELAB, `(H, W, 3)` float32.
        colorfulness: Hasler and Suesstrunk's.
        weights: `(H, W)`, weight of each pixel in rebalanced figures.
        flat: `(H, W)` bool, pixels with nearly the color of their neighbors.
        regions: `(H, W)` int, labels of regions of one color.
        edges: `(H, W)` bool, pixels near lightness edges.
    """

    rgb: np.ndarray
    lab: np.ndarray
    colorfulness: float
    weights: np.ndarray
    flat: np.ndarray
    regions: np.ndarray
    edges: np.ndarray

    @classmethod
    def of(cls, rgb: np.ndarray, lab: np.ndarray, bin_weights: np.ndarray) -> "Truth":
        """Measures a true picture.

        Args:
            rgb: the picture, `(H, W, 3)` `uint8`.
            lab: the same picture in CIELAB, `(H, W, 3)` float32.
            bin_weights: `(313,)`, weight of a pixel of each color bin in rebalanced figures.
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


@dataclass(frozen=True)
class Comparison:
    """A colorized picture and the truth, with the figures that several metrics share.

    Attributes:
        picture: `(H, W, 3)` `uint8`.
        truth: the true picture.
        lab: the picture in CIELAB, `(H, W, 3)` float32.
        error: `(H, W)`, distance of its ab from the true ab in Lab units.
        mse_rgb: mean squared error of 8-bit sRGB.
        mse_ab: mean squared error of a and b.
        auc: area under the share of pixels with an error up to a threshold, percent.
        auc_rebalanced: the same area, with pixels weighted by `truth.weights`.
        colorfulness: Hasler and Suesstrunk's.
    """

    picture: np.ndarray
    truth: Truth
    lab: np.ndarray
    error: np.ndarray
    mse_rgb: float
    mse_ab: float
    auc: float
    auc_rebalanced: float
    colorfulness: float

    @classmethod
    def of(cls, picture: np.ndarray, truth: Truth) -> "Comparison":
        """Compares a picture `(H, W, 3)` `uint8` with the truth."""
        lab = color.rgb_to_lab(picture)
        error = metrics.chroma_error(lab[..., 1:], truth.lab[..., 1:])
        return cls(
            picture=picture,
            truth=truth,
            lab=lab,
            error=error,
            mse_rgb=metrics.mse(picture, truth.rgb),
            mse_ab=float(np.mean(error * error, dtype=np.float64)) / 2,
            auc=float(metrics.area_under(metrics.error_counts(error))),
            auc_rebalanced=float(metrics.area_under(metrics.error_counts(error, truth.weights))),
            colorfulness=metrics.colorfulness(picture),
        )

    @property
    def missing_colorfulness(self) -> float:
        """Share of the truth's colorfulness that is missing; 0 if the truth has no color."""
        return 1 - self.colorfulness / self.truth.colorfulness if self.truth.colorfulness else 0.0


def density(ab: np.ndarray) -> np.ndarray:
    """Counts the pixels of ab `(..., 2)` in each cell of the ab plane, `(110, 110)`: rows are a, columns b."""
    side = int(2 * DENSITY_REACH / DENSITY_CELL)
    a, b = np.clip((ab + DENSITY_REACH) / DENSITY_CELL, 0, side - 1).astype(np.int64).reshape(-1, 2).T
    return np.bincount(a * side + b, minlength=side * side).reshape(side, side)
