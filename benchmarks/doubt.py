"""Measures whether a network's doubt tells which photographs came out wrong: rank correlations with the true error.

    python -m benchmarks.doubt photographs --count 240
    python -m benchmarks.doubt photographs --weights weights/fusion.landscapes

Beside the doubt, which only classification models tell, stands the disagreement of the prediction with that for the
mirror image, which any model can tell at the price of a second prediction. Both are in Lab units, and so is the error:
the root mean square difference of ab at 256x256.
"""

import argparse
import sys
from pathlib import Path

import numpy as np
from scipy.stats import spearmanr

from benchmarks.lib.internals import load
from benchmarks.lib.results import markdown
from fusioncolor import color, images
from fusioncolor.config import DEFAULT_WEIGHTS
from fusioncolor.models.colorizer import Colorizer
from fusioncolor.models.predictor import Source

SIDE = 256


def measured(colorizer: Colorizer, path: Path) -> tuple[float, float, float]:
    """The error of a photograph, its doubt, which is NaN if there is none, and the disagreement of its mirror image."""
    lab = color.rgb_to_lab(images.read_resized(path, (SIDE, SIDE)))
    inputs = colorizer.prepare(Source(lab[..., :1]))
    plain, mirrored = colorizer.predict(np.stack([inputs, inputs[:, ::-1]]))
    error = images.resize(plain.ab, (SIDE, SIDE)) - lab[..., 1:]
    disagreement = plain.ab - mirrored.ab[:, ::-1]
    doubt = np.nan if plain.doubt is None else plain.doubt
    return _rms(error), doubt, _rms(disagreement)


def _rms(ab: np.ndarray) -> float:
    return float(np.sqrt((ab**2).sum(axis=-1).mean()))


def main() -> int:
    """Prints a table in Markdown: Spearman's rank correlation with the error."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("photographs", type=Path, help="folder or list of color photographs")
    parser.add_argument("--weights", default=DEFAULT_WEIGHTS)
    parser.add_argument("--count", type=int, default=240, help="photographs, drawn at random (default: 240)")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    colorizer = load(options.weights)
    paths = images.find([options.photographs])
    order = np.random.default_rng(options.seed).permutation(len(paths))[: options.count]
    figures = np.array([measured(colorizer, paths[index].path) for index in order])
    names = {"doubt": 1, "disagreement with the mirror image": 2}
    rows = [
        {"sign": name, "rank correlation": f"{spearmanr(figures[:, 0], figures[:, index]).statistic:.2f}"}
        for name, index in names.items()
        if np.isfinite(figures[:, index]).all()
    ]
    print(f"\n{len(order)} photographs, {options.weights}, mean error {figures[:, 0].mean():.1f}\n\n{markdown(rows)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
