"""Compares saved colorizers with gray and with the flat mean tint on photographs that were not trained on.

    python -m benchmarks.quality runs/mine/test.txt --train runs/mine/train.txt --weights weights/fusion.landscapes

Photographs are resized to 256x256 first. PSNR (mean of per-photograph dB), AuC and colorfulness are means over the
photographs; the gain over gray is on the same photographs, with a bootstrap 95 % interval.
"""

import argparse
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
from tqdm import tqdm

from fusioncolor import color, images, metrics, models
from fusioncolor.colorizer import Colorizer, finish

SIZE = (256, 256)
BATCH = 8
MEAN_OF = 1000  # training photographs are enough for a mean color


def paths_of(source: Path) -> list[Path]:
    """Photographs of a folder, or of a list as `train.py` writes it."""
    return images.find(source) if source.is_dir() else [Path(line) for line in source.read_text().splitlines()]


def load_lab(path: Path) -> np.ndarray:
    """A photograph at 256x256 as Lab."""
    return color.rgb_to_lab(images.read_resized(path, SIZE))


def mean_ab(paths: list[Path]) -> np.ndarray:
    """The mean ab of photographs, `(2,)`."""
    chosen = np.random.default_rng(0).permutation(len(paths))[:MEAN_OF]
    with ThreadPoolExecutor() as pool:
        return np.mean([lab[..., 1:].mean((0, 1)) for lab in pool.map(load_lab, [paths[i] for i in chosen])], axis=0)


def measure(lab: np.ndarray, ab: np.ndarray) -> tuple[float, float, float]:
    """PSNR, AuC and colorfulness of one prediction at 256x256."""
    lightness, true_ab = color.split(lab)
    actual = color.join_in_gamut(lightness, true_ab)
    predicted = finish(lightness, ab)
    shown_ab = color.split(color.rgb_to_lab(predicted))[1]
    return metrics.psnr(predicted, actual), metrics.auc(shown_ab, true_ab), metrics.colorfulness(predicted)


def bootstrap_interval(gains: np.ndarray) -> tuple[float, float]:
    """95 % interval of the mean of paired differences."""
    draws = np.random.default_rng(0).integers(0, len(gains), (2000, len(gains)))
    low, high = np.percentile(gains[draws].mean(axis=1), [2.5, 97.5])
    return float(low), float(high)


def compare(paths: list[Path], train: list[Path], colorizers: dict[str, Colorizer]) -> dict[str, np.ndarray]:
    """PSNR, AuC and colorfulness `(N, 3)` on N photographs, of the truth, the null models and every colorizer."""
    flat = np.broadcast_to(mean_ab(train), (*SIZE, 2)).astype(np.float32)
    results = {name: [] for name in ["truth", "gray", "mean tint", *colorizers]}
    with ThreadPoolExecutor() as pool:
        for start in tqdm(range(0, len(paths), BATCH), unit="batch", leave=False):
            labs = list(pool.map(load_lab, paths[start : start + BATCH]))
            answers = {
                "truth": [lab[..., 1:] for lab in labs],
                "gray": [np.zeros_like(flat)] * len(labs),
                "mean tint": [flat] * len(labs),
            }
            for name, colorizer in colorizers.items():
                inputs = np.stack(list(pool.map(lambda lab, one=colorizer: one.prepare(lab[..., :1]), labs)))
                answers[name] = list(colorizer.predict_ab(inputs, batch_size=BATCH))
            for name, ab in answers.items():
                results[name] += list(pool.map(measure, labs, ab))
    return {name: np.array(rows) for name, rows in results.items()}


def table(results: dict[str, np.ndarray]) -> str:
    """The means in Markdown, with the gain over gray on the same photographs."""
    gray = results["gray"]
    lines = [
        f"{len(gray)} photographs at {SIZE[0]}x{SIZE[1]}, mean of each; in brackets the 95 % interval\n",
        "| | PSNR | gain over gray | AuC | gain over gray | colorfulness |\n|---|---|---|---|---|---|",
    ]
    for name, rows in results.items():
        cells = []
        for index in () if name == "truth" else (0, 1):
            low, high = bootstrap_interval(rows[:, index] - gray[:, index])
            gain = np.mean(rows[:, index] - gray[:, index])
            cells += [f"{rows[:, index].mean():.2f}", f"{gain:+.2f} [{low:+.2f}, {high:+.2f}]"]
        cells = cells or [""] * 4  # the truth is infinitely good
        lines.append(f"| {name} | {' | '.join(cells)} | {rows[:, 2].mean():.1f} |")
    return "\n".join(lines)


def draw(paths: list[Path], limit: int | None) -> list[Path]:
    """At most `limit` photographs, drawn at random."""
    if limit is None:
        return paths
    return [paths[index] for index in sorted(np.random.default_rng(0).permutation(len(paths))[:limit])]


def main() -> int:
    """Prints one table in Markdown."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("photographs", type=Path, help="folder, or list of files, to judge on")
    parser.add_argument("--train", type=Path, required=True, help="folder, or list, for the mean tint")
    parser.add_argument("--weights", nargs="+", default=["weights/fusion.landscapes"])
    parser.add_argument("--limit", type=int, help="judge on this many only, drawn at random")
    parser.add_argument("--vividness", type=float, default=1.0)
    options = parser.parse_args()
    colorizers = {name: models.load(name).with_options(vividness=options.vividness) for name in options.weights}
    results = compare(draw(paths_of(options.photographs), options.limit), paths_of(options.train), colorizers)
    print(table(results))
    return 0


if __name__ == "__main__":
    sys.exit(main())
