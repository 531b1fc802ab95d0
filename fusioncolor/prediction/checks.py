"""Mistakes in the options of a folder run, found before the network is imported."""

import os
from collections.abc import Sequence
from pathlib import Path

from fusioncolor import files, hints, images
from fusioncolor.config import PredictConfig
from fusioncolor.errors import InputError
from fusioncolor.images.signing import Signer
from fusioncolor.models import engines, presets, runtimes, saving
from fusioncolor.prediction.plan import GRIDS, Task
from fusioncolor.registries import BASELINES
from fusioncolor.runtime import cluster
from fusioncolor.runtime.reporting import SILENT, Reporter


def check(config: PredictConfig, reporter: Reporter = SILENT) -> None:
    """Checks everything but the photographs.

    Args:
        config: the options.
        reporter: tells of weights that are fetched.

    Raises:
        InputError: results cannot be written or signed, a package is missing, or an option does not fit the weights.
    """
    if config.cluster:
        cluster.check_installed()
    if isinstance(config.output, Path):
        files.check_writable(config.output)
    if config.grid and (config.output / GRIDS).exists() and not (config.output / GRIDS).is_dir():
        raise InputError(f"{config.output / GRIDS} is a file where `grid` needs a folder: give another `output`")
    if config.sign_cert:
        Signer(config.sign_cert, config.sign_key).try_out()
    for name in config.weights:
        _check_model(name, config, reporter)
    if config.engine:
        weights = saving.read_description(saving.find_folder(config.weights[0])).weights
        engines.check(config.engine, weights.sha256 if weights else "", config.precision)


def _check_model(name: str, config: PredictConfig, reporter: Reporter) -> None:
    """Rejects a model that is not there; photographs given after --weights are a likely reason."""
    if name in BASELINES:
        if BASELINES[name].needs_reference and not config.reference:
            raise InputError(f"{name} takes its colors from other photographs: name some in color with `reference`")
        return
    if Path(name).is_file() and presets.find(name) is None:
        raise InputError(f"{name} is a file, not a weights folder; name photographs before `weights`")
    if Path(name).is_dir() and not saving.is_colorizer(name):
        try:
            saving.find_folder(name)
        except InputError as error:
            raise InputError(f"{error}; name photographs before `weights`") from error
    folder = saving.find_folder(name, reporter)
    description = saving.read_description(folder)
    if not config.engine:
        runtimes.choose(folder, description, config.runtime, config.precision)
    head = description.head.get("name")
    if head == "regression" and (config.decode or config.temperature is not None):
        raise InputError(f"`decode` and `temperature` need a classification model, and {name} predicts ab directly")
    if head == "regression" and "peaks" in config.refine:
        raise InputError(f"`refine` peaks needs a classification model, which {name} is not")


def check_hints(config: PredictConfig, planned: Sequence[Task]) -> None:
    """Checks that every hint lies in its photograph, and that hints for one photograph are not given for many.

    Raises:
        InputError: a hint cannot be read, or lies outside, or the photographs differ and `hint_all` is off.
    """
    given = hints.parse_all(config.hint)
    alone = given and not config.hint_all
    differing = len({os.path.realpath(task.source) for task in planned}) if alone else 0
    if differing > 1:
        raise InputError(
            f"`hint` is for one photograph, and there are {differing}: put the hints of each beside it, as "
            f"{planned[0].source.stem}.hint.json, or add `hint_all` if they fit all of them"
        )
    for task in planned:
        if not given and not task.hints:
            continue
        size = images.read_size(task.source)
        if size is None:  # reported when it is read
            continue
        hints.check([*given, *hints.parse_all(task.hints)], size, str(task.source))
        for path in (Path(text) for text in (*config.hint, *task.hints)):
            if path.suffix.lower() in images.readable_suffixes() and (drawn := images.read_size(path)) != size:
                (high, wide), (height, width) = drawn or (0, 0), size
                raise InputError(
                    f"{path}: {wide}x{high} pixels, where {task.source} has {width}x{height}; draw the scribbles on a "
                    "copy of the photograph"
                )
