"""Trains every system for the same small budget on the same photographs, and compares them with the null models.

    python -m benchmarks.systems photographs --run runs/systems --further-epochs 20

A learned system that does not beat the flat mean tint has not learned anything; system S is expected not to. Systems
that do not after the common budget go on for the further epochs. Classifiers are trained without rebalancing, two of
them also with it, which gives up some of what is measured here for rare colors. The table, of the common budget, goes
to standard output and <run>/report; <run>/curves.png shows how much of the mean tint's error each system explains over
its steps. `last/` of every run is judged, so nothing is chosen on the photographs that judge.
"""

import argparse
import sys
from pathlib import Path

import numpy as np
from matplotlib.figure import Figure

from fusioncolor import color, images
from fusioncolor.cli.messages import TerminalReporter
from fusioncolor.config import EvaluateConfig, TrainConfig
from fusioncolor.evaluation import report
from fusioncolor.evaluation.evaluator import Evaluator
from fusioncolor.images.listing import find
from fusioncolor.models import factory
from fusioncolor.models.families import MODELS
from fusioncolor.run_folder import RunFolder
from fusioncolor.training import loop

SYSTEMS = [(name, head, False) for name, family in MODELS.items() for head in family.head_names()]
SYSTEMS += [("fusion", "classification", True), ("plain", "classification", True)]


def train(options: argparse.Namespace, system: tuple[str, str, bool], init: Path | None = None) -> Path:
    """Trains one system, or goes on with it; returns its run folder. One that is done is not trained again."""
    name, head, rebalanced = system
    run = options.run / ("-".join(system[:2]) + "-rebalanced" * rebalanced + "-longer" * (init is not None))
    cached = {}
    if name == "fusion":
        cached = {"cache_embeddings": True} | ({} if init else {"inception_weights": options.inception_weights})
    config = TrainConfig(
        folder=options.photographs,
        model=name,
        head=head,
        run=run,
        init=init and RunFolder(init).last,
        epochs=options.further_epochs if init else options.epochs,
        batch_size=options.batch_size,
        image_size=options.image_size,
        limit=options.limit,
        preview_every=0,
        monitor="val_rmse",
        rebalancing=rebalanced or head == "regression",
        **cached,
    )
    print(f"\n{run.name}")
    return loop.train_once(config, reporter=TerminalReporter(TrainConfig))


def explained(run: Path) -> tuple[np.ndarray, np.ndarray]:
    """Steps after every epoch, and the share of the mean tint's squared error that is gone by then.

    The mean tint is that of the validation photographs themselves, the best that one tint for all can do.
    """
    colorizer = factory.load(RunFolder(run).last)
    if colorizer.described.model == "sift":
        ab = np.load(RunFolder(run).pixels("validation"), allow_pickle=False)["ab"].reshape(-1, 2)
    else:
        labs = (color.rgb_to_lab(images.read_resized(path, colorizer.size)) for path in listed(run, "validation"))
        ab = np.stack([images.resize(lab[..., 1:], colorizer.output_size()) for lab in labs]).reshape(-1, 2)
    errors = np.array(RunFolder(run).read_log()["val_rmse"])
    steps = len(listed(run, "train")) // RunFolder(run).read_config().batch_size
    return steps * (1 + np.arange(len(errors))), 1 - errors**2 / ab.var(axis=0).mean()


def listed(run: Path, part: str) -> list[Path]:
    """The photographs of a part of a run's split."""
    return [path for path, _ in find([RunFolder(run).part_list(part)])]


def curves(progress: dict[str, tuple[np.ndarray, np.ndarray]]) -> Figure:
    """`explained` of every system over its steps; 0 is the mean tint, 1 the truth."""
    figure = Figure(figsize=(9, 4.2), dpi=110, layout="constrained")
    axis = figure.subplots()
    for name, (steps, shares) in progress.items():
        style = ":" if "rebalanced" in name else "--" if "classification" in name else "-"
        axis.plot(steps, shares, marker=".", linestyle=style, label=name)
    axis.axhline(0, color="gray", linestyle=":", label="mean tint")
    axis.set(xlabel="steps", ylabel="share of the mean tint's\nsquared ab error explained", ylim=(-1, None))
    axis.grid(alpha=0.3)
    axis.legend(fontsize=8, loc="upper left", bbox_to_anchor=(1, 1))
    return figure


def main() -> int:
    """Trains, draws the curves and prints one table in Markdown."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("photographs", type=Path, help="folder of color photographs")
    parser.add_argument("--run", type=Path, default=Path("runs/systems"))
    parser.add_argument("--limit", type=int, default=1200, help="photographs; a quarter of them validates")
    parser.add_argument("--epochs", type=int, default=8)
    parser.add_argument("--further-epochs", type=int, default=0, help="of those that do not beat the mean tint by then")
    parser.add_argument("--batch-size", type=int, default=16)
    parser.add_argument("--image-size", type=int, default=64)
    parser.add_argument("--inception-weights", default="auto")
    options = parser.parse_args()
    runs = {system: train(options, system) for system in SYSTEMS}
    progress = {}
    for system, run in runs.items():
        steps, shares = explained(run)
        if shares[-1] < 0 and options.further_epochs and system[0] != "sift":
            more_steps, more_shares = explained(train(options, system, init=run))
            steps, shares = np.append(steps, steps[-1] + more_steps), np.append(shares, more_shares)
        progress[run.name] = steps, shares
    curves(progress).savefig(options.run / "curves.png")
    first = next(iter(runs.values()))
    config = EvaluateConfig(
        photographs=[RunFolder(first).part_list("validation")],
        models=[str(RunFolder(run).last) for run in runs.values()],
        reference=[RunFolder(first).part_list("train")],
        output=options.run / "report",
    )
    evaluator = Evaluator(config, listed(first, "validation"))
    scores = evaluator.run()
    report.write(
        config.output, scores, [], {run.name: RunFolder(run).read_log() for run in runs.values()}, title="Systems"
    )
    print(report.markdown(scores, whole=False))
    return 0


if __name__ == "__main__":
    sys.exit(main())
