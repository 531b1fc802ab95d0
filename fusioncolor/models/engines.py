"""Exported networks: reading them, and running them in place of the Keras network.

Beside a file `<name>.onnx`, `.xml` (OpenVINO, with `.bin`) or `.tflite` (LiteRT) lies `<name>.<suffix>.json`, which
identifies the weights it was exported from.
"""

import importlib.util
import json
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path

import numpy as np

from fusioncolor import files
from fusioncolor.errors import InputError, not_installed
from fusioncolor.runtime.arithmetic import resolve

OUTPUT = "output"
"""Name of the output of an ONNX file that the head decodes; another, "ab", is decoded already."""


@dataclass(frozen=True)
class Runtime:
    """A program that runs exported networks.

    Attributes:
        suffix: suffix of its files.
        package: package that runs them, for pip.
        module: what it is imported as.
        exporters: packages that write them, for pip.
        start: loads a file, `(path, precision)` -> a function from `(B, h, w, C)` float32 to `(B, h', w', channels)`.
        precisions: supported arithmetic.
    """

    suffix: str
    package: str
    module: str
    exporters: tuple[str, ...]
    start: Callable[[Path, str], Callable[[np.ndarray], np.ndarray]]
    precisions: tuple[str, ...] = ("float32",)


class Engine:
    """An exported network in its runtime.

    Attributes:
        digests: SHA-256 of each of its files, by name, checked when it was loaded.
    """

    def __init__(self, run: Callable[[np.ndarray], np.ndarray], digests: Mapping[str, str]) -> None:
        self._run = run
        self.digests = digests

    def predict_on_batch(self, inputs: np.ndarray) -> np.ndarray:
        """Runs the network like its Keras namesake: `(B, h, w, C)` -> `(B, h', w', channels)`, float32."""
        return self._run(np.ascontiguousarray(inputs, np.float32))


def description_of(path: Path) -> Path:
    """Returns the path of the file that describes an exported network."""
    return path.with_name(f"{path.name}.json")


def read_description(path: Path) -> dict:
    """Reads the description of an exported network and checks its files against their SHA-256.

    Returns:
        "format", "weights" (SHA-256 of the weights it was exported from), "sha256" by file, "int8", and more.

    Raises:
        InputError: the file or its description is missing or damaged.
    """
    suffixes = [runtime.suffix for runtime in RUNTIMES.values()]
    if path.suffix not in suffixes:
        raise InputError(f"{path}: `engine` must be an exported network: {', '.join(suffixes)}")
    if not path.is_file():
        raise InputError(f"no such file: {path} (`engine`); export the network first")
    try:
        description = json.loads(description_of(path).read_text(encoding="utf-8"))
        digests, kind = dict(description["sha256"]), description["format"]
        damaged = [name for name in digests if files.sha256(path.with_name(name)) != digests[name]]
        if kind not in RUNTIMES or "weights" not in description:
            raise ValueError("incomplete")
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise InputError(f"{description_of(path)}: missing or damaged; export the network again") from error
    if damaged:
        raise InputError(f"{path.with_name(damaged[0])}: damaged (SHA-256 does not match); export the network again")
    return description


def arithmetic(wanted: str, engine: Path | None) -> str:
    """Resolves "auto" to a precision; of the exported formats, only OpenVINO offers a choice.

    Args:
        wanted: "auto", "float32", or "bfloat16".
        engine: file of an exported network; None for the Keras network.
    """
    if engine and wanted == "auto" and engine.suffix != RUNTIMES["openvino"].suffix:
        return "float32"
    return resolve(wanted)


def check(path: Path, weights: str, precision: str) -> None:
    """Checks an exported network without loading it or its runtime.

    Args:
        path: the file.
        weights: SHA-256 of the weights that it must have been exported from.
        precision: "float32" or, with OpenVINO, "bfloat16".

    Raises:
        InputError: the file is damaged or was exported from other weights, or its runtime is not installed.
    """
    kind = _checked(path, weights, precision)["format"]
    if importlib.util.find_spec(RUNTIMES[kind].module) is None:
        raise InputError(f"{path}: {RUNTIMES[kind].package} is {not_installed(kind)}")


def _checked(path: Path, weights: str, precision: str) -> dict:
    description = read_description(path)
    if description["weights"] != weights:
        raise InputError(f"{path} was exported from other weights; export the chosen weights")
    kind = description["format"]
    if precision not in RUNTIMES[kind].precisions:
        raise InputError(f"{path}: {kind} computes in float32; leave out `precision`, or export for OpenVINO")
    return description


def load(path: Path, weights: str, precision: str) -> Engine:
    """Loads an exported network.

    Args:
        path: the file.
        weights: SHA-256 of the weights that it must have been exported from.
        precision: "float32" or, with OpenVINO, "bfloat16".

    Raises:
        InputError: the file is damaged or was exported from other weights, or its runtime is not installed.
    """
    description = _checked(path, weights, precision)
    runtime = RUNTIMES[description["format"]]
    try:
        return Engine(runtime.start(path, precision), dict(description["sha256"]))
    except ImportError as error:
        raise InputError(f"{path}: {runtime.package} is {not_installed(description['format'])}") from error


def _onnx(path: Path, precision: str) -> Callable:
    session = import_module("onnxruntime").InferenceSession(path, providers=["CPUExecutionProvider"])
    name = session.get_inputs()[0].name
    return lambda inputs: session.run([OUTPUT], {name: inputs})[0]


def _openvino(path: Path, precision: str) -> Callable:
    hint = "bf16" if precision == "bfloat16" else "f32"
    compiled = import_module("openvino").Core().compile_model(path, "CPU", {"INFERENCE_PRECISION_HINT": hint})
    return lambda inputs: np.array(compiled(inputs)[0])  # a copy: the next call writes to the same memory


def _litert(path: Path, precision: str) -> Callable:
    interpreter = import_module("ai_edge_litert.interpreter").Interpreter(str(path), num_threads=_cores())
    taken, given = (
        details()[0]["index"] for details in (interpreter.get_input_details, interpreter.get_output_details)
    )
    interpreter.allocate_tensors()

    def run_one(photograph: np.ndarray) -> np.ndarray:
        interpreter.set_tensor(taken, photograph[None])
        interpreter.invoke()
        return interpreter.get_tensor(given)

    return lambda inputs: np.concatenate([run_one(photograph) for photograph in inputs])


RUNTIMES = {
    "onnx": Runtime(".onnx", "onnxruntime", "onnxruntime", ("tf2onnx", "onnx"), _onnx),
    "openvino": Runtime(".xml", "openvino", "openvino", ("openvino",), _openvino, precisions=("float32", "bfloat16")),
    "litert": Runtime(".tflite", "ai-edge-litert", "ai_edge_litert", ("tensorflow",), _litert),
}
"""Runtimes by name of the format."""


def _cores() -> int:
    return os.cpu_count() or 1
