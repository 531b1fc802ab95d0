"""The systems by name: `create` builds one, `load` reads a saved one."""

import os
import warnings
from difflib import get_close_matches
from pathlib import Path

import keras

from fusioncolor import storage
from fusioncolor.colorizer import Colorizer
from fusioncolor.errors import InputError
from fusioncolor.heads import RegressionHead, make_head
from fusioncolor.models import extractors
from fusioncolor.models.fusion import fusion
from fusioncolor.version import __version__


def _fusion(head: RegressionHead, inception: bool = True, **options) -> keras.Model:
    extractor = extractors.inception_v3() if inception else None
    return fusion(head.channels, head.activation, extractor=extractor, **options)


MODELS = {
    "fusion": _fusion,
}


def create(
    name: str, *, head: dict | None = None, size: tuple[int, int] = (256, 256), seed: int | None = None, **options
) -> Colorizer:
    """Builds a colorizer with random weights.

    Args:
        name: a key of `MODELS`.
        head: a head's `config()`; regression if None.
        size: (height, width) at which the network sees photographs.
        seed: of the random weights.
        **options: of the model, see its builder; for "fusion" also `inception=False` to leave the extractor out.

    Raises:
        InputError: unknown model, head, or option.
    """
    if name not in MODELS:
        near = get_close_matches(name, MODELS, n=1)
        hint = f"did you mean {near[0]!r}?" if near else f"there are: {', '.join(MODELS)}"
        raise InputError(f"no model {name!r}; {hint}")
    if seed is not None:
        keras.utils.set_random_seed(seed)
    head = make_head(head or {"name": "regression"})
    try:
        network = MODELS[name](head, **options)
    except TypeError as error:
        raise InputError(f"model {name!r} cannot be built with options {options}: {error}") from error
    config = {
        "format": storage.FORMAT,
        "fusioncolor": __version__,
        "model": name,
        "options": options,
        "head": head.config(),
    }
    return Colorizer(network, head, size, config)


def load(folder: str | os.PathLike) -> Colorizer:
    """Loads a saved colorizer; a relative path is looked for here, then in the project's own folder.

    Raises:
        InputError: the folder is missing, incomplete, damaged, or does not fit the model it names.
    """
    folder = storage.find_folder(folder)
    config = storage.read_config(folder)
    try:
        colorizer = create(config["model"], head=config["head"], size=config["size"], **config["options"])
    except (ValueError, KeyError, TypeError) as error:
        raise InputError(f"{folder / storage.CONFIG_FILE}: names no colorizer that can be built ({error})") from error
    _load_weights(colorizer.network, folder / storage.WEIGHTS_FILE)
    colorizer.config = config
    return colorizer


def load_extractor_weights(extractor: keras.Model, source: str | os.PathLike) -> None:
    """Fills an extractor from `imagenet` (Keras's download), a `.weights.h5` file, or a saved colorizer's folder.

    Raises:
        InputError: no such source, no network for the download, or weights that do not fit.
    """
    if str(source) == "imagenet":
        _load_imagenet(extractor)
        return
    if Path(source).is_file():
        _load_weights(extractor.get_layer("inception_v3"), Path(source))
        return
    saved = load(source)
    if extractors.NAME not in [layer.name for layer in saved.network.layers]:
        raise InputError(f"{source}: this colorizer has no extractor; give another --inception-weights")
    extractor.set_weights(saved.network.get_layer(extractors.NAME).get_weights())


def without_extractor(network: keras.Model) -> keras.Model:
    """The same layers, weights shared, as a model from (lightness, embedding) instead of lightness alone."""
    return keras.Model([network.input, network.get_layer(extractors.EMBEDDING).output], network.output)


def _load_weights(network: keras.Model, path: Path) -> None:
    """Loads a `.weights.h5` file completely: where Keras would warn and leave layers at random, this refuses."""
    try:
        with warnings.catch_warnings(action="error", category=UserWarning):
            network.load_weights(path)
    except (ValueError, OSError, KeyError, Warning) as error:
        reason = " ".join(str(error).split())[:200]
        raise InputError(f"{path}: these weights do not fit the model ({reason})") from error


def _load_imagenet(extractor: keras.Model) -> None:
    try:
        published = keras.applications.InceptionV3(weights="imagenet", classifier_activation=None)
    except Exception as error:  # Keras raises a bare Exception when the download fails
        raise InputError(
            "cannot download the ImageNet weights of InceptionV3: give a file or a weights folder with "
            "--inception-weights PATH, or start from random ones with --inception-weights none"
        ) from error
    extractor.get_layer("inception_v3").set_weights(published.get_weights())
