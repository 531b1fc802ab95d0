"""Everything that determines the pictures of a model, known without loading its network."""

import os
from pathlib import Path

from fusioncolor import files, images
from fusioncolor.config.colorizing import ColorizeOptions
from fusioncolor.models import engines, presets, runtimes, saving
from fusioncolor.models.description import Description
from fusioncolor.registries import BASELINES
from fusioncolor.runtime.arithmetic import resolve


def identity_of(name: str, options: ColorizeOptions, engine: Path | None = None) -> dict[str, object]:
    """Returns what determines the pictures of a model with options, ready for JSON.

    Args:
        name: a preset, a folder of a saved colorizer, or a baseline.
        options: options of prediction.
        engine: file of an exported network that runs in place of the model's own; None for that.

    Raises:
        InputError: the weights or the exported network are missing or damaged.
    """
    return {
        "predictor": _baseline(name, options) if name in BASELINES else _colorizer(name, options),
        "refine": list(options.refine),
        "runtime": None if name in BASELINES else _runtime(name, options, engine),
        "batch_size": options.batch_size,
        "engine": dict(engines.read_description(engine)["sha256"]) if engine else None,
    }


def _baseline(name: str, options: ColorizeOptions) -> dict[str, object]:
    references = [found.path for found in images.find(options.reference)] if BASELINES[name].needs_reference else []
    stamped = [f"{os.fspath(path)} {files.stamp(path)}" for path in references]
    return {"model": name, "vividness": options.vividness, "references": stamped}


def _colorizer(name: str, options: ColorizeOptions) -> dict[str, object]:
    description = saving.read_description(saving.find_folder(name))
    return {
        "model": description.model,
        "size": list(description.size),
        "weights": description.weights and description.weights.as_json(),
        "head": {key: value for key, value in description.head.items() if key != "prior"},
        "vividness": options.vividness * presets.vividness_of(name),
        "decode": options.decode,
        "temperature": options.temperature,
        "seed": options.seed if _draws(options, description) else None,
    }


def _runtime(name: str, options: ColorizeOptions, engine: Path | None) -> list[str]:
    """Returns what runs the network, and its arithmetic."""
    if engine:
        kind = engines.read_description(engine)["format"]
        return [kind, engines.RUNTIMES[kind].arithmetic(options.precision)]
    folder = saving.find_folder(name)
    runtime, precision = runtimes.choose(folder, saving.read_description(folder), options.runtime, options.precision)
    return [runtime, resolve(precision) if runtime == runtimes.KERAS else precision]


def _draws(options: ColorizeOptions, description: Description) -> bool:
    return (options.decode or description.head.get("decoder")) == "sample"
