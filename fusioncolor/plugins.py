"""Additions from outside the package, as decorators.

Registered names work everywhere the built-in ones do. A package that is installed beside fusioncolor can declare entry
points instead, in the groups "fusioncolor.models", "fusioncolor.heads", "fusioncolor.baselines",
"fusioncolor.refinements", "fusioncolor.metrics" and "fusioncolor.formats": its names also work on the command line.
"""

from collections.abc import Callable
from dataclasses import replace

from fusioncolor.compose import Refinement
from fusioncolor.evaluation.catalog import METRICS, Metric
from fusioncolor.evaluation.comparison import Comparison
from fusioncolor.images.formats import Format, SaveOptions
from fusioncolor.models.families import MODELS, Family
from fusioncolor.registries import BASELINES, FORMATS, HEADS, REFINEMENTS


def register_model(name: str, family: Family) -> Callable[[Callable], Callable]:
    """Registers the function it decorates as the builder of a model.

    The function takes `(channels, activation, **options)` and returns a Keras model from the preprocessed lightness
    `(B, h, w, C)` to `(B, h', w', channels)`.

    Args:
        name: for `create` and for training.
        family: sizes, heads and options; its `build` is replaced.

    Raises:
        InputError: the name is taken.
    """

    def register(build: Callable) -> Callable:
        MODELS.register(name, replace(family, build=build))
        return build

    return register


def register_head(name: str) -> Callable[[type], type]:
    """Registers the class it decorates as a head; see `fusioncolor.models.heads.Head`."""
    return HEADS.decorator(name)


def register_baseline(name: str) -> Callable[[type], type]:
    """Registers the class it decorates as a baseline; see `fusioncolor.models.baselines.Baseline`."""
    return BASELINES.decorator(name)


def register_refinement(name: str) -> Callable[[Refinement], Refinement]:
    """Registers the function it decorates as a refinement.

    It takes lightness `(H, W, 1)` in 0..100, ab `(H, W, 2)` in Lab units and the confidence `(H, W, 1)`, or None, and
    returns ab of the same shape.
    """
    return REFINEMENTS.decorator(name)


def register_metric(name: str, metric: Metric) -> Callable[[Callable], Callable]:
    """Registers the function it decorates as a metric of single photographs.

    The function takes a `fusioncolor.evaluation.comparison.Comparison` and returns a float, nan where a photograph has
    no such figure.

    Args:
        name: in tables and files.
        metric: title, unit, direction, definition; its `column` and `measure` are replaced.

    Raises:
        InputError: the name is taken.
    """

    def register(measure: Callable[[Comparison], float]) -> Callable[[Comparison], float]:
        METRICS.register(name, replace(metric, column=name, measure=measure))
        return measure

    return register


def register_format(name: str, format: Format) -> Callable[[SaveOptions], SaveOptions]:
    """Registers the function it decorates as the save options of an image format that Pillow encodes.

    The function takes a photograph's metadata, the (height, width) of the picture and the quality, 1 to 100, and
    returns the keyword arguments of Pillow's `Image.save`.

    Args:
        name: for the option `format`.
        format: Pillow's name, suffixes and abilities; its `save_options` are replaced.

    Raises:
        InputError: the name is taken.
    """

    def register(save_options: SaveOptions) -> SaveOptions:
        FORMATS.register(name, replace(format, save_options=save_options))
        return save_options

    return register
