"""How steady the colors of a video are; all of these are best for a gray video, so they say nothing alone."""

import numpy as np

LAGS = (1, 2, 4)  # of CDC, in frames


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


def histogram(rgb: np.ndarray) -> np.ndarray:
    """Returns the shares of the values 0 to 255 in the channels of a picture `(H, W, 3)` `uint8`, `(3, 256)`."""
    return np.array([np.bincount(rgb[..., channel].ravel(), minlength=256) for channel in range(3)]) / rgb[..., 0].size


def divergence(one: np.ndarray, other: np.ndarray) -> float:
    """Returns the Jensen-Shannon divergence of the histograms of two frames, natural logarithm, mean of the channels.

    CDC, color distribution consistency, is its mean over frames that are 1, 2 and 4 apart.

    Reference: Liu et al., "Temporally Consistent Video Colorization with Deep Feature Propagation", 2021.
    """
    middle = (one + other) / 2
    return float(((_relative_entropy(one, middle) + _relative_entropy(other, middle)) / 2).mean())


def _relative_entropy(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    ratio = np.divide(one, other, out=np.ones_like(one), where=one > 0)
    return (one * np.log(ratio)).sum(axis=-1)
