"""Trains saved weights on a few photographs of one's own, and judges them before and after on the others.

    python -m benchmarks.finetuning photographs --count 50

`count` photographs, drawn at random, are trained on; all others of the folder judge, and choose nothing: the weights
after the last epoch are judged, not the best ones. Prints minutes, and for every way of freezing the gain over the
weights as they were, with its 95 % interval over photographs. Photographs that the weights were trained on prove
nothing here.
"""

import argparse
import shutil
import sys
import time
from pathlib import Path

import numpy as np

from fusioncolor import photographs, training
from fusioncolor.config import DEFAULT_WEIGHTS, FROZEN, EvaluateConfig, TrainConfig
from fusioncolor.evaluation import Evaluator

METRICS = {"psnr": "PSNR (dB)", "auc": "AuC (%)", "colorfulness": "colorfulness"}


def split(options: argparse.Namespace) -> dict[str, Path]:
    """Makes folders "own" and "others" of links to the photographs."""
    paths = photographs.find(options.photographs, exclude=options.run)
    chosen = set(np.random.default_rng(options.seed).choice(len(paths), options.count, replace=False))
    folders = {name: options.run / name for name in ("own", "others")}
    for name, folder in folders.items():
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        for index, path in enumerate(paths):
            if (index in chosen) == (name == "own"):
                (folder / f"{index:05}{path.suffix}").symlink_to(path.resolve())
    return folders


def train(options: argparse.Namespace, folders: dict[str, Path], freeze: str) -> Path:
    """Trains the weights further; returns the run folder."""
    run = options.run / freeze
    shutil.rmtree(run, ignore_errors=True)
    config = TrainConfig(
        folder=folders["own"],
        validation=folders["others"],
        init=options.weights,
        run=run,
        freeze=freeze,
        epochs=options.epochs,
        learning_rate=options.learning_rate,
        schedule="cosine",
        cache_embeddings=freeze != "none",
        preview_every=0,
    )
    start = time.perf_counter()
    training.train(config)
    print(f"--freeze {freeze}: {(time.perf_counter() - start) / 60:.1f} minutes, validation after every epoch included")
    return run


def main() -> int:
    """Trains, judges, and prints a table in Markdown."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("photographs", type=Path, help="folder of color photographs that the weights do not know")
    parser.add_argument("--weights", type=Path, default=Path(DEFAULT_WEIGHTS))
    parser.add_argument("--run", type=Path, default=Path("runs/finetuning"))
    parser.add_argument("--count", type=int, default=50)
    parser.add_argument("--epochs", type=int, default=10)
    parser.add_argument("--learning-rate", type=float, default=3e-4)
    parser.add_argument("--freeze", nargs="+", choices=FROZEN, default=list(FROZEN))
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    folders = split(options)
    runs = {freeze: train(options, folders, freeze) for freeze in options.freeze}
    config = EvaluateConfig(
        photographs=[folders["others"]],
        models=[str(options.weights), *(str(run / "last") for run in runs.values())],
        reference=[folders["own"]],
    )
    scores = Evaluator(config, photographs.find(folders["others"])).run()
    print(f"\n{len(scores.paths)} photographs, {options.count} others trained on for {options.epochs} epochs\n")
    print(f"| | {' | '.join(METRICS.values())} |\n|---|{'---|' * len(METRICS)}")
    print(f"| as they were | {' | '.join(f'{scores.value(name)[0]:.2f}' for name in METRICS)} |")
    for index, freeze in enumerate(runs, start=1):
        gains = (scores.gain(name, index, over=0) for name in METRICS)
        cells = [f"{gain:+.2f} [{low:+.2f}, {high:+.2f}]" for gain, low, high in gains]
        print(f"| --freeze {freeze} | {' | '.join(cells)} |")
    return 0


if __name__ == "__main__":
    sys.exit(main())
