"""Trains saved weights on a few photographs of one's own, and judges them before and after on the others.

    python -m benchmarks.finetuning runs/mine/validation.txt --count 50 --others 200 --toned

`count` photographs, drawn at random, are trained on; `others`, or all the rest, judge, and choose nothing: the weights
after the last epoch are judged, not the best ones. `--toned` gives all of them one look that the weights do not know.
Prints minutes, and for every way of freezing the gain over the weights as they were, with its 95 % interval over
photographs. Photographs that the weights were trained on prove nothing here.
"""

import argparse
import shutil
import sys
import time
from pathlib import Path

import numpy as np

from benchmarks.results import gains, markdown
from benchmarks.samples import listed
from fusioncolor import color, images
from fusioncolor.cli.messages import TerminalReporter
from fusioncolor.config import DEFAULT_WEIGHTS, FROZEN, EvaluateConfig, TrainConfig
from fusioncolor.data import survey
from fusioncolor.evaluation.evaluator import Evaluator
from fusioncolor.run_folder import RunFolder
from fusioncolor.training import loop


def toned(rgb: np.ndarray) -> np.ndarray:
    """Split toning: warm lights, cold shadows, and two thirds of the chroma."""
    lightness, ab = color.split(color.rgb_to_lab(rgb))
    light = lightness / 100
    tint = light * (4.0, 14.0) + (1 - light) * (-2.0, -12.0)
    return color.join_in_gamut(lightness, (0.66 * ab + tint).astype(np.float32))


def split(options: argparse.Namespace) -> dict[str, Path]:
    """Makes folders "own" and "others" of links to the photographs, or of toned ones at the side networks see."""
    paths = listed(options.photographs)
    rest = len(paths) - options.count if options.others is None else options.others
    chosen = np.random.default_rng(options.seed).permutation(len(paths))[: options.count + rest]
    folders = {name: options.run / name for name in ("own", "others")}
    for folder in folders.values():
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
    for rank, index in enumerate(chosen):
        folder, path = folders["own" if rank < options.count else "others"], paths[index]
        if options.toned:
            images.write(folder / f"{index:05}.png", toned(images.read_resized(path, (256, 256))))
        else:
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
    loop.train(config, reporter=TerminalReporter(TrainConfig))
    print(f"--freeze {freeze}: {(time.perf_counter() - start) / 60:.1f} minutes, validation after every epoch included")
    return run


def main() -> int:
    """Trains, judges, and prints a table in Markdown."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("photographs", type=Path, help="folder, or list, of color photographs unknown to the weights")
    parser.add_argument("--weights", type=Path, default=Path(DEFAULT_WEIGHTS))
    parser.add_argument("--run", type=Path, default=Path("runs/finetuning"))
    parser.add_argument("--count", type=int, default=50)
    parser.add_argument("--others", type=int)
    parser.add_argument("--toned", action="store_true")
    parser.add_argument("--epochs", type=int, default=6)
    parser.add_argument("--learning-rate", type=float, default=3e-4)
    parser.add_argument("--freeze", nargs="+", choices=FROZEN, default=list(FROZEN))
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    folders = split(options)
    runs = {freeze: train(options, folders, freeze) for freeze in options.freeze}
    config = EvaluateConfig(
        photographs=[folders["others"]],
        models=[str(options.weights), *(str(RunFolder(run).last) for run in runs.values())],
        reference=[folders["own"]],
    )
    scores = Evaluator(config, survey.find(folders["others"])).run()
    trained = f"{options.count} others trained on for {options.epochs} epochs"
    print(f"\n{len(scores.paths)} photographs, {trained}; gain over the weights as they were\n")
    print(markdown([{"": f"--freeze {name}"} | gains(scores, index) for index, name in enumerate(runs, start=1)]))
    return 0


if __name__ == "__main__":
    sys.exit(main())
