"""Tabulates the gain over gray for every kind of photograph, from the output of `fusioncolor evaluate`.

    python -m benchmarks.by_kind report/photographs.csv
    python -m benchmarks.by_kind report/photographs.csv --words 1

The kind is the beginning of the file's name, up to the second underscore: `intel_forest_5247.jpg` is of `intel_forest`;
with --words 1, of `intel`.
"""

import argparse
import csv
import sys
from collections import defaultdict
from pathlib import Path

import numpy as np

from benchmarks.lib.results import markdown


def main() -> int:
    """Prints a table: all photographs, then one row per kind, by falling gain of the first model.

    For every model: gain in PSNR (dB) and in AuC (points), and the share of photographs that are worse than gray (%).
    """
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("table", type=Path, help="photographs.csv of an evaluation")
    parser.add_argument("--words", type=int, default=2, help="words of the file's name that make its kind (default: 2)")
    options = parser.parse_args()
    with open(options.table, encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(line for line in file if not line.startswith("#")))
    figures = defaultdict(dict)
    for row in rows:
        figures[row["photograph"]][row["model"]] = np.array([float(row["psnr"]), float(row["auc"])])
    models = [model for model in dict.fromkeys(row["model"] for row in rows) if model != "gray"]
    gains = defaultdict(list)
    for photograph, of_models in figures.items():
        gain = [of_models[model] - of_models["gray"] for model in models]
        for kind in ("all", "_".join(Path(photograph).name.split("_")[: options.words])):
            gains[kind].append(gain)
    order = sorted(gains, key=lambda kind: (kind != "all", -np.mean([gain[0][0] for gain in gains[kind]])))
    print(markdown([{"kind": kind, "photographs": len(gains[kind])} | _row(models, gains[kind]) for kind in order]))
    return 0


def _row(models: list[str], gains: list) -> dict[str, str]:
    row = {}
    for model, values in zip(models, np.array(gains).transpose(1, 0, 2), strict=True):
        psnr, auc = values.mean(axis=0)
        row[model] = f"{psnr:+.2f} dB, AuC {auc:+.2f}, {100 * (values[:, 0] < 0).mean():.0f}% worse"
    return row


if __name__ == "__main__":
    sys.exit(main())
