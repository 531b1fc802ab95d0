"""Published weights in our networks: the public plain CNN, the first half of ResNet-18, and InceptionV3."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import keras
import numpy as np

from fusioncolor.errors import InputError
from fusioncolor.models import factory, foreign_files
from fusioncolor.models.colorizer import Colorizer
from fusioncolor.models.factory import load
from fusioncolor.models.foreign_files import PublicModel
from fusioncolor.models.networks import inception
from fusioncolor.models.saving import load_weights

TEMPERATURE = 1 / 2.606  # annealed mean of the public model
_BLOCKS = {1: 2, 2: 2, 3: 3, 4: 3, 5: 3, 6: 3, 7: 3}  # convolutions in each, then a normalization
_PLAIN_ORDER = [  # layers of the plain CNN, first to last
    *(
        name
        for block, count in _BLOCKS.items()
        for name in [*(f"conv{block}_{index + 1}" for index in range(count)), f"conv{block}_normalization"]
    ),
    *("conv8_1", "conv8_2", "conv8_3", "output"),
]


def import_zhang(path: str | os.PathLike) -> Colorizer:
    """Reads the public model of Zhang et al. into a plain colorizer that decodes by annealed mean, 1 / T = 2.606.

    Args:
        path: `colorization_release_v2.caffemodel`, its ONNX conversion, or the PyTorch state dict of `eccv16` (.pth).

    Raises:
        InputError: the file is none of these, or a layer is missing or has the wrong shape.
    """
    path = Path(path)
    model = foreign_files.read_public(path, most_layers=len(_PLAIN_ORDER))
    head = {"name": "classification", "rebalancing": False, "temperature": TEMPERATURE}
    colorizer = factory.create("plain", head=head, seed=0)
    _fill(colorizer.network, model, path)
    return colorizer


def load_resnet18(network: keras.Model, path: str | os.PathLike) -> None:
    """Fills the encoder of a `resnet` network from torchvision's ResNet-18 state dict.

    The kernel of conv1 is summed over red, green and blue.

    Raises:
        InputError: the file holds no such state dict, or a layer is missing or has the wrong shape.
    """
    path = Path(path)
    state = foreign_files.torch_state(path)
    for ours, theirs, norm in _resnet_layers():
        kernel = foreign_files.entry(state, f"{theirs}.weight", path).transpose(2, 3, 1, 0)
        if ours == "conv1":
            kernel = kernel.sum(axis=2, keepdims=True)
        _assign(network.get_layer(ours), (kernel,), path, theirs)
        parts = ("weight", "bias", "running_mean", "running_var")
        arrays = tuple(foreign_files.entry(state, f"{norm}.{part}", path) for part in parts)
        _assign(network.get_layer(f"{ours}_normalization"), arrays, path, norm)


def _fill(network: keras.Model, model: PublicModel, path: Path) -> None:
    for index, name in enumerate(_PLAIN_ORDER):
        if index >= len(model.layers):
            raise InputError(f"{path}: layer {name} is missing; the file does not hold the whole public model")
        arrays = model.layers[index].arrays
        if name == "conv1_1":  # our network scales L - 50 by 1/50 itself
            arrays = (arrays[0] * np.float32(50 * model.input_scale), *arrays[1:])
        _assign(network.get_layer(name), arrays, path, model.layers[index].name)


def _assign(layer: keras.Layer, arrays: tuple[np.ndarray, ...], path: Path, name: str) -> None:
    wanted = [tuple(weight.shape) for weight in layer.weights]
    found = [array.shape for array in arrays]
    if wanted != found:
        raise InputError(f"{path}: expected layer {layer.name} with shapes {wanted}, found {name} with {found}")
    layer.set_weights([np.asarray(array, np.float32) for array in arrays])


class _ResNetLayer(NamedTuple):
    """Names of a convolution: our layer, torchvision's, and torchvision's normalization after it."""

    ours: str
    theirs: str
    norm: str


def _resnet_layers() -> Iterator[_ResNetLayer]:
    """Yields the convolutions up to conv3_x."""
    yield _ResNetLayer("conv1", "conv1", "bn1")
    for stage in (1, 2):
        for block in (0, 1):
            theirs = f"layer{stage}.{block}"
            for part in (1, 2):
                ours = f"conv{stage + 1}_{block + 1}_conv{part}"
                yield _ResNetLayer(ours, f"{theirs}.conv{part}", f"{theirs}.bn{part}")
    yield _ResNetLayer("conv3_1_shortcut", "layer2.0.downsample.0", "layer2.0.downsample.1")


def load_extractor_weights(extractor: keras.Model, source: str | os.PathLike) -> None:
    """Fills an extractor from a file, a saved colorizer, or the ImageNet weights that Keras downloads.

    Args:
        extractor: as `networks.inception.inception_v3` builds it.
        source: a `.weights.h5` file, the folder of a saved colorizer, or "imagenet".

    Raises:
        InputError: the source does not exist or cannot be downloaded, or its weights do not fit.
    """
    if str(source) == "imagenet":
        _load_imagenet(extractor)
        return
    if Path(source).is_file():
        load_weights(extractor.get_layer("inception_v3"), Path(source))
        return
    saved = load(source)
    if inception.NAME not in [layer.name for layer in saved.network.layers]:
        raise InputError(f"{source}: this colorizer has no extractor; give other weights with `inception_weights`")
    extractor.set_weights(saved.network.get_layer(inception.NAME).get_weights())


def _load_imagenet(extractor: keras.Model) -> None:
    try:
        published = keras.applications.InceptionV3(weights="imagenet", classifier_activation=None)
    except Exception as error:  # Keras raises a bare Exception when the download fails
        raise InputError(
            "cannot download the ImageNet weights of InceptionV3: give a file or a weights folder as "
            "`inception_weights`, or start from random weights with `inception_weights` none"
        ) from error
    extractor.get_layer("inception_v3").set_weights(published.get_weights())
