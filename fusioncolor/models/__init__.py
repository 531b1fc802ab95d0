"""The systems by name: `create` builds one, `load` reads a saved one."""

import os
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path

import keras
import numpy as np

from fusioncolor import storage
from fusioncolor.colorizer import Colorizer, same
from fusioncolor.errors import InputError
from fusioncolor.features import dense_sift
from fusioncolor.heads import ClassificationHead, Head, RegressionHead, make_head
from fusioncolor.models import extractors
from fusioncolor.models.fusion import fusion
from fusioncolor.models.pixel_mlp import pixel_mlp
from fusioncolor.models.plain import plain
from fusioncolor.models.residual import residual
from fusioncolor.models.resnet import resnet
from fusioncolor.version import __version__


@dataclass(frozen=True)
class Family:
    """A published system: how to build its network, and what belongs to it.

    Attributes:
        build: (head, **options) -> Keras model.
        size: (height, width) at which the network sees photographs.
        heads: the heads it can have, the default one first.
        preprocess: lightness `(h, w, 1)` -> the network's input `(h, w, C)`.
        summary: one line.
        reference: the publication.
    """

    build: Callable[..., keras.Model]
    size: tuple[int, int]
    heads: tuple[Head, ...]
    summary: str
    reference: str
    preprocess: Callable[[np.ndarray], np.ndarray] = same


def _fusion(head: Head, inception: bool = True, **options) -> keras.Model:
    extractor = extractors.inception_v3() if inception else None
    output_stride = 4 if head.name == "classification" else 1
    return fusion(head.channels, head.activation, extractor=extractor, output_stride=output_stride, **options)


MODELS = {
    "fusion": Family(
        _fusion,
        size=(256, 256),
        heads=(RegressionHead(), ClassificationHead()),
        summary="encoder, InceptionV3 embedding, fusion, decoder with skips",
        reference="Baldassarre et al. 2017",
    ),
    "plain": Family(
        lambda head, **options: plain(head.channels, head.activation, **options),
        size=(224, 224),
        heads=(ClassificationHead(), RegressionHead(loss_name="euclidean")),
        summary="22 convolutions in 8 blocks",
        reference="Zhang et al. 2016",
    ),
    "residual": Family(
        lambda head, **options: residual(head.channels, head.activation, **options),
        size=(224, 224),
        heads=(ClassificationHead(), RegressionHead(loss_name="euclidean")),
        summary="five residual stages with convolutional shortcuts",
        reference="He et al. 2016 (shortcuts)",
    ),
    "resnet": Family(
        lambda head, **options: resnet(head.channels, head.activation, **options),
        size=(224, 224),
        heads=(RegressionHead(),),
        summary="half of a ResNet-18, decoder with upsampling",
        reference="He et al. 2016 (encoder)",
    ),
    "sift": Family(
        lambda head, **options: pixel_mlp(head.channels, head.activation, **options),
        size=(224, 224),
        heads=(RegressionHead(activation="sigmoid"),),
        summary="dense SIFT, two perceptrons per pixel",
        reference="Lowe 2004 (descriptors)",
        preprocess=dense_sift,
    ),
}


_LARGEST = 4096  # side of what a network sees


def create(
    name: str,
    *,
    head: str | dict | None = None,
    size: tuple[int, int] | None = None,
    seed: int | None = None,
    **options,
) -> Colorizer:
    """Builds a colorizer with random weights.

    Args:
        name: a key of `MODELS`.
        head: "regression" or "classification", or a head's `config()`; None for the model's first one.
        size: (height, width) at which the network sees photographs; None for the published one.
        seed: of the random weights.
        **options: of the model, see its builder; for "fusion" also `inception=False` to leave the extractor out.

    Raises:
        InputError: unknown model, head, or option.
    """
    family = find_family(name)
    head = find_head(name, head) if head is None or isinstance(head, str) else make_head(head)
    find_head(name, head.name)
    if seed is not None:
        keras.utils.set_random_seed(seed)
    try:
        network = family.build(head, **options)
    except TypeError as error:
        raise InputError(f"model {name!r} cannot be built with options {options}: {error}") from error
    config = {"format": storage.FORMAT, "fusioncolor": __version__, "model": name, "options": options}
    return Colorizer(network, head, size or family.size, config, preprocess=family.preprocess)


def find_family(name: str) -> Family:
    """The entry of `MODELS`.

    Raises:
        InputError: there is none of that name.
    """
    if name not in MODELS:
        near = get_close_matches(name, MODELS, n=1)
        hint = f"did you mean {near[0]!r}?" if near else f"there are: {', '.join(MODELS)}"
        raise InputError(f"no model {name!r}; {hint}")
    return MODELS[name]


def find_head(name: str, head: str | None) -> Head:
    """The head of a model by name, or its first one.

    Raises:
        InputError: the model cannot have that head.
    """
    heads = {candidate.name: candidate for candidate in find_family(name).heads}
    if head is None:
        return next(iter(heads.values()))
    if head not in heads:
        near = get_close_matches(head, heads, n=1)
        hint = f"did you mean {near[0]!r}?" if near else f"it can have: {', '.join(heads)}"
        raise InputError(f"model {name!r} cannot have head {head!r}; {hint}")
    return heads[head]


def load(folder: str | os.PathLike) -> Colorizer:
    """Loads a saved colorizer; a relative path is looked for here, then in the project's own folder.

    Raises:
        InputError: the folder is missing, incomplete, damaged, or does not fit the model it names.
    """
    folder = storage.find_folder(folder)
    config = storage.read_config(folder)
    try:
        colorizer = build(config)
    except Exception as error:  # builders raise nearly every kind on options of other types
        reason = " ".join(str(error).split())[:200]
        raise InputError(f"{folder / storage.CONFIG_FILE}: names no colorizer that can be built ({reason})") from error
    _load_weights(colorizer.network, folder / storage.WEIGHTS_FILE)
    return colorizer


def build(config: dict) -> Colorizer:
    """Builds what `Colorizer.description` describes, with random weights.

    Raises:
        InputError: unknown model, head, size or option; other exceptions if the types are wrong.
    """
    size = _checked_size(config["size"])
    head = {**find_head(config["model"], config["head"].get("name")).config(), **config["head"]}
    if not all(isinstance(value, bool | int | float) for value in config["options"].values()):
        raise InputError("options are numbers, true or false")
    colorizer = create(config["model"], head=head, size=size, **config["options"])
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


def with_head(source: Colorizer, head: str, *, seed: int | None = None) -> tuple[Colorizer, list[str]]:
    """Gives a colorizer another head, and with it whatever else of the network depends on the head.

    Args:
        source: is left as it is.
        head: "regression" or "classification".
        seed: of the random weights.

    Returns:
        The new colorizer, with the weights of every layer that both have in the same shape, and the names of its other
        layers, whose weights are random.

    Raises:
        InputError: the model cannot have that head.
    """
    config = source.config
    colorizer = create(config["model"], head=head, size=source.size, seed=seed, **config["options"])
    saved = {layer.name: layer.get_weights() for layer in source.network.layers}
    begun_anew = []
    for layer in colorizer.network.layers:
        weights = saved.get(layer.name, [])
        if [values.shape for values in weights] == [values.shape for values in layer.get_weights()]:
            layer.set_weights(weights)
        else:
            begun_anew.append(layer.name)
    return colorizer, begun_anew


def without_extractor(network: keras.Model) -> keras.Model:
    """The same layers, weights shared, as a model from (lightness, embedding) instead of lightness alone."""
    return keras.Model([network.input, network.get_layer(extractors.EMBEDDING).output], network.output)


def freeze_encoder(network: keras.Model) -> None:
    """Freezes every layer before fusion and decoder; batch normalization then keeps its averages too."""
    for layer in network.layers:
        if not layer.name.startswith(("fusion", "decoder", "output")):
            layer.trainable = False


def _checked_size(size) -> tuple[int, int]:
    """(height, width) as it stands in a file, if it is one a network can have."""
    height, width = size
    if not all(type(side) is int and 8 <= side <= _LARGEST and side % 8 == 0 for side in (height, width)):
        raise InputError(f"a size is two multiples of 8 up to {_LARGEST}. Received: {size}")
    return height, width


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
