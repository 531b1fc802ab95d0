"""Everything that determines the pictures of a folder run, apart from the photographs and the hints beside them.

It is known without the network, so that a run with nothing to do ends at once.
"""

import json
import os

from fusioncolor import files, hints, images
from fusioncolor.config import PredictConfig
from fusioncolor.models import engines, presets, saving
from fusioncolor.models.description import Description
from fusioncolor.registries import BASELINES
from fusioncolor.version import __version__


def settings_of(config: PredictConfig) -> dict[str, object]:
    """Returns the settings, ready for JSON.

    Raises:
        InputError: the weights or the exported network are missing or damaged.
    """
    return {
        "fusioncolor": __version__,
        "predictor": _predictor(config),
        "refine": list(config.refine),
        "hints": [str(hint) for hint in hints.parse_all(config.hint)],
        "precision": engines.arithmetic(config.precision, config.engine),
        "batch_size": config.batch_size,
        "engine": engines.read_description(config.engine)["sha256"] if config.engine else None,
        "format": config.format,
        "quality": config.quality,
    }


def digest(settings: dict[str, object]) -> str:
    """Returns a hash of settings, by which a manifest knows them."""
    return files.digest_of([json.dumps(settings, default=str).encode("utf-8", "surrogateescape")])


def _predictor(config: PredictConfig) -> dict[str, object]:
    """Describes the model that colorizes the files, and the options that change what it predicts."""
    name = config.weights[0]
    if name in BASELINES:
        references = [found.path for found in images.find(config.reference)] if BASELINES[name].needs_reference else []
        stamped = [f"{os.fspath(path)} {files.stamp(path)}" for path in references]
        return {"model": name, "vividness": config.vividness, "references": stamped}
    description = saving.read_description(saving.find_folder(name))
    return {
        "model": description.model,
        "size": list(description.size),
        "weights": description.weights and description.weights.as_json(),
        "head": {name: value for name, value in description.head.items() if name != "prior"},
        "vividness": config.vividness * presets.vividness_of(name),
        "decode": config.decode,
        "temperature": config.temperature,
        "seed": config.seed if _draws(config, description) else None,
    }


def _draws(config: PredictConfig, description: Description) -> bool:
    return (config.decode or description.head.get("decoder")) == "sample"
