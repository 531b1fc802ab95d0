"""The program that runs the network of a saved colorizer: the fastest runtime that is installed, or Keras.

Where the weights folder has the network in a runtime's own format, neither Keras nor its backend is imported. Results
of different runtimes differ by rounding.
"""

import os
from importlib import metadata
from pathlib import Path
from typing import NamedTuple

from fusioncolor.errors import InputError
from fusioncolor.models import engines, presets, saving
from fusioncolor.models.colorizer import Colorizer
from fusioncolor.models.description import Description
from fusioncolor.models.engines import RUNTIMES
from fusioncolor.models.families import MODELS
from fusioncolor.models.heads import make_head
from fusioncolor.runtime import backend

KERAS = "keras"


class Choice(NamedTuple):
    """What runs a network: "keras" or a name in `RUNTIMES`, and its arithmetic."""

    runtime: str
    precision: str

    def __str__(self) -> str:
        return f"{RUNTIMES[self.runtime].title if self.runtime in RUNTIMES else 'Keras'}, {self.precision}"

    def with_version(self) -> str:
        """Returns the program with its version and arithmetic, such as "Keras 3.12.0 on tensorflow, float32"."""
        if self.runtime in RUNTIMES:
            return f"{RUNTIMES[self.runtime].title} {RUNTIMES[self.runtime].version()}, {self.precision}"
        return f"Keras {metadata.version('keras')} on {backend.backend_name()}, {self.precision}"


def load(folder: str | os.PathLike, *, runtime: str = "auto", precision: str = "float32") -> Colorizer:
    """Loads a saved colorizer.

    Args:
        folder: folder with `colorizer.json`, or name of a preset, whose weights are downloaded if need be.
        runtime: what runs its network: "keras", whose network can also be trained, changed, and saved, "openvino",
            "onnx", "litert", or "auto" for the fastest of those that are installed.
        precision: arithmetic: "float32", "bfloat16" or, by what the processor supports, "auto".

    Raises:
        InputError: the folder is missing, incomplete or damaged, or does not match the model it names; or the runtime
            is not installed, or has no network in the folder.
    """
    vividness = presets.vividness_of(folder)
    folder = saving.find_folder(folder)
    description = saving.read_description(folder)
    colorizer = open_colorizer(folder, description, choose(folder, description, runtime, precision))
    return colorizer if vividness == 1 else colorizer.with_options(vividness=vividness)


def choose(folder: Path, description: Description, runtime: str, precision: str) -> Choice:
    """Chooses what runs the network of a saved colorizer; imports nothing.

    Args:
        folder: its folder.
        description: its description.
        runtime: "auto", "keras", or a name in `RUNTIMES`.
        precision: "auto", "float32" or "bfloat16".

    Raises:
        InputError: the runtime is not installed, does not compute in this precision, or has no network in the folder.
    """
    if runtime == "auto":
        runtime = _fastest(folder, description, precision)
    if runtime == KERAS:
        return Choice(KERAS, precision)
    chosen = RUNTIMES[runtime]
    if not chosen.is_installed():
        raise InputError(f"`runtime` {runtime} is not installed: pip install {chosen.package}")
    if runtime not in description.networks:
        raise InputError(
            f"{folder} has no network for `runtime` {runtime}: add it with fusioncolor export --beside --format "
            f"{runtime} --weights {folder}"
        )
    if precision not in ("auto", *chosen.precisions):
        raise InputError(f"`runtime` {runtime} computes in {chosen.precisions[0]}: leave out `precision`")
    return Choice(runtime, chosen.arithmetic(precision))


def _fastest(folder: Path, description: Description, precision: str) -> str:
    """Returns the first of the installed runtimes; a Keras backend that the user has chosen comes first."""
    if backend.is_chosen():
        return KERAS
    fitting = [name for name in description.networks if name in RUNTIMES]
    usable = [
        name
        for name, one in RUNTIMES.items()
        if name in fitting and precision in ("auto", *one.precisions) and one.is_installed()
    ]
    if usable or backend.is_installed():
        return usable[0] if usable else KERAS
    if fitting:
        raise InputError(f"nothing is installed that runs a network: pip install {RUNTIMES[fitting[0]].package}")
    raise InputError(
        f"{folder} has no exported network, and Keras, which needs none, is not installed: pip install tensorflow keras"
    )


def open_colorizer(folder: Path, description: Description, choice: Choice) -> Colorizer:
    """Loads a saved colorizer with what `choose` chose.

    Raises:
        InputError: the folder does not match the model it names.
    """
    if choice.runtime == KERAS:
        backend.import_quietly()
        from fusioncolor.models import factory
        from fusioncolor.runtime.precision import precision

        with precision(choice.precision):
            return factory.load(folder)
    return _with_engine(folder, description, engines.load_beside(folder, description, choice.runtime, choice.precision))


def open_exported(folder: Path, description: Description, path: Path, precision: str) -> Colorizer:
    """Loads a saved colorizer with a file that `export` wrote in place of its network.

    Raises:
        InputError: the file is damaged or was exported from other weights, or its runtime is not installed.
    """
    return _with_engine(folder, description, engines.load(path, description.weights.sha256, precision))


def _with_engine(folder: Path, description: Description, engine: engines.Engine) -> Colorizer:
    try:
        head = make_head(dict(description.head))
        return Colorizer(engine, head, description, preprocess=MODELS.find(description.model).preprocessing())
    except InputError as error:
        path = folder / saving.CONFIG_FILE
        raise InputError(f"{path}: does not describe a valid colorizer ({error})") from error


def of(colorizer: Colorizer) -> Choice:
    """Returns what runs the network of a loaded colorizer."""
    if isinstance(colorizer.network, engines.Engine):
        return Choice(colorizer.network.kind, colorizer.network.precision)
    return Choice(KERAS, colorizer.network.dtype_policy.compute_dtype)
