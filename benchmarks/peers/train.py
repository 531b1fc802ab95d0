"""Prints the rate, in photographs per second, of training steps of the fusion network in PyTorch.

python -m benchmarks.peers.train FOLDER
"""

import json
import sys
import time
from pathlib import Path

from benchmarks.peers import torch_fusion

BATCH = 8


def main(source: str) -> None:
    """Trains for four epochs and prints the rate as JSON; the first step warms up."""
    paths = sorted(Path(source).iterdir()) * 4
    steps = torch_fusion.training_steps(torch_fusion.Fusion().train(), paths, BATCH)
    next(steps)
    start, count = time.perf_counter(), 0
    for _ in steps:
        count += BATCH
    print(json.dumps(count / (time.perf_counter() - start)))


if __name__ == "__main__":
    main(*sys.argv[1:])
