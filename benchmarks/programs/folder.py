"""Prints rates and processor seconds of the bare network and of predict.py, and the memory that both took at most.

python -m benchmarks.programs.folder FOLDER OUTPUT
"""

import json
import resource
import sys
from pathlib import Path

import numpy as np

from benchmarks.lib.internals import FolderRun
from benchmarks.lib.timing import BATCH, best_pace
from fusioncolor import images


def main(source: str, output: str) -> None:
    """Prints the bare network's rate and processor seconds per photograph, those of predict.py, and GiB, as JSON."""
    run = FolderRun(Path(output))
    lightness = np.random.default_rng(0).uniform(0, 100, (BATCH, 256, 256, 1)).astype(np.float32)
    bare, of_bare = best_pace(lambda: run.network.predict_on_batch(lightness), times=6)
    whole, of_whole = run.pace(images.find_in(Path(source)))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    print(json.dumps([bare, of_bare, whole, of_whole, peak]))


if __name__ == "__main__":
    main(*sys.argv[1:])
