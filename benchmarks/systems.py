"""Trains every system for the same small budget on the same photographs, and compares them with the baselines.

    python -m benchmarks.systems photographs --run runs/systems --further-epochs 20

A system that does not beat the flat mean tint has not learned anything; `sift` is expected not to. Systems that do not
beat it within the common budget go on for `--further-epochs`. Classifiers are trained without rebalancing, two of them
also with it, which trades some of the accuracy measured here for rare colors. The table, of the common budget, goes to
standard output and RUN/report; RUN/curves.png shows the share of the mean tint's error that each system explains over
its steps. The weights after the last epoch are evaluated, so nothing is chosen on the evaluated photographs.
"""

import argparse
import sys
from pathlib import Path

import numpy as np
from matplotlib.figure import Figure

import fusioncolor
from benchmarks.lib import internals
from benchmarks.lib.samples import listed
from fusioncolor import color, images
from fusioncolor.config import EvaluateConfig, TrainConfig
from fusioncolor.evaluation import report

SYSTEMS = [(name, head, False) for name, head in internals.SYSTEMS]
SYSTEMS += [("fusion", "classification", True), ("plain", "classification", True)]
MODELS = list(dict.fromkeys(name for name, _ in internals.SYSTEMS))


def train(options: argparse.Namespace, system: tuple[str, str, bool], init: Path | None = None) -> Path:
    """Trains a system, or goes on with it, unless that is done; returns its run folder."""
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
        init=init and internals.last_of(init),
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
    return internals.train(config, once=True)


def explained(run: Path) -> tuple[np.ndarray, np.ndarray]:
    """Steps until the end of every epoch, and the share of the mean tint's squared error that is explained by then.

    The mean tint is that of the validation photographs themselves: the best that a single tint can do.
    """
    colorizer = fusioncolor.load(internals.last_of(run))
    if colorizer.origin.model == "sift":
        ab = internals.pixels_of(run)
    else:
        labs = (
            color.rgb_to_lab(images.read_resized(path, colorizer.size))
            for path in listed(internals.list_of(run, "validation"))
        )
        ab = np.stack([images.resize(lab[..., 1:], colorizer.output_size()) for lab in labs]).reshape(-1, 2)
    errors = np.array(internals.log_of(run)["val_rmse"])
    steps = len(listed(internals.list_of(run, "train"))) // internals.batch_size_of(run)
    return steps * (1 + np.arange(len(errors))), 1 - errors**2 / ab.var(axis=0).mean()


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
    parser.add_argument("--limit", type=int, default=1200, help="photographs, a quarter of them for validation")
    parser.add_argument("--epochs", type=int, default=8)
    parser.add_argument(
        "--further-epochs", type=int, default=0, help="epochs more for systems that do not beat the mean tint by then"
    )
    parser.add_argument("--batch-size", type=int, default=16)
    parser.add_argument("--image-size", type=int, default=64)
    parser.add_argument("--inception-weights", default="auto")
    parser.add_argument("--models", nargs="+", choices=MODELS, default=MODELS, help="models to compare, all of them")
    options = parser.parse_args()
    runs = {system: train(options, system) for system in SYSTEMS if system[0] in options.models}
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
        photographs=[internals.list_of(first, "validation")],
        models=[str(internals.last_of(run)) for run in runs.values()],
        reference=[internals.list_of(first, "train")],
        runs=list(runs.values()),
        examples=0,
        output=options.run / "report",
    )
    evaluation = fusioncolor.evaluate(config, title="Systems")
    print(report.markdown(evaluation.scores, whole=False))
    return 0


if __name__ == "__main__":
    sys.exit(main())
