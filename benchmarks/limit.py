"""Measures the limits of this machine, and counts the operations that each system needs.

    python -m benchmarks.limit

The peak is that of the fastest 3x3 convolution of several shapes, forward, in float32 and bfloat16, as oneDNN runs it
under TensorFlow; the bandwidth is that of copying half a gigabyte. Operations are counted layer by layer, a
multiplication with its addition as two. The rate limit of a system is the peak divided by its operations.
"""

import argparse
import sys
import time
from collections.abc import Callable

import keras
import numpy as np
from keras import layers

import fusioncolor
from benchmarks.lib.internals import SYSTEMS
from benchmarks.lib.results import record
from fusioncolor.runtime.precision import precision

SHAPES = [(8, 32, 256, 256), (8, 64, 128, 128), (8, 32, 512, 512), (16, 32, 256, 256), (8, 128, 64, 64)]


def best_rate(work: Callable[[], object], *, seconds: float = 1.5) -> float:
    """Calls per second, by the fastest of many calls."""
    work(), work()
    best, end = np.inf, time.perf_counter() + seconds
    while time.perf_counter() < end:
        start = time.perf_counter()
        work()
        best = min(best, time.perf_counter() - start)
    return 1 / best


def convolution_peak(name: str) -> float:
    """GFLOP/s of the fastest convolution in a precision."""
    rates = []
    for batch, side, channels, filters in SHAPES:
        with precision(name):
            inputs = keras.Input((side, side, channels), batch_size=batch)
            x = inputs
            for _ in range(4):  # several in one call, so that calling costs little
                x = layers.Conv2D(filters, 3, padding="same", use_bias=False)(x)
            network = keras.Model(inputs, layers.GlobalAveragePooling2D()(x))
        picture = keras.ops.convert_to_tensor(np.random.default_rng(0).normal(size=inputs.shape).astype(np.float32))
        rates.append(best_rate(lambda network=network, picture=picture: network.predict_on_batch(picture)))
        rates[-1] *= batch * operations(network, (side, side), channels) / 1e9
    return max(rates)


def bandwidth() -> float:
    """GB/s of copying, reading and writing counted."""
    source = np.ones(1 << 26, np.float64)
    target = np.empty_like(source)
    return best_rate(lambda: np.copyto(target, source)) * 2 * source.nbytes / 1e9


def operations(network: keras.Model, size: tuple[int, int], channels: int = 1) -> int:
    """Floating-point operations of one picture in convolutions and dense layers, nested models included."""
    shapes = {id(network.inputs[0]): (1, *size, channels)}
    total = 0
    for operation in network.operations:
        if isinstance(operation, layers.InputLayer):
            continue
        node = operation._inbound_nodes[-1] if isinstance(operation, keras.Model) else operation._inbound_nodes[0]
        given = [shapes[id(tensor)] for tensor in node.input_tensors]
        if isinstance(operation, keras.Model):
            total += operations(operation, given[0][1:3], given[0][3])
        output = operation.compute_output_shape(given if len(given) > 1 else given[0])
        for tensor, shape in zip(
            node.output_tensors, [output] if len(node.output_tensors) == 1 else output, strict=True
        ):
            shapes[id(tensor)] = tuple(shape)
        total += _of_layer(operation, given[0], shapes[id(node.output_tensors[0])])
    return total


def _of_layer(layer, given: tuple, output: tuple) -> int:
    if isinstance(layer, layers.Conv2DTranspose):
        return 2 * int(np.prod(layer.kernel.shape)) * int(np.prod(given[1:3]))
    if isinstance(layer, layers.Conv2D):
        return 2 * int(np.prod(layer.kernel.shape)) * int(np.prod(output[1:3]))
    if isinstance(layer, layers.Dense):
        return 2 * int(np.prod(layer.kernel.shape)) * int(np.prod(output[1:-1]))
    return 0


def peaks() -> dict[str, float]:
    """GFLOP/s by precision."""
    return {name: convolution_peak(name) for name in ("float32", "bfloat16")}


def main() -> int:
    """Prints two tables."""
    argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter).parse_args()
    peak = peaks()
    limits = {f"{name} convolutions (GFLOP/s)": rate for name, rate in peak.items()}
    record(
        "limit", [{"limit": name, "value": value} for name, value in (limits | {"copy (GB/s)": bandwidth()}).items()]
    )
    rows = []
    for name, head in SYSTEMS:
        colorizer = fusioncolor.create(name, head=head)
        billions = operations(colorizer.network, colorizer.size, colorizer.network.input.shape[-1]) / 1e9
        row = {"system": f"{name}, {head}", "side": colorizer.size[0], "GFLOP": billions}
        rows.append(row | {f"images/s at most, {kind}": rate / billions for kind, rate in peak.items()})
    record("operations", rows)
    return 0


if __name__ == "__main__":
    sys.exit(main())
