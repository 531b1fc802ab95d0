"""Trains every system for the same small budget on the same photographs, and compares them with the null models.

    python -m benchmarks.systems photographs --run runs/systems

A learned system that does not beat the flat mean tint has not learned anything; system S is expected not to. The table
goes to standard output, curves.png to the run folder: how much of the mean tint's error each system explains over its
steps. `last/` of every run is judged, so nothing is chosen on the photographs that judge.
"""

import argparse
import csv
import json
import sys
from pathlib import Path

import numpy as np
from matplotlib.figure import Figure

from benchmarks.quality import compare, draw, paths_of, table
from fusioncolor import color, images, models, training
from fusioncolor.config import TrainConfig

SYSTEMS = [(name, head.name) for name, family in models.MODELS.items() for head in family.heads]


def train(options: argparse.Namespace, name: str, head: str) -> Path:
    """Trains one system; returns its run folder. One that is there already is not trained again."""
    run = options.run / f"{name}-{head}"
    if (run / "last" / "colorizer.json").is_file():
        return run
    cached = {"cache_embeddings": True, "inception_weights": options.inception_weights} if name == "fusion" else {}
    config = TrainConfig(
        folder=options.photographs,
        model=name,
        head=head,
        run=run,
        epochs=options.epochs,
        batch_size=options.batch_size,
        image_size=options.image_size,
        limit=options.limit,
        preview_every=options.epochs,
        monitor="val_rmse",
        **cached,
    )
    print(f"\n{name}, {head}")
    return training.train(config)


def explained(run: Path) -> tuple[list[float], list[float]]:
    """Steps after every epoch, and the share of the mean tint's squared error that is gone by then.

    The mean tint is that of the validation photographs themselves, the best that one tint for all can do.
    """
    colorizer = models.load(run / "last")
    if colorizer.config["model"] == "sift":
        ab = np.load(run / "pixels-validation.npz", allow_pickle=False)["ab"].reshape(-1, 2)
    else:
        labs = (
            color.rgb_to_lab(images.read_resized(path, colorizer.size)) for path in paths_of(run / "validation.txt")
        )
        ab = np.stack([images.resize(lab[..., 1:], colorizer.output_size()) for lab in labs]).reshape(-1, 2)
    with open(run / "log.csv", encoding="utf-8") as file:
        errors = np.array([float(row["val_rmse"]) for row in csv.DictReader(file)])
    steps = len(paths_of(run / "train.txt")) // json.loads((run / "config.json").read_text())["batch_size"]
    return list(steps * (1 + np.arange(len(errors)))), list(1 - errors**2 / ab.var(axis=0).mean())


def curves(runs: dict[str, Path]) -> Figure:
    """`explained` of every run over its steps; 0 is the mean tint, 1 the truth."""
    figure = Figure(figsize=(7, 4), dpi=110, layout="constrained")
    axis = figure.subplots()
    for name, run in runs.items():
        axis.plot(*explained(run), marker=".", linestyle="--" if "classification" in name else "-", label=name)
    axis.axhline(0, color="gray", linestyle=":", label="mean tint")
    axis.set(xlabel="steps", ylabel="share of the mean tint's squared ab error explained")
    axis.grid(alpha=0.3)
    axis.legend(fontsize=8)
    return figure


def main() -> int:
    """Trains, draws the curves and prints one table in Markdown."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("photographs", type=Path, help="folder of color photographs")
    parser.add_argument("--run", type=Path, default=Path("runs/systems"))
    parser.add_argument("--limit", type=int, default=1200, help="photographs; a quarter of them validates")
    parser.add_argument("--epochs", type=int, default=8)
    parser.add_argument("--batch-size", type=int, default=16)
    parser.add_argument("--image-size", type=int, default=64)
    parser.add_argument("--inception-weights", default="auto")
    options = parser.parse_args()
    runs = {f"{name}, {head}": train(options, name, head) for name, head in SYSTEMS}
    curves(runs).savefig(options.run / "curves.png")
    first = next(iter(runs.values()))
    judged = draw(paths_of(first / "validation.txt"), None)
    print(
        table(
            compare(
                judged, paths_of(first / "train.txt"), {name: models.load(run / "last") for name, run in runs.items()}
            )
        )
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
