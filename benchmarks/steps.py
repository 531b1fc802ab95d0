"""Measures what makes a training step fast or slow: channels, XLA, the batch at small sides, views per embedding.

    python -m benchmarks.steps

The fusion network with InceptionV3 frozen, in the arithmetic that a training takes here. Only ratios within a group
mean something; they are of processor time, the best of several calls, from which other work takes the least.
"""

import argparse
import sys
import time
from collections.abc import Callable

import keras
import numpy as np
from keras import layers

from benchmarks.lib.internals import extractor_of, training_network
from benchmarks.lib.results import record
from benchmarks.limit import operations

CHANNELS = (64, 16, 24, 32, 48, 80, 96, 128, 160)
BATCHES = (8, 16, 32, 64)
SIDES = (64, 128)


def processor_seconds(work: Callable[[], object], times: int) -> float:
    """Processor time of all threads for a call: the best of several, after one that warms up."""
    work()
    found = []
    for _ in range(times):
        start = time.process_time()
        work()
        found.append(time.process_time() - start)
    return min(found)


def rows(group: str, unit: str, rates: dict[str, float]) -> list[dict]:
    """Table rows of a group, in comparison with its first."""
    first = next(iter(rates.values()))
    return [
        {
            "group": group,
            "setting": name,
            "per processor second": rate,
            "unit": unit,
            "of the first": f"{rate / first:.0%}",
        }
        for name, rate in rates.items()
    ]


def of_channels(times: int) -> list[dict]:
    """Training steps of four 3x3 convolutions with batch normalization, 8 feature maps of 32x32."""
    rates = {}
    for channels in CHANNELS:
        inputs = x = keras.Input((32, 32, channels))
        for _ in range(4):
            x = layers.ReLU()(
                layers.BatchNormalization()(layers.Conv2D(channels, 3, padding="same", use_bias=False)(x))
            )
        network = keras.Model(inputs, x)
        network.compile("adam", "mse", jit_compile=False)
        data = np.random.default_rng(0).normal(size=(8, 32, 32, channels)).astype(np.float32)
        step = 3 * 8 * operations(network, (32, 32), channels) / 1e9  # a backward pass takes two forward ones
        rates[f"{channels} channels"] = step / processor_seconds(
            lambda n=network, d=data: n.train_on_batch(d, d), times
        )
    return rows("width", "GFLOP", rates)


def stepper(side: int, batch: int, *, cached: bool = True, xla: bool = False) -> Callable[[], object]:
    """A function that does one training step."""
    colorizer, network = training_network(cached=cached)
    network.compile("adam", colorizer.head.loss(), jit_compile=xla)
    rng = np.random.default_rng(0)
    lightness = rng.uniform(0, 100, (batch, side, side, 1)).astype(np.float32)
    target = rng.uniform(-1, 1, (batch, side, side, 2)).astype(np.float32)
    given = [lightness, rng.normal(size=(batch, 1000)).astype(np.float32)] if cached else lightness
    return lambda: network.train_on_batch(given, target)


def of_xla(times: int) -> list[dict]:
    """Steps of batches of 8 at 64x64, compiled and not."""
    rates = {}
    for cached in (True, False):
        group = {
            f"XLA {'on' if xla else 'off'}": 8 / processor_seconds(stepper(64, 8, cached=cached, xla=xla), times)
            for xla in (False, True)
        }
        rates[f"XLA, embeddings {'cached' if cached else 'computed'}, 64x64"] = group
    return [row for group, found in rates.items() for row in rows(group, "photographs", found)]


def of_batches(times: int) -> list[dict]:
    """Steps of larger batches at small sides, embeddings cached."""
    found = []
    for side in SIDES:
        rates = {f"batch {batch}": batch / processor_seconds(stepper(side, batch), times) for batch in BATCHES}
        found += rows(f"batch at {side}x{side}", "photographs", rates)
    return found


def of_views(times: int) -> list[dict]:
    """One or two augmented views of each photograph per embedding that is computed, batches of 8 views."""
    found = []
    for side in SIDES:
        network = extractor_of(training_network(cached=False)[1])
        lightness = np.random.default_rng(0).uniform(0, 100, (8, side, side, 1)).astype(np.float32)
        embedding = processor_seconds(lambda n=network, x=lightness: n.predict_on_batch(x), times)
        step = processor_seconds(stepper(side, 8), times)
        rates = {f"{views} per embedding": 8 / (embedding / views + step) for views in (1, 2, 4)}
        found += rows(f"views at {side}x{side}", "views", rates)
    return found


GROUPS = {"channels": of_channels, "xla": of_xla, "batches": of_batches, "views": of_views}


def main() -> int:
    """Prints one table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--groups", nargs="+", choices=GROUPS, default=list(GROUPS), help="what to measure")
    parser.add_argument("--times", type=int, default=8, help="calls of each setting; the best counts")
    options = parser.parse_args()
    found = [row for name in options.groups for row in GROUPS[name](options.times)]
    record("steps", found)
    return 0


if __name__ == "__main__":
    sys.exit(main())
