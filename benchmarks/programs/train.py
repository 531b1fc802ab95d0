"""Prints the rate, in photographs per second, of training steps on a folder, fed from files.

python -m benchmarks.programs.train FOLDER cached|computed PRECISION
"""

import json
import sys
import time
from pathlib import Path

from benchmarks.lib.internals import training_data, training_network
from benchmarks.lib.timing import BATCH
from fusioncolor import images


def main(source: str, embeddings: str, arithmetic: str) -> None:
    """Trains for four epochs and prints the rate as JSON; the first two steps warm up."""
    cached = embeddings == "cached"
    colorizer, network = training_network(cached=cached, arithmetic=arithmetic)
    dataset = training_data(images.find_in(Path(source)) * 4, colorizer, cached=cached, batch_size=BATCH)
    network.compile("adam", "mse", jit_compile=False)
    network.train_on_batch(*dataset[0]), network.train_on_batch(*dataset[1])
    start = time.perf_counter()
    for index in range(2, len(dataset)):
        network.train_on_batch(*dataset[index])
    print(json.dumps(BATCH * (len(dataset) - 2) / (time.perf_counter() - start)))


if __name__ == "__main__":
    main(*sys.argv[1:])
