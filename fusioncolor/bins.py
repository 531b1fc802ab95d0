"""The quantized ab plane: the 313 published bins, soft encoding, the prior of a training set, rebalancing weights.

Reference: Zhang, Isola, Efros, "Colorful Image Colorization", 2016.
"""

from functools import cache
from typing import NamedTuple

import numpy as np

SPACING = 10  # of the grid of bins, in ab units
NEIGHBORS = 5
SIGMA = 5.0  # of the soft encoding and of the prior's smoothing, in ab units

# The range of b for every a: each cell with an sRGB color and a rim around them. No simple rule gives exactly this set.
# Published weights depend on the order, by a and then by b.
_RANGES = {
    -90: (50, 90), -80: (20, 90), -70: (0, 90), -60: (-20, 90), -50: (-30, 100), -40: (-40, 100), -30: (-50, 100),
    -20: (-50, 100), -10: (-60, 100), 0: (-70, 100), 10: (-80, 90), 20: (-80, 90), 30: (-90, 90), 40: (-100, 90),
    50: (-100, 80), 60: (-110, 80), 70: (-110, 80), 80: (-110, 70), 90: (-110, 70), 100: (-90, 0),
}  # fmt: skip

BINS = np.array([(a, b) for a, (low, high) in _RANGES.items() for b in range(low, high + 1, SPACING)], np.float32)
"""Centers of the bins, `(313, 2)`, in Lab units."""

_CELL = 2.0  # side of the cells of the table of candidates
_REACH = 120.0  # the table covers -120..120


def nearest_bins(ab: np.ndarray, count: int = NEIGHBORS) -> np.ndarray:
    """Finds the bins nearest to ab `(..., 2)`: indices `(..., count)` uint16, nearest first.

    Bins at equal distance come in the order of their indices.
    """
    table = _candidates(count)
    cells = np.clip((ab + _REACH) / _CELL, 0, table.shape[0] - 1).astype(np.int64)
    candidates = table[cells[..., 0], cells[..., 1]]
    distances = ((BINS[candidates] - ab[..., None, :]) ** 2).sum(axis=-1)
    order = np.argsort(distances, axis=-1, kind="stable")[..., :count]
    return np.take_along_axis(candidates, order, axis=-1)


class SoftCode(NamedTuple):
    """Colors as weighted bins.

    Attributes:
        indices: `(..., 5)` uint16, the nearest bins, nearest first.
        weights: `(..., 5)` float32, Gaussian of the distance with sigma 5, normalized to sum 1.
    """

    indices: np.ndarray
    weights: np.ndarray


def soft_encode(ab: np.ndarray) -> SoftCode:
    """Encodes ab `(..., 2)`, in Lab units, as the five nearest bins."""
    indices = nearest_bins(ab)
    distances = ((BINS[indices] - ab[..., None, :]) ** 2).sum(axis=-1)
    # relative to the nearest, so that colors outside every bin do not underflow
    weights = np.exp((distances[..., :1] - distances) / np.float32(2 * SIGMA**2))
    return SoftCode(indices, (weights / weights.sum(axis=-1, keepdims=True)).astype(np.float32))


def count_bins(ab: np.ndarray) -> np.ndarray:
    """Counts the pixels of ab `(..., 2)` whose nearest bin is each of the bins: `(313,)` int64."""
    return np.bincount(nearest_bins(ab, 1).ravel(), minlength=len(BINS))


def prior(counts: np.ndarray) -> np.ndarray:
    """Estimates the probability of each bin, smoothed over the ab plane by a Gaussian of sigma 5.

    Args:
        counts: `(313,)`, results of `count_bins` summed over a training set.

    Returns:
        `(313,)` float64 with sum 1.

    Raises:
        ValueError: the counts are all 0, or of another shape.
    """
    if counts.shape != (len(BINS),) or not counts.sum():
        raise ValueError(f"expected counts of shape ({len(BINS)},), not all 0. Received: {counts.shape}")
    squares = ((BINS[:, None].astype(np.float64) - BINS[None]) ** 2).sum(axis=-1)
    kernel = np.exp(-squares / (2 * SIGMA**2))
    return kernel / kernel.sum(axis=0) @ (counts / counts.sum())


def rebalancing_weights(prior: np.ndarray, mix: float = 0.5) -> np.ndarray:
    """Computes weights that raise the loss of rare colors: w = c / ((1 - lambda) p + lambda / Q), with sum(p w) = 1.

    Args:
        prior: p, `(313,)`.
        mix: lambda, from 0 (full rebalancing) to 1 (none).

    Returns:
        w, `(313,)` float64.
    """
    weights = 1 / ((1 - mix) * prior + mix / len(prior))
    return weights / (prior * weights).sum()


@cache
def _candidates(count: int) -> np.ndarray:
    """Lists, for every cell of the ab plane, the bins that can be among the `count` nearest to a color in it."""
    axis = np.arange(-_REACH, _REACH, _CELL, dtype=np.float32) + _CELL / 2
    centers = np.stack(np.meshgrid(axis, axis, indexing="ij"), axis=-1)
    distances = np.linalg.norm(centers[:, :, None] - BINS, axis=-1)
    bound = np.sort(distances, axis=-1)[..., count - 1] + _CELL * np.sqrt(2)  # half a diagonal to the center, twice
    width = int((distances <= bound[..., None]).sum(axis=-1).max())
    nearest = np.argsort(distances, axis=-1)[..., :width]
    return np.sort(nearest, axis=-1).astype(np.uint16)
