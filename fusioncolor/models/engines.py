"""Exported networks: reading them, and running them in place of the Keras network.

They come from a file that `export` wrote, or from the skeleton in the weights folder (see `skeletons`).

Beside a file `<name>.onnx`, `.xml` (OpenVINO, with `.bin`) or `.tflite` (LiteRT) lies `<name>.<suffix>.json`, which
identifies the weights it was exported from.
"""

import io
import json
import os
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType

import numpy as np

from fusioncolor import files
from fusioncolor.errors import InputError, not_installed
from fusioncolor.models import saving, skeletons
from fusioncolor.models.description import Description
from fusioncolor.runtime.arithmetic import has_bfloat16
from fusioncolor.runtime.backend import stderr_silenced

Model = Path | Mapping[str, io.BytesIO]
"""An exported network: its file, or files in memory by suffix."""

OUTPUT = "output"
"""Name of the output of an ONNX file that the head decodes; another, "ab", is decoded already."""


@dataclass(frozen=True)
class Runtime:
    """A program that runs exported networks.

    Attributes:
        title: its name.
        suffix: suffix of its files.
        package: package that runs them, for pip.
        module: what that package is imported as.
        exporters: packages that write them, for pip.
        start: loads a network, `(model, precision)` -> a function from `(B, h, w, C)` float32 to
            `(B, h', w', channels)`.
        precisions: supported arithmetic.
    """

    title: str
    suffix: str
    package: str
    module: str
    exporters: tuple[str, ...]
    start: Callable[[Model, str], Callable[[np.ndarray], np.ndarray]]
    precisions: tuple[str, ...] = ("float32",)

    def arithmetic(self, wanted: str) -> str:
        """Resolves "auto" to the precision that is fastest on this machine; returns other names unchanged."""
        if wanted != "auto":
            return wanted
        return "bfloat16" if "bfloat16" in self.precisions and has_bfloat16() else "float32"

    def is_installed(self) -> bool:
        """Returns whether its package is installed."""
        return find_spec(self.module.split(".")[0]) is not None

    def version(self) -> str:
        """Returns the version of its module: packages of several names bring the same one."""
        return import_module(self.module.split(".")[0]).__version__.split("-")[0]  # OpenVINO's has its commit


class Engine:
    """An exported network in its runtime.

    Attributes:
        kind: name of its runtime in `RUNTIMES`.
        precision: "float32" or "bfloat16".
        digests: SHA-256 of each of its files, by name, checked when it was loaded.
        chroma_gain: factor above 0 for the chroma of its pictures, which 8 bits make paler; 1 for other networks.
    """

    def __init__(
        self,
        run: Callable[[np.ndarray], np.ndarray],
        kind: str,
        precision: str,
        digests: Mapping[str, str],
        chroma_gain: float = 1.0,
    ) -> None:
        self._run = run
        self.kind = kind
        self.precision = precision
        self.digests = digests
        self.chroma_gain = chroma_gain

    def predict_on_batch(self, inputs: np.ndarray) -> np.ndarray:
        """Runs the network like its Keras namesake: `(B, h, w, C)` -> `(B, h', w', channels)`, float32."""
        return self._run(np.ascontiguousarray(inputs, np.float32))

    def __getattr__(self, name: str):
        raise AttributeError(f'a network in {self.__dict__.get("kind")} has no {name!r}: load it with runtime="keras"')


def description_of(path: Path) -> Path:
    """Returns the path of the file that describes an exported network."""
    return path.with_name(f"{path.name}.json")


def read_description(path: Path) -> dict:
    """Reads the description of an exported network and checks its files against their SHA-256.

    Returns:
        "format", "weights" (SHA-256 of the weights it was exported from), "sha256" by file, "int8",
        "chroma_gain" (see `Engine`; 1 if the file has none), and more.

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
        description["chroma_gain"] = float(description.get("chroma_gain", 1))
        if kind not in RUNTIMES or "weights" not in description or not 0 < description["chroma_gain"] < np.inf:
            raise ValueError("incomplete")
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise InputError(f"{description_of(path)}: missing or damaged; export the network again") from error
    if damaged:
        raise InputError(f"{path.with_name(damaged[0])}: damaged (SHA-256 does not match); export the network again")
    return description


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
    if not RUNTIMES[kind].is_installed():
        raise InputError(f"{path}: {RUNTIMES[kind].package} is {not_installed(kind)}")


def _checked(path: Path, weights: str, precision: str) -> dict:
    description = read_description(path)
    if description["weights"] != weights:
        raise InputError(f"{path} was exported from other weights; export the chosen weights")
    kind = description["format"]
    if RUNTIMES[kind].arithmetic(precision) not in RUNTIMES[kind].precisions:
        raise InputError(f"{path}: {kind} computes in float32; leave out `precision`, or export for OpenVINO")
    return description


def load(path: Path, weights: str, precision: str) -> Engine:
    """Loads an exported network.

    Args:
        path: the file.
        weights: SHA-256 of the weights that it must have been exported from.
        precision: "float32", "auto" or, with OpenVINO, "bfloat16".

    Raises:
        InputError: the file is damaged or was exported from other weights, or its runtime is not installed.
    """
    description = _checked(path, weights, precision)
    kind, runtime = description["format"], RUNTIMES[description["format"]]
    precision = runtime.arithmetic(precision)
    try:
        run, gain = runtime.start(path, precision), description["chroma_gain"]
        return Engine(run, kind, precision, dict(description["sha256"]), gain)
    except ImportError as error:
        raise InputError(f"{path}: {runtime.package} is {not_installed(description['format'])}") from error


def load_beside(folder: Path, description: Description, kind: str, precision: str) -> Engine:
    """Loads the exported network in the folder of a saved colorizer, filled with its weights.

    Args:
        folder: the folder.
        description: its description, whose digests were checked.
        kind: a format in `description.networks`.
        precision: arithmetic that the runtime supports.

    Raises:
        InputError: the skeleton is damaged.
    """
    path = skeletons.path_in(folder, kind)
    weights = skeletons.sources(saving.weights_files(folder, description.weights))
    parts = {Path(name).suffix: one.filled(weights) for name, one in skeletons.read(path).items()}
    return Engine(RUNTIMES[kind].start(parts, precision), kind, precision, {path.name: description.networks[kind]})


def _onnx(model: Model, precision: str) -> Callable:
    source = str(model) if isinstance(model, Path) else model[".onnx"].getvalue()
    session = import_module("onnxruntime").InferenceSession(source, providers=["CPUExecutionProvider"])
    name = session.get_inputs()[0].name
    names = [one.name for one in session.get_outputs()]
    wanted = OUTPUT if OUTPUT in names else names[0]
    return lambda inputs: session.run([wanted], {name: inputs})[0]


def _openvino(model: Model, precision: str) -> Callable:
    openvino = _import_openvino()
    core, hint = openvino.Core(), "bf16" if precision == "bfloat16" else "f32"
    if isinstance(model, Path):
        network = core.read_model(model)
    else:
        weights = openvino.Tensor(np.frombuffer(model[".bin"].getbuffer(), np.uint8), shared_memory=True)
        network = core.read_model(model[".xml"].getvalue(), weights)
    compiled = core.compile_model(network, "CPU", {"INFERENCE_PRECISION_HINT": hint})

    def run(inputs: np.ndarray, kept: tuple = (network, model)) -> np.ndarray:  # the network refers to the weights
        return np.array(compiled(inputs)[0])  # a copy: the next call writes to the same memory

    return run


def _import_openvino() -> ModuleType:
    """Imports OpenVINO, and its converter of models, which takes longer than the rest, only once it is called."""
    converter = "openvino.tools.ovc"
    if "openvino" not in sys.modules:
        sys.modules[converter] = None  # OpenVINO goes on without it
        try:
            openvino = import_module("openvino")
        finally:
            del sys.modules[converter]
        openvino.convert_model = lambda *given, **options: import_module(converter).convert_model(*given, **options)
    return sys.modules["openvino"]


def _litert(model: Model, precision: str) -> Callable:
    source = {"model_path": str(model)} if isinstance(model, Path) else {"model_content": model[".tflite"].getvalue()}
    with stderr_silenced():  # it says which of its parts it uses
        interpreter = import_module("ai_edge_litert.interpreter").Interpreter(**source, num_threads=_cores())
        interpreter.allocate_tensors()
    taken, given = (details()[0] for details in (interpreter.get_input_details, interpreter.get_output_details))

    def run_one(inputs: np.ndarray) -> np.ndarray:
        interpreter.set_tensor(taken["index"], inputs)
        interpreter.invoke()
        return interpreter.get_tensor(given["index"])

    return lambda inputs: np.concatenate([run_one(inputs[index : index + 1]) for index in range(len(inputs))])


RUNTIMES = {
    "openvino": Runtime(
        "OpenVINO", ".xml", "openvino", "openvino", ("openvino",), _openvino, precisions=("float32", "bfloat16")
    ),
    "onnx": Runtime("ONNX Runtime", ".onnx", "onnxruntime", "onnxruntime", ("tf2onnx", "onnx"), _onnx),
    "litert": Runtime("LiteRT", ".tflite", "ai-edge-litert", "ai_edge_litert", ("tensorflow",), _litert),
}
"""Runtimes by name of the format, fastest first."""


def _cores() -> int:
    return os.cpu_count() or 1
