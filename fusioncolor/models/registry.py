"""The systems by name: `create` builds one, `load` reads a saved one."""

import os
from collections.abc import Callable
from dataclasses import dataclass
from difflib import get_close_matches

import keras
import numpy as np

from fusioncolor.errors import InputError
from fusioncolor.models import saving
from fusioncolor.models.colorizer import Colorizer, same
from fusioncolor.models.heads import ClassificationHead, Head, RegressionHead, make_head
from fusioncolor.models.networks import inception
from fusioncolor.models.networks.fusion import fusion
from fusioncolor.models.networks.pixel_mlp import pixel_mlp
from fusioncolor.models.networks.plain import plain
from fusioncolor.models.networks.residual import residual
from fusioncolor.models.networks.resnet import resnet
from fusioncolor.models.saving import load_weights
from fusioncolor.models.sift import dense_sift
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


def _fusion(head: Head, **options) -> keras.Model:
    extractor = inception.inception_v3() if options.pop("inception", True) else None
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
    config = {"format": saving.FORMAT, "fusioncolor": __version__, "model": name, "options": options}
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
    folder = saving.find_folder(folder)
    config = saving.read_config(folder)
    try:
        colorizer = build(config)
    except Exception as error:  # builders raise nearly every kind on options of other types
        reason = " ".join(str(error).split())[:200]
        raise InputError(f"{folder / saving.CONFIG_FILE}: names no colorizer that can be built ({reason})") from error
    load_weights(colorizer.network, folder / saving.WEIGHTS_FILE)
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


def _checked_size(size) -> tuple[int, int]:
    """(height, width) as it stands in a file, if it is one a network can have."""
    height, width = size
    if not all(type(side) is int and 8 <= side <= _LARGEST and side % 8 == 0 for side in (height, width)):
        raise InputError(f"a size is two multiples of 8 up to {_LARGEST}. Received: {size}")
    return height, width
