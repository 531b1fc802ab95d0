"""Colorizers by name: `create` builds one with random weights, `load` reads a saved one."""

import os
from pathlib import Path

import keras

from fusioncolor.errors import InputError
from fusioncolor.models import presets, saving
from fusioncolor.models.colorizer import Colorizer
from fusioncolor.models.description import Description, Weights
from fusioncolor.models.families import MODELS, find_head
from fusioncolor.models.heads import make_head
from fusioncolor.models.networks import inception

_LARGEST = 4096  # most pixels per side of a network's input


def create(
    name: str,
    *,
    head: str | dict | None = None,
    size: tuple[int, int] | None = None,
    seed: int | None = None,
    **options: bool | int | float,
) -> Colorizer:
    """Builds a colorizer with random weights.

    Args:
        name: a name in `MODELS`, such as "fusion".
        head: "regression" or "classification", or a head's `config()`; None for the model's default head.
        size: (height, width) at which the network sees photographs; None for the published one.
        seed: seed of the random weights; None leaves Keras's random state alone.
        **options: options of the model's builder, such as `inception=False` for "fusion".

    Raises:
        InputError: the model, head or option is unknown.
    """
    family = MODELS.find(name)
    chosen = find_head(name, head) if head is None or isinstance(head, str) else head
    chosen = make_head({**find_head(name, chosen.get("name")), **chosen})
    if seed is not None:
        keras.utils.set_random_seed(seed)
    try:
        network = family.builder()(chosen.channels, chosen.activation, **options, **family.by_head.get(chosen.name, {}))
    except TypeError as error:
        raise InputError(f"model {name!r} cannot be built with options {options}: {error}") from error
    # On CPU, oneDNN's convolutions are faster than XLA's: 94 against 80 pictures per second at 128x128.
    network.jit_compile = keras.backend.backend() == "jax"
    description = Description(name, options, chosen.config(), tuple(size or family.size))
    return Colorizer(network, chosen, description, preprocess=family.preprocessing())


def load(folder: str | os.PathLike) -> Colorizer:
    """Loads a saved colorizer.

    Args:
        folder: folder with `colorizer.json`, or name of a preset, whose weights are downloaded if need be.

    Raises:
        InputError: the folder is missing, incomplete or damaged, or does not match the model it names.
    """
    vividness = presets.vividness_of(folder)
    folder = saving.find_folder(folder)
    description = saving.read_description(folder)
    try:
        colorizer = build(description)
    except Exception as error:  # builders raise almost anything on options of the wrong type
        reason = " ".join(str(error).split())[:200]
        raise InputError(f"{folder / saving.CONFIG_FILE}: does not describe a valid colorizer ({reason})") from error
    _load_weights(colorizer.network, folder, description.weights)
    return colorizer if vividness == 1 else colorizer.with_options(vividness=vividness)


def _load_weights(network: keras.Model, folder: Path, weights: Weights) -> None:
    if weights.extractor is None:
        saving.load_weights(network, folder / saving.WEIGHTS_FILE)
        return
    shared = saving.find_extractor(folder.absolute().parent, weights.extractor)
    saving.load_weights(network.get_layer(inception.NAME).get_layer("inception_v3"), shared)
    saving.load_weights(inception.without_extractor(network), folder / saving.WEIGHTS_FILE)


def build(description: Description) -> Colorizer:
    """Builds the colorizer of a description, with random weights.

    Raises:
        InputError: the model, head or an option is unknown, or the size is not valid. Values of the wrong type may
            raise other exceptions.
    """
    size = _checked_size(description.size)
    if not all(isinstance(value, bool | int | float) for value in description.options.values()):
        raise InputError("options must be numbers, true or false")
    colorizer = create(description.model, head=dict(description.head), size=size, **description.options)
    colorizer.origin = description
    return colorizer


def _checked_size(size: tuple) -> tuple[int, int]:
    """Returns (height, width) from a file if a network can have that size."""
    height, width = size
    if not all(type(side) is int and 8 <= side <= _LARGEST and side % 8 == 0 for side in (height, width)):
        raise InputError(f"a size must be two multiples of 8 up to {_LARGEST}. Received: {size}")
    return height, width
