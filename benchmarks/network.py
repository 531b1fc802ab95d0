"""How near each way of running system F comes to the machine's limit: prediction and training, 256x256, batches of 8.

    python -m benchmarks.network --calibration photographs

Backends and runtimes that are not installed are left out; each runs in a process of its own. The share is that of the
float32 convolution peak, and for bfloat16 and int8 that of the bfloat16 peak, both measured in the same run.
"""

import argparse
import sys
import tempfile
from pathlib import Path

from benchmarks.limit import operations, peaks
from benchmarks.results import apart, record
from fusioncolor.config import DEFAULT_WEIGHTS, ExportConfig
from fusioncolor.errors import InputError
from fusioncolor.exporting import export
from fusioncolor.models import engines, factory
from fusioncolor.models.networks import inception

BATCH = 8
KERAS = """
import json, sys, time
import keras, numpy as np
from fusioncolor import models
from fusioncolor.models import extractors
from fusioncolor.precision import precision
task, kind, xla, cached = sys.argv[1], sys.argv[2], sys.argv[3] == "True", sys.argv[4] == "True"
side, batch, count = map(int, sys.argv[5:8])
with precision(kind):
    colorizer = models.load("weights/fusion.landscapes")
    network = models.without_extractor(colorizer.network) if cached else colorizer.network
rng = np.random.default_rng(0)
lightness = rng.uniform(0, 100, (batch, side, side, 1)).astype("float32")
inputs = [lightness, np.zeros((batch, 1000), "float32")] if cached else lightness
network.compile("adam", "mse", jit_compile=xla)
network.jit_compile = xla
target = rng.uniform(-0.5, 0.5, (batch, side, side, 2)).astype("float32")
def work():
    network.predict_on_batch(inputs) if task == "predict" else network.train_on_batch(inputs, target)
work(), work()
times = []
for _ in range(count):
    start = time.perf_counter()
    work()
    times.append(time.perf_counter() - start)
print(json.dumps(batch / float(np.median(times))))
"""
EXPORTED = """
import json, sys, time
from pathlib import Path
import numpy as np
from fusioncolor import engines
path = Path(sys.argv[1])
engine = engines.load(path, engines.read_description(path)["weights"], sys.argv[2])
lightness = np.random.default_rng(0).uniform(0, 100, (8, 256, 256, 1)).astype("float32")
engine.predict_on_batch(lightness), engine.predict_on_batch(lightness)
times = []
for _ in range(10):
    start = time.perf_counter()
    engine.predict_on_batch(lightness)
    times.append(time.perf_counter() - start)
print(json.dumps(8 / float(np.median(times))))
"""


def keras_rate(
    backend: str, task: str, kind: str, *, xla: bool = False, cached: bool = False, side: int = 256, count: int = 8
) -> float | None:
    """Images a second of the Keras network in a process of its own; None if the backend is not installed."""
    return apart(KERAS, task, kind, xla, cached, side, BATCH, count, KERAS_BACKEND=backend)


def exported(folder: Path, calibration: Path | None) -> dict[str, Path]:
    """Files of every format whose converter is installed."""
    made = {}
    for name, options in {"onnx": {}, "openvino": {}, "litert": {}, "int8": {"calibration": calibration}}.items():
        kind = "openvino" if name == "int8" else name
        if name == "int8" and calibration is None:
            continue
        path = folder / f"{name}{engines.SUFFIXES[kind]}"
        try:
            made[name] = export(ExportConfig(format=kind, output=path, int8=name == "int8", **options))
        except (InputError, ImportError) as error:
            print(f"left out: {error}", file=sys.stderr)
    return made


def main() -> int:
    """Prints one table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--calibration", type=Path, help="folder of photographs for int8, which is left out without")
    options = parser.parse_args()
    peak = peaks()
    colorizer = factory.load(DEFAULT_WEIGHTS)
    whole = operations(colorizer.network, (256, 256)) / 1e9
    learning = whole - operations(colorizer.network.get_layer(inception.NAME), (256, 256)) / 1e9
    # of what learns, the gradients with respect to weights and to inputs cost as much again each
    work = {"predict": whole, "train": whole + 2 * learning, "train, cached": 3 * learning}
    rows = []

    def add(task: str, runtime: str, kind: str, rate: float | None) -> None:
        if rate is not None:
            limit = peak["float32" if kind == "float32" else "bfloat16"] / work[task]
            row = {"task": task, "runtime": runtime, "arithmetic": kind, "images/s": rate}
            rows.append(row | {"at most": limit, "share of the peak": f"{rate / limit:.0%}"})
            print(rows[-1], file=sys.stderr)

    for task, (name, cached) in {
        "predict": ("predict", False),
        "train": ("train", False),
        "train, cached": ("train", True),
    }.items():
        for kind in ("float32", "bfloat16"):
            add(task, "TensorFlow", kind, keras_rate("tensorflow", name, kind, cached=cached))
        if task == "train, cached":
            continue
        add(task, "TensorFlow, XLA", "float32", keras_rate("tensorflow", name, "float32", xla=True, count=3))
        add(task, "JAX", "float32", keras_rate("jax", name, "float32", xla=True, count=3))
        add(task, "PyTorch", "float32", keras_rate("torch", name, "float32", count=3))
    titles = {"onnx": "ONNX Runtime", "openvino": "OpenVINO", "litert": "LiteRT", "int8": "OpenVINO, int8"}
    with tempfile.TemporaryDirectory() as folder:
        for name, path in exported(Path(folder), options.calibration).items():
            kinds = ("float32", "bfloat16") if name in ("openvino", "int8") else ("float32",)
            for kind in kinds:
                shown = f"int8 and {kind}" if name == "int8" else kind
                add("predict", titles[name], shown, apart(EXPORTED, path, kind))
    record("network", rows)
    return 0


if __name__ == "__main__":
    sys.exit(main())
