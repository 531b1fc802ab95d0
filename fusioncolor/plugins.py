"""Decorators that add models, heads, metrics and more from outside the package.

Registered names work wherever built-in names do. An installed package can declare entry points instead, in the groups
"fusioncolor.models", "fusioncolor.heads", "fusioncolor.losses", "fusioncolor.baselines", "fusioncolor.refinements",
"fusioncolor.metrics", "fusioncolor.formats" and "fusioncolor.presets". On the command line, `--import FILE` runs a file
that registers some.
"""

import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from traceback import walk_tb

from fusioncolor.compose import Refinement
from fusioncolor.errors import FusionColorError, InputError
from fusioncolor.evaluation.catalog import METRICS, Metric
from fusioncolor.evaluation.comparison import Comparison
from fusioncolor.images.formats import Format
from fusioncolor.models.families import MODELS, Family
from fusioncolor.models.objectives import LOSSES, Objective
from fusioncolor.models.presets import PRESETS, Preset
from fusioncolor.registries import BASELINES, FORMATS, HEADS, REFINEMENTS


def register_model(name: str, family: Family) -> Callable[[Callable], Callable]:
    """Registers the decorated function as the builder of a model.

    The function takes `(channels, activation, **options)` and returns a Keras model from preprocessed lightness
    `(B, h, w, C)` to `(B, h', w', channels)`.

    Args:
        name: name of the model, for `create` and for training.
        family: size, heads and options of the model; its `build` is replaced by the function.

    Raises:
        InputError: the name is already taken.
    """

    def register(build: Callable) -> Callable:
        MODELS.register(name, replace(family, build=build))
        return build

    return register


def register_head(name: str) -> Callable[[type], type]:
    """Registers the decorated class as a head; see `fusioncolor.models.heads.Head`."""
    return HEADS.decorator(name)


def register_loss(name: str, heads: Sequence[str] = ("regression",)) -> Callable[[Callable], Callable]:
    """Registers the decorated function, or class of `keras.losses.Loss`, as a loss to train with.

    The function takes `(target, output)`, the targets as the head encodes them, and returns the loss of each photograph
    or pixel. What is trained with it loads without it.

    Args:
        name: name of the loss, for the option `loss`.
        heads: names of the heads whose targets it takes.

    Raises:
        InputError: the name is already taken.
    """

    def register(loss: Callable) -> Callable:
        LOSSES.register(name, Objective(loss, tuple(heads)))
        return loss

    return register


def register_baseline(name: str) -> Callable[[type], type]:
    """Registers the decorated class as a baseline; see `fusioncolor.models.baselines.Baseline`."""
    return BASELINES.decorator(name)


def register_refinement(name: str) -> Callable[[Refinement], Refinement]:
    """Registers the decorated function as a refinement.

    The function takes lightness `(H, W, 1)` in 0..100, ab `(H, W, 2)` in Lab units, and confidence `(H, W, 1)` or
    None. It returns ab of the same shape.
    """
    return REFINEMENTS.decorator(name)


def register_metric(name: str, metric: Metric) -> Callable[[Callable], Callable]:
    """Registers the decorated function as a metric of single photographs.

    The function takes a `fusioncolor.evaluation.comparison.Comparison` and returns a float, or NaN for a photograph
    that has no such value.

    Args:
        name: name of the metric, in tables and files.
        metric: title, unit, direction and definition; its `column` and `measure` are replaced.

    Raises:
        InputError: the name is already taken.
    """

    def register(measure: Callable[[Comparison], float]) -> Callable[[Comparison], float]:
        METRICS.register(name, replace(metric, column=name, measure=measure))
        return measure

    return register


def register_format(name: str, format: Format) -> Format:
    """Registers an image format that Pillow encodes, and returns it; called as a function, not as a decorator.

    Args:
        name: name of the format, for the option `format`.
        format: Pillow's name, suffixes, abilities and save options.

    Raises:
        InputError: the name is already taken.
    """
    return FORMATS.register(name, format)


def register_preset(name: str, preset: Preset) -> Preset:
    """Registers weights under a name for the option `weights`, and returns them; called as a function.

    Args:
        name: name of the preset.
        preset: its weights, which are downloaded on first use, and how to use them.

    Raises:
        InputError: the name is already taken.
    """
    return PRESETS.register(name, preset)


def import_file(path: Path) -> None:
    """Runs a Python file that registers models, losses, metrics and more; a second time in a process, does nothing.

    Modules beside the file can be imported from it.

    Raises:
        InputError: there is no such file, or it fails.
    """
    if not path.is_file() or path.suffix != ".py":
        raise InputError(f"{path}: not a Python file")
    name = f"fusioncolor_import_{path.resolve().as_posix()}"
    if name in sys.modules:
        return
    spec = spec_from_file_location(name, path)
    module = module_from_spec(spec)
    sys.path.append(str(path.resolve().parent))
    sys.modules[name] = module  # before it runs, as dataclasses and pickle expect
    try:
        spec.loader.exec_module(module)
    except Exception as error:
        del sys.modules[name]
        if isinstance(error, FusionColorError):
            raise InputError(f"{path}: {error}") from error
        lines = [line for frame, line in walk_tb(error.__traceback__) if frame.f_code.co_filename == str(path)]
        where = f"{path}, line {lines[-1]}" if lines else f"{path}"
        raise InputError(f"{where}: {type(error).__name__}: {' '.join(str(error).split())}") from error
