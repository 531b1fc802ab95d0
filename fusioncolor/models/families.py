"""The published systems by name, readable without Keras."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from importlib import import_module
from typing import TYPE_CHECKING

import numpy as np

from fusioncolor.errors import InputError
from fusioncolor.registries import HEADS, Registry

if TYPE_CHECKING:
    import keras

Preprocessing = Callable[[np.ndarray], np.ndarray]
"""Lightness `(h, w, 1)` in 0..100 -> the network's input `(h, w, C)`."""


def same(lightness: np.ndarray) -> np.ndarray:
    """Returns lightness unchanged: the preprocessing of networks that take lightness itself."""
    return lightness


@dataclass(frozen=True, kw_only=True)
class Family:
    """A published system: its network, heads and options.

    Attributes:
        build: function `(channels, activation, **options)` that returns a Keras model from `(B, h, w, C)` to
            `(B, h', w', channels)`, or "module:function" to import it from.
        size: (height, width) at which the network sees photographs.
        heads: configurations of the heads it supports, as `make_head` takes them; the default first. Heads that no
            family lists can be combined with any model.
        summary: description in one line.
        reference: the publication.
        options: names of the options of `build` that a user may choose.
        by_head: additional options of `build`, by name of the head.
        preprocess: function from lightness `(h, w, 1)` to the network's input `(h, w, C)`, or "module:function".
        sees_photographs: whether it learns from whole photographs, which can be augmented, and not from single
            pixels.
        extractor: whether its network contains InceptionV3, unless its option `inception` is off.
        encoder: whether it has an encoder to freeze: all layers but those whose names start with "fusion", "decoder" or
            "output".
        initial_weights: options of training that name a file of weights to start from.
    """

    build: "Callable[..., keras.Model] | str" = ""
    size: tuple[int, int]
    heads: tuple[dict, ...]
    summary: str
    reference: str = ""
    options: tuple[str, ...] = ()
    by_head: Mapping[str, Mapping[str, object]] = field(default_factory=dict)
    preprocess: Preprocessing | str = same
    sees_photographs: bool = True
    extractor: bool = False
    encoder: bool = False
    initial_weights: tuple[str, ...] = ()

    def builder(self) -> "Callable[..., keras.Model]":
        """Imports and returns `build`."""
        return _imported(self.build)

    def preprocessing(self) -> Preprocessing:
        """Imports and returns `preprocess`."""
        return _imported(self.preprocess)

    def head_names(self) -> tuple[str, ...]:
        """Returns the names of the heads it supports, the default first."""
        return tuple(head["name"] for head in self.heads)


_REGRESSION = {"name": "regression"}
_EUCLIDEAN = {"name": "regression", "loss_name": "euclidean"}
_CLASSIFICATION = {"name": "classification"}

MODELS: Registry[Family] = Registry(
    "model",
    "fusioncolor.models",
    {
        "fusion": Family(
            build="fusioncolor.models.networks.fusion:inception_fusion",
            size=(256, 256),
            heads=(_REGRESSION, _CLASSIFICATION),
            summary="encoder, InceptionV3 embedding, fusion, decoder with skips",
            reference="Baldassarre et al. 2017",
            options=("inception", "dense_features", "skips", "batch_normalization", "negative_slope", "dropout"),
            by_head={"classification": {"output_stride": 4}},
            extractor=True,
            encoder=True,
            initial_weights=("inception_weights",),
        ),
        "dense": Family(
            build="fusioncolor.models.networks.dense:dense",
            size=(256, 256),
            heads=({"name": "classification", "rebalancing": False, "decoder": "mean"}, _REGRESSION),
            summary="light encoder, InceptionV3 embedding and feature maps, coarse chroma",
            reference="this project",
            options=("dropout",),
            extractor=True,
            encoder=True,
            initial_weights=("inception_weights",),
        ),
        "plain": Family(
            build="fusioncolor.models.networks.plain:plain",
            size=(224, 224),
            heads=(_CLASSIFICATION, _EUCLIDEAN),
            summary="22 convolutions in 8 blocks",
            reference="Zhang et al. 2016",
            options=("dropout",),
        ),
        "residual": Family(
            build="fusioncolor.models.networks.residual:residual",
            size=(224, 224),
            heads=(_CLASSIFICATION, _EUCLIDEAN),
            summary="five residual stages with convolutional shortcuts",
            reference="He et al. 2016 (shortcuts)",
            options=("dropout",),
        ),
        "resnet": Family(
            build="fusioncolor.models.networks.resnet:resnet",
            size=(224, 224),
            heads=(_REGRESSION,),
            summary="half of a ResNet-18, decoder with upsampling",
            reference="He et al. 2016 (encoder)",
            encoder=True,
            initial_weights=("resnet_weights",),
        ),
        "sift": Family(
            build="fusioncolor.models.networks.pixel_mlp:pixel_mlp",
            size=(224, 224),
            heads=({"name": "regression", "activation": "sigmoid"},),
            summary="dense SIFT, two perceptrons per pixel",
            reference="Lowe 2004 (descriptors)",
            preprocess="fusioncolor.models.sift:dense_sift",
            sees_photographs=False,
        ),
    },
)


def find_head(model: str, head: str | None) -> dict:
    """Returns the configuration of a model's head by name, or of its default head.

    Raises:
        InputError: there is no such model, or it does not support that head.
    """
    heads = {one["name"]: one for one in MODELS.find(model).heads}
    listed = {name for family in MODELS.values() for name in family.head_names()}
    heads |= {name: {"name": name} for name in HEADS if name not in listed}  # heads that no family lists
    if head is None:
        return next(iter(heads.values()))
    if head not in heads:
        near = get_close_matches(head, heads, n=1)
        hint = f"did you mean {near[0]!r}?" if near else f"available: {', '.join(heads)}"
        raise InputError(f"model {model!r} cannot have head {head!r}; {hint}")
    return heads[head]


def _imported(function: Callable | str) -> Callable:
    if not isinstance(function, str):
        return function
    module, _, name = function.partition(":")
    return getattr(import_module(module), name)
