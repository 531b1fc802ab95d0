"""Measures what chroma gains by following edges when it is enlarged, and by a network that sees more pixels.

    python -m benchmarks.edges photographs --count 60
    python -m benchmarks.edges photographs --sides 256 384 512

Photographs of known color, at their own size up to `--megapixels`: the mean error of ab, everywhere and within 8 pixels
of strong edges of the lightness, and PSNR; with differences from cubic enlargement at the first side, and their 95 %
intervals over photographs. Then the processor time that a photograph of 12 megapixels takes longer.
"""

import argparse
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
from scipy import ndimage
from skimage import filters

from benchmarks.lib.internals import load
from benchmarks.lib.results import record
from benchmarks.lib.samples import linked, listed
from fusioncolor import color, compose, images, metrics
from fusioncolor.config import DEFAULT_WEIGHTS
from fusioncolor.models.predictor import Source

_NEAR = 8  # pixels
_STRONG = 0.95  # quantile of the gradient above which an edge is strong
_MOST = 12_000_000  # pixels of the photograph that is timed


def near_edges(lightness: np.ndarray) -> np.ndarray:
    """Tells which pixels `(H, W)` are within 8 pixels of a strong edge of the lightness `(H, W, 1)`."""
    gradient = filters.sobel(filters.gaussian(lightness[..., 0], 1.5))
    return ndimage.distance_transform_edt(gradient <= np.quantile(gradient, _STRONG)) <= _NEAR


def read(path: Path, pixels: float) -> np.ndarray:
    """A photograph of at most so many pixels."""
    rgb = images.to_bytes(images.read(path).rgb)
    scale = min(1, (pixels / rgb[..., 0].size) ** 0.5)
    return images.resize(rgb, tuple(max(1, round(side * scale)) for side in rgb.shape[:2])) if scale < 1 else rgb


def cubic(lightness: np.ndarray, ab: np.ndarray) -> np.ndarray:
    """Chroma as it is, to be enlarged by cubic interpolation alone."""
    return ab


WAYS: dict[str, Callable[[np.ndarray, np.ndarray], np.ndarray]] = {"cubic": cubic, "edges": compose.follow_edges}


def figures(rgb: np.ndarray, colorizers: dict[int, object]) -> list[tuple[float, float, float]]:
    """Error of ab, everywhere and near edges, and PSNR (dB), by side and way."""
    lightness, ab = color.split(color.rgb_to_lab(rgb))
    near, found = near_edges(lightness), []
    for colorizer in colorizers.values():
        predicted = colorizer.predict_ab(colorizer.prepare(Source(lightness))[None])[0]
        for way in WAYS.values():
            full = images.resize(way(lightness, predicted), lightness.shape[:2])
            error = np.linalg.norm(full - ab, axis=-1)
            psnr = metrics.psnr(color.join_in_gamut(lightness, full), rgb)
            found.append((error.mean(), error[near].mean(), psnr))
    return found


def seconds_longer() -> float:
    """Processor seconds that following edges takes, for 12 megapixels."""
    lightness = np.random.default_rng(0).uniform(0, 100, (3000, _MOST // 3000, 1)).astype(np.float32)
    ab = np.random.default_rng(0).normal(0, 20, (32, 32, 2)).astype(np.float32)
    found = []
    for _ in range(5):
        start = time.process_time()
        compose.follow_edges(lightness, ab)
        found.append(time.process_time() - start)
    return min(found)


def main() -> int:
    """Prints one table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("photographs", type=Path, help="folder or list of color photographs, the larger the better")
    parser.add_argument("--weights", default=DEFAULT_WEIGHTS)
    parser.add_argument("--count", type=int, default=60)
    parser.add_argument("--megapixels", type=float, default=4)
    parser.add_argument("--sides", type=int, nargs="+", default=[256], help="pixels per side that the network sees")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    colorizers = {side: load(options.weights, "float32") for side in options.sides}
    for side, colorizer in colorizers.items():
        colorizer.size = (side, side)
    with tempfile.TemporaryDirectory() as name:
        paths = listed(linked(options.photographs, Path(name) / "judged", options.count, options.seed))
        values = np.array([figures(read(path, options.megapixels * 1e6), colorizers) for path in paths])
    longer, rows = seconds_longer(), []
    for index, (side, way) in enumerate((side, way) for side in options.sides for way in WAYS):
        gains = values[:, index] - values[:, 0]
        margin = 1.96 * gains.std(axis=0, ddof=1) / len(gains) ** 0.5
        row = {"network sees": side, "chroma enlarged by": way, "photographs": len(paths)}
        for column, title in enumerate(("ab error", "ab error near edges", "PSNR (dB)")):
            row[title] = f"{values[:, index, column].mean():.2f}"
            row[f"{title}, difference"] = f"{gains[:, column].mean():+.3f} ± {margin[column]:.3f}"
        rows.append(row | {"s longer, 12 megapixels": longer if way == "edges" else 0.0})
    record("edges", rows)
    return 0


if __name__ == "__main__":
    sys.exit(main())
