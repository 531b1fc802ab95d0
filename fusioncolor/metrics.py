"""Metrics of a colorized picture against the original, each with its definition and reference.

Pictures are `(H, W, 3)` `uint8` sRGB or Lab; chroma is `(H, W, 2)` in Lab units. A metric that is undefined for a
picture, such as the structural similarity of 5x5 pixels, is NaN.
"""

import cv2
import numpy as np
import skimage.color
import skimage.measure

AUC_LIMIT = 150  # Lab units up to which the cumulative curve is integrated
PA_THRESHOLD = 5.0  # Lab units
_WINDOW, _SIGMA = 11, 1.5  # pixels, of the structural similarity
_REGION_SPACING, _REGION_PIXELS = 10, 64  # Lab units between the colors of regions; smallest region
_BORDER = 1 / 16  # of the shorter side
_STRONG_EDGE, _HALO = 8.0, 17  # the same for strong edges, where halos show
_EDGE, _EDGE_REACH = 4.0, 5  # change of L per pixel at an edge; width in pixels of the zone around it
_NO_CHANGE = 1.0  # Lab units per pixel; 8-bit rounding causes less


def mse(predicted: np.ndarray, actual: np.ndarray) -> float:
    """Mean squared error over all entries of two arrays of the same shape."""
    difference = predicted.astype(np.float32) - actual.astype(np.float32)
    return float(np.mean(difference * difference, dtype=np.float64))


def psnr(predicted: np.ndarray, actual: np.ndarray) -> float:
    """Peak signal-to-noise ratio in dB, 10 log10(255^2 / MSE), of two `uint8` sRGB pictures; infinite if equal."""
    return decibels(mse(predicted, actual))


def decibels(error: float | np.ndarray) -> float | np.ndarray:
    """Peak signal-to-noise ratio in dB of a mean squared error of 8-bit values; infinite for 0."""
    with np.errstate(divide="ignore"):
        ratio = 10 * np.log10(255**2 / np.asarray(error, np.float64))
    return ratio if np.ndim(error) else float(ratio)


def beside_gray(gain: float) -> str:
    """Says how far a PSNR is from that of leaving photographs gray, such as "+1.50 dB over gray"; `gain` in dB."""
    return f"{gain:+.2f} dB over gray" if gain >= 0 else f"{-gain:.2f} dB below gray"


def ssim(predicted: np.ndarray, actual: np.ndarray) -> float:
    """Structural similarity of two `uint8` sRGB pictures: Gaussian window of 11x11, sigma 1.5, mean of the channels.

    Only positions with the whole window inside the picture count; NaN for pictures smaller than the window.

    Reference: Wang, Bovik, Sheikh, Simoncelli, "Image Quality Assessment", 2004, with K1 = 0.01, K2 = 0.03.
    """
    if min(actual.shape[:2]) < _WINDOW:
        return float("nan")

    def blur(values: np.ndarray) -> np.ndarray:
        margin = _WINDOW // 2
        return cv2.GaussianBlur(values, (_WINDOW, _WINDOW), _SIGMA)[margin:-margin, margin:-margin]

    x, y = predicted.astype(np.float32), actual.astype(np.float32)
    mean_x, mean_y = blur(x), blur(y)
    product = mean_x * mean_y
    squares = mean_x * mean_x + mean_y * mean_y
    c1, c2 = np.float32((0.01 * 255) ** 2), np.float32((0.03 * 255) ** 2)
    similarity = (2 * product + c1) * (2 * (blur(x * y) - product) + c2)
    similarity /= (squares + c1) * (blur(x * x + y * y) - squares + c2)
    return float(similarity.mean(dtype=np.float64))


def ciede2000(predicted: np.ndarray, actual: np.ndarray) -> np.ndarray:
    """CIEDE2000 color difference `(...)` of Lab `(..., 3)`; 1 is just noticeable.

    Reference: Sharma, Wu, Dalal, "The CIEDE2000 Color-Difference Formula", 2005.
    """
    return skimage.color.deltaE_ciede2000(actual, predicted)


def chroma_error(predicted_ab: np.ndarray, actual_ab: np.ndarray) -> np.ndarray:
    """Euclidean distance `(...)` of ab `(..., 2)`, in Lab units."""
    difference = predicted_ab - actual_ab
    return np.hypot(difference[..., 0], difference[..., 1])


def error_counts(error: np.ndarray, weights: np.ndarray | None = None) -> np.ndarray:
    """Counts the pixels with an error in (t - 1, t] for t = 0, 1, ..., 150, and above 150: `(152,)`.

    Args:
        error: in Lab units, of any shape.
        weights: of the same shape; weight of each pixel, 1 by default.
    """
    steps = np.ceil(np.minimum(error, AUC_LIMIT + 1)).astype(np.int64).ravel()
    return np.bincount(steps, None if weights is None else weights.ravel(), minlength=AUC_LIMIT + 2)


def area_under(counts: np.ndarray) -> float | np.ndarray:
    """Area in percent under the cumulative curve of `error_counts` `(..., 152)`: trapezoidal rule, divided by 150."""
    shares = np.cumsum(counts, axis=-1)[..., : AUC_LIMIT + 1] / counts.sum(axis=-1, keepdims=True)
    return 100 * np.trapezoid(shares, axis=-1) / AUC_LIMIT


def auc(predicted_ab: np.ndarray, actual_ab: np.ndarray, weights: np.ndarray | None = None) -> float:
    """Area under the cumulative curve of ab errors, in percent.

    The curve is the fraction of pixels with an error (Euclidean, Lab units) of at most t, for t = 0, 1, ..., 150; its
    area is computed by the trapezoidal rule and divided by 150.

    Args:
        predicted_ab: `(..., 2)`.
        actual_ab: `(..., 2)`.
        weights: `(...)`, weight of each pixel; 1 / prior of its true bin gives the rebalanced AuC.

    Reference: Deshpande, Rock, Forsyth, "Learning Large-Scale Automatic Image Colorization", 2015; rebalanced: Zhang,
    Isola, Efros, "Colorful Image Colorization", 2016.
    """
    return float(area_under(error_counts(chroma_error(predicted_ab, actual_ab), weights)))


def flat_pixels(ab: np.ndarray, threshold: float = PA_THRESHOLD) -> np.ndarray:
    """Marks the pixels whose ab differs by less than `threshold` from all of their 4-neighbors: `(H, W)` bool."""
    flat = np.ones(ab.shape[:2], bool)
    down = chroma_error(ab[1:], ab[:-1]) < threshold
    right = chroma_error(ab[:, 1:], ab[:, :-1]) < threshold
    for side, alike in ((np.s_[1:], down), (np.s_[:-1], down), (np.s_[:, 1:], right), (np.s_[:, :-1], right)):
        flat[side] &= alike
    return flat


def pixel_agreement(predicted_ab: np.ndarray, actual_flat: np.ndarray, threshold: float = PA_THRESHOLD) -> float:
    """Pixel agreement (PA): percentage of the pixels with flat true color whose prediction is flat too.

    NaN if no pixel has a flat true color.

    Args:
        predicted_ab: `(H, W, 2)`.
        actual_flat: `flat_pixels` of the true ab.
        threshold: Lab units.
    """
    if not actual_flat.any():
        return float("nan")
    return float(100 * flat_pixels(predicted_ab, threshold)[actual_flat].mean())


def colorfulness(rgb: np.ndarray) -> float:
    """Colorfulness of a `uint8` sRGB picture: 0 is gray, about 15 slightly, 45 quite, 109 extremely colorful.

    sqrt(var(rg) + var(yb)) + 0.3 sqrt(mean(rg)^2 + mean(yb)^2), with rg = R - G, yb = (R + G) / 2 - B, signed.

    Reference: Hasler, Suesstrunk, "Measuring Colorfulness in Natural Images", 2003.
    """
    red, green, blue = np.moveaxis(rgb.astype(np.float32), -1, 0)
    rg, yb = red - green, (red + green) / 2 - blue
    spread = np.sqrt(rg.var(dtype=np.float64) + yb.var(dtype=np.float64))
    return float(spread + 0.3 * np.hypot(rg.mean(dtype=np.float64), yb.mean(dtype=np.float64)))


def regions_of_one_color(actual_ab: np.ndarray) -> np.ndarray:
    """Labels the 4-connected regions whose ab rounds to the same point of a grid with spacing 10, as objects.

    Returns:
        `(H, W)` int, 0 in regions of fewer than 64 pixels.
    """
    rounded = np.rint(actual_ab / _REGION_SPACING).astype(np.int64) + 100
    labels = skimage.measure.label(rounded[..., 0] * 1000 + rounded[..., 1], connectivity=1)
    sizes = np.bincount(labels.ravel())
    return np.where(sizes >= _REGION_PIXELS, np.arange(len(sizes)), 0)[labels]


def inconsistency(predicted_ab: np.ndarray, regions: np.ndarray) -> float:
    """Shift of color inside objects: RMS distance of predicted ab from its mean over a region of one true color.

    Args:
        predicted_ab: `(H, W, 2)`.
        regions: `regions_of_one_color` of the true ab.

    Returns:
        Lab units: 0 for a flat tint, about 4 for the original itself, NaN if the photograph has no such region.
    """
    labels = regions.ravel()
    counts = np.bincount(labels)
    counted = np.maximum(counts, 1)
    square = 0.0
    for channel in predicted_ab.reshape(-1, 2).T:
        sums, squares = np.bincount(labels, channel), np.bincount(labels, channel * channel)
        square += np.maximum(squares - sums * sums / counted, 0)[1:].sum()
    inside = counts[1:].sum()
    return float(np.sqrt(square / inside)) if inside else float("nan")


def edge_pollution(error: np.ndarray) -> float:
    """Mean error in a frame as wide as 1/16 of the shorter side minus the mean error inside; NaN if nothing is inside.

    Args:
        error: `(H, W)`, the `chroma_error`.
    """
    width = max(round(min(error.shape) * _BORDER), 1)
    inside = error[width:-width, width:-width]
    if not inside.size:
        return float("nan")
    frame = error.sum(dtype=np.float64) - inside.sum(dtype=np.float64)
    return float(frame / (error.size - inside.size) - inside.mean(dtype=np.float64))


def near_edges(lightness: np.ndarray) -> np.ndarray:
    """Marks the pixels of lightness `(H, W, 1)` within 2 pixels of an edge of 4 per pixel or more: `(H, W)` bool."""
    return _around_edges(lightness, _EDGE, _EDGE_REACH)


def error_near_edges(error: np.ndarray, lightness: np.ndarray) -> float:
    """Mean ab error within 8 pixels of strong lightness edges, where halos show; NaN if there is no such edge.

    Args:
        error: `(H, W)`, the `chroma_error`.
        lightness: `(H, W, 1)`, 0..100.
    """
    zone = _around_edges(lightness, _STRONG_EDGE, _HALO)
    return float(error[zone].mean(dtype=np.float64)) if zone.any() else float("nan")


def _around_edges(lightness: np.ndarray, steepness: float, width: int) -> np.ndarray:
    """Marks the pixels in zones of a width around edges of a steepness or more."""
    edges = _steepness(lightness) >= steepness
    return cv2.dilate(edges.astype(np.uint8), np.ones((width, width), np.uint8)).astype(bool)


def bleeding(predicted_ab: np.ndarray, edges: np.ndarray) -> float:
    """Mean change of chroma per pixel away from lightness edges, in Lab units; NaN if edges are everywhere.

    Changes of less than 1 per pixel are rounding errors and count as 0.

    Args:
        predicted_ab: `(H, W, 2)`.
        edges: `near_edges` of the lightness.
    """
    change = _steepness(predicted_ab)
    change = np.where(change < _NO_CHANGE, 0, change)
    away = change[~edges]
    return float(away.mean(dtype=np.float64)) if away.size else float("nan")


def _steepness(values: np.ndarray) -> np.ndarray:
    """Length of the gradient `(H, W)` of `(H, W, C)`, per pixel, by central differences."""
    values = np.ascontiguousarray(values, np.float32)
    x, y = (cv2.Sobel(values, cv2.CV_32F, dx, 1 - dx, ksize=1, scale=0.5) for dx in (1, 0))
    square = x * x + y * y
    return np.sqrt(square.sum(axis=-1) if square.ndim == 3 else square)
