"""Trains every system for the same small budget on the same photographs, and compares them with the null models.

    python -m benchmarks.systems photographs --run runs/systems

A learned system that does not beat the flat mean tint has not learned anything; system S is expected not to. The table
goes to standard output, the validation loss of every epoch to the curves in the run folder.
"""

import argparse
import sys
from pathlib import Path

from benchmarks.quality import compare, draw, paths_of, table
from fusioncolor import models, training
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
        **cached,
    )
    print(f"\n{name}, {head}")
    return training.train(config)


def main() -> int:
    """Trains and prints one table in Markdown."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("photographs", type=Path, help="folder of color photographs")
    parser.add_argument("--run", type=Path, default=Path("runs/systems"))
    parser.add_argument("--limit", type=int, default=1200, help="photographs; a quarter of them validates")
    parser.add_argument("--epochs", type=int, default=8)
    parser.add_argument("--batch-size", type=int, default=16)
    parser.add_argument("--image-size", type=int, default=64)
    parser.add_argument("--inception-weights", default="auto")
    options = parser.parse_args()
    runs = {(name, head): train(options, name, head) for name, head in SYSTEMS}
    colorizers = {f"{name}, {head}": models.load(run / "last") for (name, head), run in runs.items()}
    first = next(iter(runs.values()))
    judged = draw(paths_of(first / "validation.txt"), None)
    print(table(compare(judged, paths_of(first / "train.txt"), colorizers)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
