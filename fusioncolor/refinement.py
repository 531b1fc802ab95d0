"""Optional changes to predicted chroma at the photograph's own size.

Every refinement takes lightness `(H, W, 1)` in 0..100, ab `(H, W, 2)` in Lab units and the confidence of the prediction
`(H, W, 1)`, or None if the model has none, and returns ab of the same shape.
"""

import numpy as np

from fusioncolor.errors import InputError
from fusioncolor.hints.spreading import spread

SEGMENT_THRESHOLD = 3.0  # of 100, on lightness stretched to the full range
_ROUNDS = 8  # of merging between two searches of all pairs
_PEAK_WINDOW = 1 / 16  # of the longer side; a square of this size has at most one peak


def segment(
    lightness: np.ndarray, ab: np.ndarray, confidence: np.ndarray | None = None, *, threshold: float = SEGMENT_THRESHOLD
) -> np.ndarray:
    """Gives every region of similar lightness one color: its mean ab, weighted by confidence.

    A substitute for seeded flood fill: neighboring regions, single pixels at first, are merged in the order of the
    difference of their mean lightness while it is below `threshold`.
    """
    labels = regions(stretch(lightness[..., 0]), threshold).ravel()
    weights = np.ones(labels.size) if confidence is None else confidence.ravel().astype(np.float64) + 1e-9
    total = np.bincount(labels, weights)
    means = [np.bincount(labels, weights * channel.ravel()) / total for channel in np.moveaxis(ab, -1, 0)]
    return np.stack([mean[labels] for mean in means], axis=-1).reshape(ab.shape).astype(np.float32)


def chrominance(lightness: np.ndarray, ab: np.ndarray, confidence: np.ndarray | None = None) -> np.ndarray:
    """Moves chroma x, y of each pixel to X, Y with X / Y = x / y and (X + Y) / 2 = l, the lightness.

    X = 2l / (1 + y/x), Y = 2l / (1 + x/y), in the 8-bit Lab encoding where all three are 0..255; x = y = 0 stays,
    results are clipped to 255. (The paper prints 1 - x/y, which contradicts the ratio it states.)
    """
    level = lightness * np.float32(2.55)
    encoded = np.clip(ab + 128, 0, 255)
    total = encoded.sum(axis=-1, keepdims=True)
    moved = 2 * level * encoded / np.where(total > 0, total, 1)
    return (np.clip(moved, 0, 255) - 128).astype(np.float32)


def peaks(lightness: np.ndarray, ab: np.ndarray, confidence: np.ndarray | None = None) -> np.ndarray:
    """Keeps the colors of the locally most confident pixels and spreads them over the picture.

    In each square of a grid, the most confident pixel becomes a one-pixel scribble; scribbles are spread along
    lightness as user hints are. The squares' side is a sixteenth of the photograph's longer one. The authors of this
    refinement found it to work poorly.

    Raises:
        InputError: the model gives no confidence.
    """
    if confidence is None:
        raise InputError("`refine` peaks needs a classification model: regression gives no confidence")
    window = max(round(max(lightness.shape[:2]) * _PEAK_WINDOW), 1)
    rows, columns = _peaks_of(confidence[..., 0], window)
    points = np.stack([rows, columns], axis=1)
    return spread(lightness, points, ab[rows, columns])


def stretch(lightness: np.ndarray) -> np.ndarray:
    """Stretches lightness to 0..100; a flat picture becomes 0."""
    low, high = lightness.min(), lightness.max()
    return (lightness - low) * (100 / max(high - low, 1e-6))


def regions(values: np.ndarray, threshold: float) -> np.ndarray:
    """Merges 4-neighbors in the order of their difference to regions, and labels these `(H, W)` from 0.

    Every round merges each pair of neighboring regions that are nearest to each other in mean value, until no two
    neighbors differ by less than `threshold`. Rounds work on whole arrays; the number of regions falls geometrically.
    Pairs that differed by more are examined again every few rounds only.
    """
    grid = np.arange(values.size, dtype=np.int32).reshape(values.shape)
    pairs = [(grid[:, :-1], grid[:, 1:]), (grid[:-1], grid[1:])]
    edges = np.stack([np.concatenate([pair[side].ravel() for pair in pairs]) for side in (0, 1)])
    sums, counts = values.ravel().astype(np.float64), np.ones(values.size)
    labels = grid.ravel()
    while True:
        means = sums / counts
        near = edges[:, np.abs(means[edges[0]] - means[edges[1]]) < threshold]
        if not near.size:
            return labels.reshape(values.shape)
        renamed = np.arange(len(sums), dtype=np.int32)
        for _ in range(_ROUNDS):
            merged = _merge_nearest(near, sums / counts, threshold)
            sums, counts = (np.bincount(merged, of) for of in (sums, counts))
            renamed = merged[renamed]
            near = _renamed(near, merged)
        labels = renamed[labels]
        edges = _renamed(edges, renamed)


def _merge_nearest(edges: np.ndarray, means: np.ndarray, threshold: float) -> np.ndarray:
    """Merges mutually nearest neighbors among N regions with edges `(2, E)`; returns their new labels `(N,)`."""
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    difference = np.abs(means[edges[0]] - means[edges[1]])
    below = difference < threshold
    (one, other), difference = edges[:, below], difference[below]
    nearest = np.full(len(means), np.inf)
    np.minimum.at(nearest, one, difference)
    np.minimum.at(nearest, other, difference)
    mutual = (difference == nearest[one]) & (difference == nearest[other])
    joined = coo_array((np.ones(mutual.sum()), (one[mutual], other[mutual])), shape=(len(means), len(means)))
    return connected_components(joined, directed=False)[1]


def _renamed(edges: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """Renames the regions that edges connect, and drops edges inside one region."""
    edges = labels[edges]
    return edges[:, edges[0] != edges[1]]


def _peaks_of(confidence: np.ndarray, window: int) -> tuple[np.ndarray, np.ndarray]:
    """Finds rows and columns of the highest value in each square of `window` x `window` pixels."""
    height, width = confidence.shape
    rows, columns = [], []
    for top in range(0, height, window):
        for left in range(0, width, window):
            square = confidence[top : top + window, left : left + window]
            row, column = np.unravel_index(square.argmax(), square.shape)
            rows.append(top + row)
            columns.append(left + column)
    return np.array(rows), np.array(columns)
