"""How close a colorized photograph is to the true one; each metric with its definition."""

import numpy as np

AUC_LIMIT = 150  # ab error up to which the cumulative curve is integrated


def psnr(predicted: np.ndarray, actual: np.ndarray) -> float:
    """Peak signal-to-noise ratio in dB, 10 log10(255^2 / MSE), of two `uint8` sRGB pictures; inf if equal."""
    error = np.mean((predicted.astype(np.float32) - actual.astype(np.float32)) ** 2, dtype=np.float64)
    return float(10 * np.log10(255**2 / error)) if error else float("inf")


def rmse(predicted: np.ndarray, actual: np.ndarray) -> float:
    """Root mean squared error over all entries, in the units of the arguments, which have one shape."""
    return float(np.sqrt(np.mean((predicted.astype(np.float32) - actual) ** 2, dtype=np.float64)))


def auc(predicted_ab: np.ndarray, actual_ab: np.ndarray) -> float:
    """Area under the cumulative curve of ab errors, in percent.

    The curve gives, for t = 0, 1, ..., 150, the share of pixels with an error (Euclidean, Lab units) of at most t; the
    area is taken by trapezoids and divided by 150.

    Args:
        predicted_ab: `(..., 2)`.
        actual_ab: `(..., 2)`.

    Reference: Deshpande, Rock, Forsyth, "Learning Large-Scale Automatic Image Colorization", 2015.
    """
    error = np.linalg.norm(predicted_ab - actual_ab, axis=-1).ravel()
    counts = np.bincount(np.ceil(np.minimum(error, AUC_LIMIT + 1)).astype(np.int64), minlength=AUC_LIMIT + 2)
    shares = np.cumsum(counts[: AUC_LIMIT + 1]) / error.size
    return float(100 * np.trapezoid(shares) / AUC_LIMIT)


def colorfulness(rgb: np.ndarray) -> float:
    """Colorfulness of a `uint8` sRGB picture, 0 for gray; about 15 slightly, 45 quite, 109 extremely colorful.

    sqrt(var(rg) + var(yb)) + 0.3 sqrt(mean(rg)^2 + mean(yb)^2), with rg = R - G, yb = (R + G) / 2 - B, signed.

    Reference: Hasler, Suesstrunk, "Measuring Colorfulness in Natural Images", 2003.
    """
    red, green, blue = np.moveaxis(rgb.astype(np.float32), -1, 0)
    rg, yb = red - green, (red + green) / 2 - blue
    spread = np.sqrt(rg.var(dtype=np.float64) + yb.var(dtype=np.float64))
    return float(spread + 0.3 * np.hypot(rg.mean(dtype=np.float64), yb.mean(dtype=np.float64)))
