"""Measures whether photographs are read, augmented and converted to Lab faster than a training step needs them.

    python -m benchmarks.feeding

The files are rendered JPEGs of 150x150 pixels and of 12 megapixels. The fusion network with cached embeddings at
256x256, the system that trains fastest, consumes them. Everything is measured in one run.
"""

import argparse
import os
import sys
import tempfile
from pathlib import Path

from benchmarks.lib.internals import training_data, training_network
from benchmarks.lib.scenes import render
from benchmarks.lib.timing import BATCH, photographs_per_second

STEPS = 12
SIZES = {"150x150": (150, 150), "12 megapixels": (3000, 4000)}
CORES = 16  # to which the rate of this machine is extrapolated


def main() -> int:
    """Prints a table in Markdown."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sizes", nargs="+", choices=SIZES, default=list(SIZES), help="of the files")
    options = parser.parse_args()
    colorizer, network = training_network(cached=True)
    network.compile("adam", colorizer.head.loss(), jit_compile=colorizer.network.jit_compile)
    cores = os.cpu_count()
    print(f"{cores} cores, photographs per second at 256x256\n")
    print(f"| files | MB | 1 thread | {cores} threads | {CORES} cores, extrapolated | step alone | step, fed |")
    print("|---|---|---|---|---|---|---|")
    with tempfile.TemporaryDirectory() as name:
        for label in options.sizes:
            paths = render(Path(name) / label, SIZES[label], 16)
            megabytes = sum(path.stat().st_size for path in paths) / len(paths) / 1e6
            paths *= (STEPS + 8) * BATCH // len(paths)
            one, every = (
                training_data(paths, colorizer, cached=True, batch_size=BATCH, workers=workers)
                for workers in (1, cores)
            )
            rates = [photographs_per_second(dataset.__getitem__, steps=STEPS) for dataset in (one, every)]
            fixed = one[0]
            step = photographs_per_second(lambda _, batch=fixed: network.train_on_batch(*batch), steps=STEPS)
            fresh = training_data(paths, colorizer, cached=True, batch_size=BATCH, workers=cores)
            fed = photographs_per_second(lambda index, data=fresh: network.train_on_batch(*data[index]), steps=STEPS)
            shown = " | ".join(f"{rate:.0f}" for rate in (*rates, rates[1] / cores * CORES))
            print(f"| {label} | {megabytes:.1f} | {shown} | {step:.1f} | {fed:.1f} ({fed / step:.0%}) |", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
