"""Measures the parts of a training step of the fusion network: batches of 8, bfloat16, InceptionV3 frozen.

    python -m benchmarks.training

Reading, augmentation and conversion to Lab are timed for one batch in one thread; in a training, threads do them beside
the step, and the fed rate shows what remains of their cost. Saving is the time to write the state, divided by the steps
between two savings.
"""

import argparse
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import numpy as np

from benchmarks.lib.internals import state_writer, training_data, training_network
from benchmarks.lib.results import record
from benchmarks.lib.scenes import render
from benchmarks.lib.timing import BATCH, median_seconds, photographs_per_second
from fusioncolor import color, images
from fusioncolor.config import TrainConfig
from fusioncolor.data import augmentation
from fusioncolor.training.optimizer import Adam

STEPS = 12


def milliseconds(work: Callable[[], object], *, times: int = 5) -> float:
    """Median duration of a call."""
    return 1000 * median_seconds(work, times=times)


def measure(paths: list[Path], folder: Path, side: int, *, cached: bool) -> dict:
    """One row of the table."""
    colorizer, network = training_network(cached=cached, arithmetic="bfloat16")
    colorizer.size = (side, side)
    network.compile(Adam(1e-3), colorizer.head.loss(), jit_compile=False)
    network.optimizer.build(network.trainable_variables)
    dataset = training_data(paths, colorizer, cached=cached, batch_size=BATCH)
    fixed = dataset[0]
    bare = photographs_per_second(lambda _: network.train_on_batch(*fixed), steps=STEPS)
    fed = photographs_per_second(lambda index: network.train_on_batch(*dataset[index]), steps=STEPS)
    batch = [images.read_resized(path, colorizer.size) for path in paths[:BATCH]]
    rng = np.random.default_rng(0)
    save = state_writer(folder, [*colorizer.network.variables, *network.optimizer.variables])
    every = TrainConfig(folder=Path()).save_every
    return {
        "side": side,
        "embeddings": "cached" if cached else "computed",
        "network (ms a batch)": 1000 * BATCH / bare,
        "reading": milliseconds(lambda: [images.read_resized(path, colorizer.size) for path in paths[:BATCH]]),
        "augmentation": milliseconds(
            lambda: [augmentation.augment(rgb, augmentation.Augmentation(), rng) for rgb in batch]
        ),
        "Lab": milliseconds(lambda: [color.rgb_to_lab(rgb) for rgb in batch]),
        "saving": milliseconds(save, times=3) / every,
        "images/s, network alone": bare,
        "images/s, fed": fed,
        "share": f"{fed / bare:.0%}",
    }


def main() -> int:
    """Prints one table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sides", type=int, nargs="+", default=[64, 128, 256], help="of the square the network sees")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        paths = render(Path(name) / "photographs", (150, 150), 16) * 10
        rows = [measure(paths, Path(name), side, cached=cached) for side in options.sides for cached in (False, True)]
    record("training", rows)
    return 0


if __name__ == "__main__":
    sys.exit(main())
