"""How steady the colors of a video are; all of these are best for a gray video, so they say nothing alone."""

from collections.abc import Sequence

import numpy as np

_LAGS = (1, 2, 4)


def flicker(ab: np.ndarray, warped: np.ndarray, mask: np.ndarray) -> float:
    """Returns the mean change of ab between a frame and the frame before it, moved onto it, in Lab units.

    Args:
        ab: `(H, W, 2)` of a frame.
        warped: `(H, W, 2)` of the frame before, moved by the true motion.
        mask: `(H, W)` bool, pixels that both frames show.
    """
    return float(np.linalg.norm(ab[mask] - warped[mask], axis=-1).mean())


def warping_error(rgb: np.ndarray, warped: np.ndarray, mask: np.ndarray) -> float:
    """Returns the mean squared difference, summed over the channels, of a frame and the one before it, moved onto it.

    Args:
        rgb: `(H, W, 3)` in [0, 1].
        warped: the same of the frame before.
        mask: `(H, W)` bool.

    Reference: Lai et al., "Learning Blind Video Temporal Consistency", 2018, with the true motion for theirs.
    """
    return float(((rgb[mask] - warped[mask]) ** 2).sum(axis=-1).mean())


def color_distribution_consistency(frames: Sequence[np.ndarray]) -> float:
    """Returns CDC: the Jensen-Shannon divergence between color histograms of frames 1, 2 and 4 apart.

    Args:
        frames: at least five `(H, W, 3)` `uint8` frames of one shot.

    Reference: Liu et al., "Temporally Consistent Video Colorization with Deep Feature Propagation", 2021.
    """
    histograms = np.array(
        [[np.bincount(frame[..., channel].ravel(), minlength=256) / frame[..., 0].size for channel in range(3)]
         for frame in frames]
    )  # fmt: skip
    return float(np.mean([_divergence(histograms[:-lag], histograms[lag:]).mean() for lag in _LAGS]))


def _divergence(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """Jensen-Shannon divergence of distributions along the last axis, with natural logarithms."""
    middle = (one + other) / 2
    return (_relative_entropy(one, middle) + _relative_entropy(other, middle)) / 2


def _relative_entropy(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    ratio = np.divide(one, other, out=np.ones_like(one), where=one > 0)
    return (one * np.log(ratio)).sum(axis=-1)
