"""Whether photographs are read, turned, sheared and brought to Lab faster than a training step needs them.

    python -m benchmarks.feeding

Rendered photographs of 150x150 pixels and of 12 megapixels, as JPEG files; the fusion network with cached embeddings at
256x256, the quickest system to train, takes them. Everything is measured in one run.
"""

import os
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

from fusioncolor import images
from fusioncolor.config import DEFAULT_WEIGHTS
from fusioncolor.data import augmentation, datasets
from fusioncolor.models import editing, factory
from fusioncolor.runtime.precision import precision

PROJECT = Path(__file__).parents[1]
BATCH, STEPS = 8, 12
SIZES = {"150x150": (150, 150), "12 megapixels": (3000, 4000)}
CORES = 16


def render(folder: Path, size: tuple[int, int], count: int) -> list[Path]:
    """Renders landscapes with the grain of a sensor, so that files are as large as a camera's."""
    sys.path.insert(0, str(PROJECT / "datasets" / "synthetic"))
    from prepare import render as render_scene

    rng = np.random.default_rng(0)
    for index in range(count):
        scene = images.resize(np.asarray(render_scene(0, index)), size).astype(np.int16)
        grain = rng.normal(0, 4, (*size, 1)).astype(np.int16)
        images.write(folder / f"{index}.jpg", np.clip(scene + grain, 0, 255).astype(np.uint8), quality=90)
    return images.find_in(folder)


def photographs_per_second(dataset: datasets.PhotographDataset, step=lambda batch: None) -> float:
    """Of `step` on every batch of a dataset; the first two warm up."""
    step(dataset[0]), step(dataset[1])
    start = time.perf_counter()
    for index in range(2, 2 + STEPS):
        step(dataset[index])
    return BATCH * STEPS / (time.perf_counter() - start)


def main() -> int:
    """Prints a table in Markdown."""
    with precision("auto"):
        colorizer = factory.load(DEFAULT_WEIGHTS)
    network = editing.without_extractor(colorizer.network)
    network.compile("adam", colorizer.head.loss(), jit_compile=colorizer.network.jit_compile)
    cores = os.cpu_count()
    print(f"{cores} cores, photographs a second at 256x256\n")
    print(f"| files | MB | 1 thread | {cores} threads | {CORES} cores, extrapolated | step alone | step, fed |")
    print("|---|---|---|---|---|---|---|")
    with tempfile.TemporaryDirectory() as name:
        for label, size in SIZES.items():
            paths = render(Path(name) / label, size, 16)
            megabytes = sum(path.stat().st_size for path in paths) / len(paths) / 1e6
            paths *= (STEPS + 8) * BATCH // len(paths)

            def dataset(workers: int, *, paths=paths) -> datasets.PhotographDataset:
                embeddings = np.zeros((len(paths), 2, network.inputs[1].shape[-1]), np.float16)
                options = {"batch_size": BATCH, "augmentation": augmentation.Augmentation(), "embeddings": embeddings}
                return datasets.PhotographDataset(paths, colorizer, workers=workers, **options)

            one, all_of_them = (photographs_per_second(dataset(workers)) for workers in (1, cores))
            fixed = dataset(1)[0]
            step = photographs_per_second([fixed] * (STEPS + 2), lambda batch: network.train_on_batch(*batch))
            fed = photographs_per_second(dataset(cores), lambda batch: network.train_on_batch(*batch))
            extrapolated = all_of_them / cores * CORES
            rates = " | ".join(f"{rate:.0f}" for rate in (one, all_of_them, extrapolated))
            print(f"| {label} | {megabytes:.1f} | {rates} | {step:.1f} | {fed:.1f} ({fed / step:.0%}) |", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
