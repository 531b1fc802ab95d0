"""Colors of a few points -> chroma of the whole picture: by likeness to the points, or along the lightness alone.

Both work on a reduced picture; nothing here knows files or networks.
"""

import cv2
import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.linalg import splu
from skimage.graph import MCP_Geometric

from fusioncolor import images

WORKING_SIZE = 256  # longer side at which `spread` solves its equation
_LIKENESS_SIZE = 128  # longer side at which `carry` compares pixels
_MOST_POINTS = 64  # groups of points that `carry` tells apart
_REACH = 1.5  # length of a path, in longer sides of the picture, at which likeness has fallen to 1/e
_EDGE = 8.0  # more length of a path, in pixels, per unit of lightness that it climbs or falls
_LIGHTNESS = 15.0  # difference of lightness at which likeness has fallen to 1/sqrt(e); Lab units, as the next
_CHROMA = 20.0
_FLAT = 4.0  # variance of lightness below which an enlarged correction ignores it
_NOISE = 0.05  # of the variance of a correction, so that points that contradict each other are averaged


def carry(lightness: np.ndarray, ab: np.ndarray, points: np.ndarray, colors: np.ndarray) -> np.ndarray:
    """Carries corrections of the chroma at a few points to all pixels that are like them.

    The difference between the color of a point and the predicted one is taken for a sample of a Gaussian process: two
    pixels are alike in it as far as a short path without edges joins them, and their lightness and their predicted
    chroma, by which the network tells things apart, are similar. Its mean is the correction of each pixel.

    Args:
        lightness: `(H, W, 1)`, 0..100.
        ab: predicted chroma `(H, W, 2)`, Lab units.
        points: `(N, 2)` rows and columns, N of at least 1.
        colors: `(N, 2)` ab.

    Returns:
        ab `(H, W, 2)` float32.

    Reference: Rasmussen, Williams, "Gaussian Processes for Machine Learning", 2006, equation 2.23.
    """
    light, chroma, at = _reduced(lightness, ab, points)
    residuals = colors - ab[points[:, 0], points[:, 1]]
    at, residuals, counts = _grouped(at, residuals)
    likeness = _likeness(light, chroma, at)
    among = likeness[:, at[:, 0], at[:, 1]]
    covariance = _positive((among + among.T) / 2) + np.diag(_NOISE / counts)
    weights = np.linalg.solve(covariance, residuals)
    correction = np.tensordot(likeness, weights, axes=(0, 0)).astype(np.float32)
    return ab + _enlarged(correction, light, lightness)


def _reduced(lightness: np.ndarray, ab: np.ndarray, points: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Reduces lightness, without its texture, chroma, and points to `_LIKENESS_SIZE`."""
    light, at = _at_size(lightness, points, _LIKENESS_SIZE)
    chroma = images.resize(np.ascontiguousarray(ab, np.float32), light.shape)
    return cv2.bilateralFilter(light.astype(np.float32), 9, 12, 5), chroma, at


def _grouped(at: np.ndarray, residuals: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Averages points of the same place, and then neighboring ones until they are few; returns their numbers too."""
    side = 1
    while True:
        cells, which = np.unique(at // side, axis=0, return_inverse=True)
        if len(cells) <= _MOST_POINTS:
            break
        side *= 2
    which = which.ravel()
    counts = np.bincount(which)
    mean = np.stack([np.bincount(which, channel) / counts for channel in residuals.T], axis=1)
    first = np.array([np.flatnonzero(which == index)[0] for index in range(len(cells))])
    return at[first], mean, counts


def _likeness(light: np.ndarray, chroma: np.ndarray, at: np.ndarray) -> np.ndarray:
    """Computes the likeness, from 0 to 1, of N points to the pixels of a picture, `(N, h, w)`."""
    steepness = np.hypot(*(np.gradient(light, axis=axis) if light.shape[axis] > 1 else 0 * light for axis in (0, 1)))
    lengths = (1 + _EDGE * np.maximum(steepness - 1, 0)) / max(light.shape)
    likeness = np.empty((len(at), *light.shape))
    for index, (row, column) in enumerate(at):
        path, _ = MCP_Geometric(lengths).find_costs([(row, column)])
        darker = (light - light[row, column]) / _LIGHTNESS
        other = np.linalg.norm(chroma - chroma[row, column], axis=-1) / _CHROMA
        likeness[index] = np.exp(-path / _REACH - (darker**2 + other**2) / 2)
    return likeness


def _positive(covariance: np.ndarray) -> np.ndarray:
    """Returns the nearest positive semidefinite matrix, as paths do not always make one."""
    values, vectors = np.linalg.eigh(covariance)
    return (vectors * np.maximum(values, 0)) @ vectors.T


def _enlarged(correction: np.ndarray, light: np.ndarray, lightness: np.ndarray) -> np.ndarray:
    """Enlarges a correction `(h, w, 2)` to the picture's size, with the edges of the picture's own lightness.

    Around each pixel of the small picture, the correction is a linear function of the lightness.

    Reference: He, Sun, "Fast Guided Filter", 2015.
    """
    mean = _box(light)
    variance = _box(light * light) - mean * mean
    size, parts = lightness.shape[:2], []
    for channel in np.moveaxis(correction, -1, 0):
        slope = (_box(light * channel) - mean * _box(channel)) / (variance + _FLAT)
        offset = _box(channel) - slope * mean
        slope, offset = (images.resize(_box(one)[..., None], size, bilinear=True) for one in (slope, offset))
        part = slope * lightness + offset
        parts.append(np.clip(part, channel.min(), channel.max()))
    return np.concatenate(parts, axis=-1)


def _box(values: np.ndarray) -> np.ndarray:
    return cv2.blur(np.ascontiguousarray(values, np.float32), (5, 5), borderType=cv2.BORDER_REFLECT_101)


def spread(lightness: np.ndarray, points: np.ndarray, colors: np.ndarray) -> np.ndarray:
    """Spreads colors from points over the whole picture, so that neighbors of similar lightness get similar colors.

    Every pixel r satisfies U(r) = sum_s w_rs U(s) over its eight neighbors s, with weights
    w_rs ~ exp(-(L(r) - L(s))^2 / 2 sigma_r^2), except that pixels at the points keep their colors. Larger pictures are
    solved, as a sparse system, at `WORKING_SIZE`.

    Args:
        lightness: `(H, W, 1)`, 0..100.
        points: `(N, 2)` rows and columns.
        colors: `(N, 2)` ab.

    Returns:
        ab `(H, W, 2)` float32.

    Reference: Levin, Lischinski, Weiss, "Colorization using Optimization", 2004.
    """
    light, at = _at_size(lightness, points, WORKING_SIZE)
    index, which = np.unique(at[:, 0] * light.shape[1] + at[:, 1], return_index=True)
    rows, columns, weights = _neighbor_weights(light)
    free = np.ones(light.size, bool)
    free[index] = False
    inner, every = free[rows], np.arange(light.size)
    values = np.r_[np.where(free, 1 + 1e-9, 1.0), -weights[inner]]
    matrix = coo_array((values, (np.r_[every, rows[inner]], np.r_[every, columns[inner]])), shape=(light.size,) * 2)
    right = np.zeros((light.size, 2))
    right[index] = colors[which]
    solved = splu(matrix.tocsc()).solve(right).astype(np.float32)
    return images.resize(solved.reshape(*light.shape, 2), lightness.shape[:2])


def _at_size(lightness: np.ndarray, points: np.ndarray, longest: int) -> tuple[np.ndarray, np.ndarray]:
    """Reduces lightness, to `(h, w)` float64, and points to a longer side, unless they are smaller."""
    size = lightness.shape[:2]
    scale = min(longest / max(size), 1)
    small = tuple(max(round(side * scale), 1) for side in size)
    light = images.resize(lightness, small)[..., 0].astype(np.float64)
    return light, np.minimum((points * scale).astype(int), np.array(small) - 1)


def _neighbor_weights(light: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Computes Levin's affinity of eight neighbors as rows, columns and weights; those of a row sum to 1."""
    height, width = light.shape
    grid = np.arange(light.size).reshape(height, width)
    steps = [(dy, dx) for dy in (-1, 0, 1) for dx in (-1, 0, 1) if dy or dx]
    flat = light.ravel()
    rows, columns = [], []
    for dy, dx in steps:
        here = np.s_[max(-dy, 0) : height - max(dy, 0), max(-dx, 0) : width - max(dx, 0)]
        there = np.s_[max(dy, 0) : height - max(-dy, 0), max(dx, 0) : width - max(-dx, 0)]
        rows.append(grid[here].ravel())
        columns.append(grid[there].ravel())
    rows, columns = np.concatenate(rows), np.concatenate(columns)
    count = np.bincount(rows, minlength=light.size) + 1  # the window: the neighbors and the pixel itself
    mean = (np.bincount(rows, flat[columns], light.size) + flat) / count
    variance = (np.bincount(rows, flat[columns] ** 2, light.size) + flat**2) / count - mean**2
    spread_of = np.maximum(0.6 * variance, 1e-4)  # 2 sigma_r^2, as in the authors' program
    weights = np.exp(-((flat[rows] - flat[columns]) ** 2) / spread_of[rows]) + 1e-9
    return rows, columns, weights / np.bincount(rows, weights, light.size)[rows]
