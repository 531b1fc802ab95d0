"""Prints the rate, in photographs per second, of an exported network.

python -m benchmarks.programs.engine FILE PRECISION
"""

import json
import sys
from pathlib import Path

import numpy as np

from benchmarks.lib.internals import load_engine
from benchmarks.lib.timing import BATCH, median_seconds


def main(path: str, arithmetic: str) -> None:
    """Prints the rate as JSON, for random input of 256x256 in batches of 8."""
    engine = load_engine(Path(path), arithmetic)
    lightness = np.random.default_rng(0).uniform(0, 100, (BATCH, 256, 256, 1)).astype(np.float32)
    engine.predict_on_batch(lightness), engine.predict_on_batch(lightness)
    print(json.dumps(BATCH / median_seconds(lambda: engine.predict_on_batch(lightness), times=10)))


if __name__ == "__main__":
    main(*sys.argv[1:])
