"""Prints the rate, in photographs per second, of the Keras network on the backend that `KERAS_BACKEND` names.

The network is that of the included weights, the input random, the batch of 8, the duration the median of several.
"""

import argparse
import json

import numpy as np

from benchmarks.lib.internals import training_network
from benchmarks.lib.timing import BATCH, median_seconds
from fusioncolor.config import PRECISIONS


def main() -> None:
    """Prints the rate as JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("task", choices=("predict", "train"))
    parser.add_argument("precision", choices=PRECISIONS)
    parser.add_argument("--xla", action="store_true", help="compile with XLA")
    parser.add_argument("--cached", action="store_true", help="leave InceptionV3 out")
    parser.add_argument("--side", type=int, default=256)
    parser.add_argument("--count", type=int, default=8, help="timed calls")
    options = parser.parse_args()
    _, network = training_network(cached=options.cached, arithmetic=options.precision)
    rng = np.random.default_rng(0)
    lightness = rng.uniform(0, 100, (BATCH, options.side, options.side, 1)).astype(np.float32)
    inputs = [lightness, np.zeros((BATCH, 1000), np.float32)] if options.cached else lightness
    target = rng.uniform(-0.5, 0.5, (BATCH, options.side, options.side, 2)).astype(np.float32)
    network.compile("adam", "mse", jit_compile=options.xla)
    network.jit_compile = options.xla

    def work() -> None:
        if options.task == "predict":
            network.predict_on_batch(inputs)
        else:
            network.train_on_batch(inputs, target)

    work(), work()
    print(json.dumps(BATCH / median_seconds(work, times=options.count)))


if __name__ == "__main__":
    main()
