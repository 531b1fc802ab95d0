"""Where the time of a training step of system F goes, in batches of 8: bfloat16, InceptionV3 frozen.

    python -m benchmarks.training

Reading, augmentation and Lab are those of one batch in one thread; threads do them beside the step, so that the fed
rate tells what is left of it. Saving is that of the state, spread over the steps between two savings.
"""

import sys
import tempfile
import time
from pathlib import Path

import numpy as np

from benchmarks.feeding import BATCH, STEPS, photographs_per_second, render
from benchmarks.results import record
from fusioncolor import color, images
from fusioncolor.config import DEFAULT_WEIGHTS, TrainConfig
from fusioncolor.data import augmentation, datasets
from fusioncolor.models import editing, factory
from fusioncolor.models.networks import inception
from fusioncolor.run_folder import RunFolder
from fusioncolor.runtime.precision import precision
from fusioncolor.training import checkpoint
from fusioncolor.training.optimizer import Adam


def milliseconds(work, *, times: int = 5) -> float:
    """Of a call, the median."""
    taken = []
    for _ in range(times):
        start = time.perf_counter()
        work()
        taken.append(1000 * (time.perf_counter() - start))
    return float(np.median(taken))


def measure(paths: list[Path], folder: Path, side: int, *, cached: bool) -> dict:
    """One row."""
    with precision("bfloat16"):
        colorizer = factory.load(DEFAULT_WEIGHTS)
        colorizer.size = (side, side)
        inception.set_trainable(colorizer.network.get_layer(inception.NAME), False)
        network = editing.without_extractor(colorizer.network) if cached else colorizer.network
    network.compile(Adam(1e-3), colorizer.head.loss(), jit_compile=False)
    network.optimizer.build(network.trainable_variables)
    embeddings = np.zeros((len(paths), 2, 1000), np.float16) if cached else None
    options = {"batch_size": BATCH, "augmentation": augmentation.Augmentation(), "embeddings": embeddings}
    dataset = datasets.PhotographDataset(paths, colorizer, **options)
    fixed = dataset[0]
    bare = photographs_per_second([fixed] * (STEPS + 2), lambda batch: network.train_on_batch(*batch))
    fed = photographs_per_second(dataset, lambda batch: network.train_on_batch(*batch))
    batch = [images.read_resized(path, colorizer.size) for path in paths[:BATCH]]
    rng = np.random.default_rng(0)
    variables = [*colorizer.network.variables, *network.optimizer.variables]
    state = checkpoint.State(0, 0, [np.asarray(variable) for variable in variables], {"finished": False})
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
        "saving": milliseconds(lambda: checkpoint.write(RunFolder(folder), state), times=3) / every,
        "images/s, network alone": bare,
        "images/s, fed": fed,
        "share": f"{fed / bare:.0%}",
    }


def main() -> int:
    """Prints one table."""
    with tempfile.TemporaryDirectory() as name:
        paths = render(Path(name) / "photographs", (150, 150), 16) * 10
        rows = [measure(paths, Path(name), side, cached=cached) for side in (64, 128, 256) for cached in (False, True)]
    record("training", rows)
    return 0


if __name__ == "__main__":
    sys.exit(main())
