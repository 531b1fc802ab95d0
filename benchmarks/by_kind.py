"""Tabulates the gain over gray for every kind of photograph, from the output of `fusioncolor evaluate`.

    python -m benchmarks.by_kind report/photographs.csv

The kind is the beginning of the file's name, up to the second underscore: `intel_forest_5247.jpg` is of `intel_forest`.
"""

import argparse
import csv
import sys
from collections import defaultdict
from pathlib import Path

import numpy as np

from benchmarks.lib.results import markdown


def main() -> int:
    """Prints a table: one row per kind, by falling gain of the first model, and one column of PSNR gains per model."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("table", type=Path, help="photographs.csv of an evaluation")
    with open(parser.parse_args().table, encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(line for line in file if not line.startswith("#")))
    psnr = defaultdict(dict)
    for row in rows:
        psnr[row["photograph"]][row["model"]] = float(row["psnr"])
    models = [model for model in dict.fromkeys(row["model"] for row in rows) if model != "gray"]
    gains = defaultdict(list)
    for photograph, figures in psnr.items():
        kind = "_".join(Path(photograph).name.split("_")[:2])
        gains[kind].append([figures[model] - figures["gray"] for model in models])
    table = [
        {"kind": kind, "photographs": len(values)}
        | {model: f"{mean:+.2f}" for model, mean in zip(models, np.mean(values, axis=0), strict=True)}
        for kind, values in sorted(gains.items(), key=lambda item: -np.mean(item[1], axis=0)[0])
    ]
    print(markdown(table))
    return 0


if __name__ == "__main__":
    sys.exit(main())
