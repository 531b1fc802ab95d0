"""Everything that determines the pictures of a model, known without loading its network."""

import os
from pathlib import Path

from fusioncolor import files, images
from fusioncolor.config.colorizing import ColorizeOptions
from fusioncolor.models import engines, presets, saving
from fusioncolor.models.description import Description
from fusioncolor.registries import BASELINES


def identity_of(name: str, options: ColorizeOptions, engine: Path | None = None) -> dict[str, object]:
    """Returns what determines the pictures of a model with options, ready for JSON.

    Args:
        name: a preset, a folder of a saved colorizer, or a baseline.
        options: options of prediction.
        engine: file of an exported network that runs in place of the Keras network; None for Keras.

    Raises:
        InputError: the weights or the exported network are missing or damaged.
    """
    return {
        "predictor": _baseline(name, options) if name in BASELINES else _colorizer(name, options),
        "refine": list(options.refine),
        "precision": engines.arithmetic(options.precision, engine),
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


def _draws(options: ColorizeOptions, description: Description) -> bool:
    return (options.decode or description.head.get("decoder")) == "sample"
