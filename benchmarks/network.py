"""Measures how near each way to run the fusion network comes to the limit of the machine, at 256x256 in batches of 8.

    python -m benchmarks.network --calibration photographs

Prediction and training. Each runs in a process of its own; backends and runtimes that are not installed are left out.
The share is that of the float32 convolution peak, and for bfloat16 and int8 that of the bfloat16 peak, both measured in
the same run.
"""

import argparse
import sys
import tempfile
from pathlib import Path

import fusioncolor
from benchmarks.lib.internals import extractor_of
from benchmarks.lib.processes import run_apart
from benchmarks.lib.results import record
from benchmarks.limit import operations, peaks
from fusioncolor.config import DEFAULT_WEIGHTS, ExportConfig
from fusioncolor.errors import InputError
from fusioncolor.exporting import export
from fusioncolor.models import engines


def keras_rate(
    backend: str, task: str, kind: str, *, xla: bool = False, cached: bool = False, count: int = 8
) -> float | None:
    """Photographs per second of the Keras network; None if the backend is not installed."""
    flags = ["--xla"] * xla + ["--cached"] * cached
    return run_apart("benchmarks.programs.network", task, kind, *flags, "--count", count, KERAS_BACKEND=backend)


def exported(folder: Path, calibration: Path | None) -> dict[str, Path]:
    """Exported files by runtime, for every runtime whose converter is installed."""
    made = {}
    for name, options in {"onnx": {}, "openvino": {}, "litert": {}, "int8": {"calibration": calibration}}.items():
        kind = "openvino" if name == "int8" else name
        if name == "int8" and calibration is None:
            continue
        path = folder / f"{name}{engines.RUNTIMES[kind].suffix}"
        try:
            made[name] = export(ExportConfig(format=kind, output=path, int8=name == "int8", **options))
        except (InputError, ImportError) as error:
            print(f"left out: {error}", file=sys.stderr)
    return made


def main() -> int:
    """Prints one table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "--calibration", type=Path, help="folder of photographs to calibrate int8 with; without it, int8 is left out"
    )
    options = parser.parse_args()
    peak = peaks()
    colorizer = fusioncolor.load(DEFAULT_WEIGHTS)
    whole = operations(colorizer.network, (256, 256)) / 1e9
    learning = whole - operations(extractor_of(colorizer.network), (256, 256)) / 1e9
    # in layers that learn, the gradients by weights and by inputs each cost as much as the forward pass
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
                add("predict", titles[name], shown, run_apart("benchmarks.programs.engine", path, kind))
    record("network", rows)
    return 0


if __name__ == "__main__":
    sys.exit(main())
