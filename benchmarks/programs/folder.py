"""Prints two rates and a peak for a folder: the bare network's, predict.py's, and the memory that both took at most.

python -m benchmarks.programs.folder FOLDER OUTPUT
"""

import json
import resource
import sys
from pathlib import Path

import numpy as np

from benchmarks.lib.internals import FolderRun
from benchmarks.lib.timing import BATCH, photographs_per_second
from fusioncolor import images


def main(source: str, output: str) -> None:
    """Prints [photographs per second, photographs per second, GiB] as JSON."""
    run = FolderRun(Path(output))
    lightness = np.random.default_rng(0).uniform(0, 100, (BATCH, 256, 256, 1)).astype(np.float32)
    bare = photographs_per_second(lambda _: run.network.predict_on_batch(lightness), steps=10)
    whole = run.photographs_per_second(images.find_in(Path(source)))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    print(json.dumps([bare, whole, peak]))


if __name__ == "__main__":
    main(*sys.argv[1:])
