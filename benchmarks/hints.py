"""Measures what color hints gain: PSNR with 1, 3, 10, and 30 hints at random pixels, whose colors are the true ones.

    python -m benchmarks.hints photographs --count 30
    python -m benchmarks.hints photographs --count 30 --weights weights/fusion.landscapes --former

Photographs are seen at 256x256, the size at which user-guided colorization is judged in the literature. `--former` also
measures the way hints were spread before: along the lightness, with a weight that fell with the length of a path that
avoids edges; it takes a second for each photograph and number of hints.

Reference: Zhang et al., "Real-Time User-Guided Image Colorization with Learned Deep Priors", 2017.
"""

import argparse
import sys
from pathlib import Path

import numpy as np
from skimage.graph import MCP_Geometric

from benchmarks.lib.internals import load
from benchmarks.lib.results import markdown
from fusioncolor import color, hints, images, metrics
from fusioncolor.config import DEFAULT_WEIGHTS
from fusioncolor.hints import Hint, spreading
from fusioncolor.models.predictor import Source

COUNTS = (0, 1, 3, 10, 30)
SIDE = 256


def former(lightness: np.ndarray, ab: np.ndarray, given: list[Hint]) -> np.ndarray:
    """Chroma with hints as they were spread before: Levin's colors, within reach of a path that avoids edges."""
    points = np.array([(hint.y, hint.x) for hint in given])
    colors = color.rgb_to_lab(np.array([hint.rgb for hint in given], np.uint8))[:, 1:]
    light = lightness[..., 0].astype(np.float64)
    steepness = np.hypot(*np.gradient(light))
    costs, _ = MCP_Geometric(0.4 + 1.5 * steepness).find_costs([tuple(point) for point in points])
    share = np.exp(-((costs / 40) ** 2))[..., None]
    return share * spreading.spread(lightness, points, colors) + (1 - share) * ab


def drawn(rgb: np.ndarray, count: int, seed: int) -> list[Hint]:
    """True colors of random pixels of a picture; the first ones are the same for every number."""
    rows, columns = np.random.default_rng(seed).integers(0, SIDE, (2, max(COUNTS)))
    return [
        Hint(int(x), int(y), tuple(map(int, rgb[y, x]))) for y, x in zip(rows[:count], columns[:count], strict=True)
    ]


def psnr_of(rgb: np.ndarray, ab: np.ndarray, seed: int, ways: dict) -> dict[str, list[float]]:
    """PSNR (dB) of one photograph for each number of hints, by the way they are carried on."""
    lightness = color.rgb_to_lightness(rgb)

    def measured(chroma: np.ndarray) -> float:
        return metrics.psnr(color.join_in_gamut(lightness, chroma.astype(np.float32), np.uint8), rgb)

    plain = measured(ab)
    return {
        name: [plain, *(measured(way(lightness, ab, drawn(rgb, count, seed))) for count in COUNTS[1:])]
        for name, way in ways.items()
    }


def main() -> int:
    """Prints a table in Markdown: PSNR without hints, and the gain for each number of them."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("photographs", type=Path, help="folder or list of color photographs")
    parser.add_argument("--weights", default=DEFAULT_WEIGHTS)
    parser.add_argument("--count", type=int, default=30, help="photographs, drawn at random (default: 30)")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--former", action="store_true", help="also measure how hints were spread before")
    options = parser.parse_args()
    ways = {"carried": lambda lightness, ab, given: hints.apply(lightness, ab, hints=given)}
    if options.former:
        ways = {"former": former, **ways}
    colorizer = load(options.weights)
    found = {name: [] for name in ways}
    paths = images.find([options.photographs])
    order = np.random.default_rng(options.seed).permutation(len(paths))[: options.count]
    for number, index in enumerate(order):
        rgb = images.read_resized(paths[index].path, (SIDE, SIDE))
        inputs = colorizer.prepare(Source(color.rgb_to_lightness(rgb)))[None]
        ab = images.resize(colorizer.predict_ab(inputs)[0], (SIDE, SIDE))
        for name, values in psnr_of(rgb, ab, number, ways).items():
            found[name].append(values)
    rows = []
    for name, values in found.items():
        means = np.mean(values, axis=0)
        gains = {
            f"{count} hint{'s' * (count > 1)}": f"{gain:+.2f}"
            for count, gain in zip(COUNTS[1:], means[1:] - means[0], strict=True)
        }
        rows.append({"hints": name, "without (dB)": f"{means[0]:.2f}"} | gains)
    print(f"\n{len(order)} photographs, {options.weights}\n\n{markdown(rows)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
