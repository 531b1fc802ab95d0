"""Weights that others trained: the public plain network (system Z) and the first half of ResNet-18.

Files are parsed as what they are, arrays by name: a Caffe or ONNX file through the few protocol-buffer fields that hold
them, a PyTorch file with `weights_only`. No code of a file is ever run, and OpenCV's Caffe reader is not needed.
"""

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import keras
import numpy as np

from fusioncolor import bins
from fusioncolor.errors import InputError
from fusioncolor.models import factory
from fusioncolor.models.colorizer import Colorizer
from fusioncolor.models.factory import load
from fusioncolor.models.networks import inception
from fusioncolor.models.saving import load_weights

TEMPERATURE = 1 / 2.606  # of the annealed mean in the public model
_BLOCKS = {1: 2, 2: 2, 3: 3, 4: 3, 5: 3, 6: 3, 7: 3}  # convolutions in each, then a normalization
_PLAIN_ORDER = [  # as the layers of system P follow each other
    *(
        name
        for block, count in _BLOCKS.items()
        for name in [*(f"conv{block}_{index + 1}" for index in range(count)), f"conv{block}_normalization"]
    ),
    *("conv8_1", "conv8_2", "conv8_3", "output"),
]


@dataclass(frozen=True)
class Layer:
    """A layer of a file: its name there, and its arrays as Keras wants them.

    For a convolution: kernel `(h, w, in, out)` (transposed: `(h, w, out, in)`) and bias; for batch normalization:
    gamma, beta, moving mean, moving variance.
    """

    name: str
    arrays: tuple[np.ndarray, ...]


@dataclass(frozen=True)
class PublicModel:
    """The layers of a file, in order, and the factor by which it scales L - 50."""

    layers: list[Layer]
    input_scale: float


def import_zhang(path: str | os.PathLike) -> Colorizer:
    """Reads the public model of Zhang et al. into a colorizer of system P with annealed mean, 1 / T = 2.606.

    Args:
        path: `colorization_release_v2.caffemodel`, its ONNX conversion, or the PyTorch `eccv16` state (.pth).

    Raises:
        InputError: the file is none of these, or a layer is missing or of another shape.
    """
    path = Path(path)
    if not path.is_file():
        raise InputError(f"no such file: {path}")
    suffix = path.suffix.lower()
    if suffix not in _READERS:
        raise InputError(f"{path}: expected one of {', '.join(_READERS)}, the forms in which the public model exists")
    try:
        model = _READERS[suffix](path)
    except (IndexError, ValueError, TypeError) as error:
        raise error if isinstance(error, InputError) else InputError(f"{path}: damaged ({error})") from error
    head = {"name": "classification", "rebalancing": False, "temperature": TEMPERATURE}
    colorizer = factory.create("plain", head=head, seed=0)
    _fill(colorizer.network, model, path)
    return colorizer


def load_resnet18(network: keras.Model, path: str | os.PathLike) -> None:
    """Fills the encoder of system N from torchvision's ResNet-18 state, conv1's kernel summed over red, green and blue.

    Raises:
        InputError: the file is no such state, or a layer is missing or of another shape.
    """
    state = _torch_state(Path(path))
    for ours, theirs, norm in _resnet_names():
        kernel = _entry(state, f"{theirs}.weight", path).transpose(2, 3, 1, 0)
        if ours == "conv1":
            kernel = kernel.sum(axis=2, keepdims=True)
        _assign(network.get_layer(ours), (kernel,), path, theirs)
        parts = ("weight", "bias", "running_mean", "running_var")
        arrays = tuple(_entry(state, f"{norm}.{part}", path) for part in parts)
        _assign(network.get_layer(f"{ours}_normalization"), arrays, path, norm)


def _fill(network: keras.Model, model: PublicModel, path: Path) -> None:
    for index, name in enumerate(_PLAIN_ORDER):
        if index >= len(model.layers):
            raise InputError(f"{path}: layer {name} is missing; this is not the whole public model")
        arrays = model.layers[index].arrays
        if name == "conv1_1":  # our network scales (L - 50) by 1/50 itself
            arrays = (arrays[0] * np.float32(50 * model.input_scale), *arrays[1:])
        _assign(network.get_layer(name), arrays, path, model.layers[index].name)


def _assign(layer: keras.Layer, arrays: tuple[np.ndarray, ...], path, name: str) -> None:
    wanted = [tuple(weight.shape) for weight in layer.weights]
    found = [array.shape for array in arrays]
    if wanted != found:
        raise InputError(f"{path}: expected layer {layer.name} with shapes {wanted}, found {name} with {found}")
    layer.set_weights([np.asarray(array, np.float32) for array in arrays])


# Reading files


def _read_caffe(path: Path) -> PublicModel:
    net = _parse(path, "NetParameter")
    layers = []
    for layer in net.layer:
        blobs = [_caffe_array(blob, path) for blob in layer.blobs]
        if layer.type in ("Convolution", "Deconvolution") and len(blobs) == 2 and len(layers) < len(_PLAIN_ORDER):
            layers.append(Layer(layer.name, (blobs[0].transpose(2, 3, 1, 0), blobs[1].ravel())))
        elif layer.type == "BatchNorm" and len(blobs) == 3:
            factor = float(blobs[2].ravel()[0]) or 1.0
            mean, variance = blobs[0].ravel() / factor, blobs[1].ravel() / factor
            layers.append(Layer(layer.name, (np.ones_like(mean), np.zeros_like(mean), mean, variance)))
    return PublicModel(layers, input_scale=1.0)


def _caffe_array(blob, path: Path) -> np.ndarray:
    shape = tuple(blob.shape.dim) or (blob.num, blob.channels, blob.height, blob.width)
    return _shaped(np.array(blob.data, np.float32), shape, path)


def _read_onnx(path: Path) -> PublicModel:
    graph = _parse(path, "ModelProto").graph
    arrays = {tensor.name: _onnx_array(tensor, path) for tensor in graph.initializer}
    layers, scale = [], 1.0
    for node in graph.node:
        given = [arrays[name] for name in node.input if name in arrays]
        if node.op_type == "Constant":
            arrays[node.output[0]] = _onnx_array(node.attribute[0].t, path)
        elif node.op_type in ("Div", "Mul") and not layers and given and given[0].size == 1:
            scale *= float(given[0].ravel()[0]) ** (-1 if node.op_type == "Div" else 1)
        elif node.op_type in ("Conv", "ConvTranspose") and len(given) == 2 and len(layers) < len(_PLAIN_ORDER):
            layers.append(Layer(node.name or given[0].shape, (given[0].transpose(2, 3, 1, 0), given[1])))
        elif node.op_type == "BatchNormalization" and len(given) == 4:
            layers.append(Layer(node.name, tuple(given)))
    return PublicModel(layers, scale)


def _onnx_array(tensor, path: Path) -> np.ndarray:
    if tensor.data_type not in (0, 1):  # of other types there are only shapes, which nobody needs here
        return np.zeros(0, np.float32)
    values = np.frombuffer(tensor.raw_data, "<f4") if tensor.raw_data else np.array(tensor.float_data, np.float32)
    return _shaped(values, tuple(tensor.dims), path)


def _read_torch(path: Path) -> PublicModel:
    state = _torch_state(path)
    layers = []
    for block in range(1, 9):
        indices = sorted({int(key.split(".")[1]) for key in state if key.startswith(f"model{block}.")})
        for index in indices:
            prefix = f"model{block}.{index}"
            weight, bias = _entry(state, f"{prefix}.weight", path), _entry(state, f"{prefix}.bias", path)
            if weight.ndim == 4:
                layers.append(Layer(prefix, (weight.transpose(2, 3, 1, 0), bias)))
            else:
                statistics = [_entry(state, f"{prefix}.{part}", path) for part in ("running_mean", "running_var")]
                layers.append(Layer(prefix, (weight, bias, *statistics)))
    centers = state.get("model_out.weight")
    if centers is not None and not np.allclose(centers.reshape(2, -1).T, bins.BINS):
        raise InputError(f"{path}: its color bins are not the published ones, in their order")
    return PublicModel(layers, input_scale=1 / 100)


def _torch_state(path: Path) -> dict[str, np.ndarray]:
    if not path.is_file():
        raise InputError(f"no such file: {path}")
    try:
        import torch
    except ImportError as error:
        raise InputError(f"{path}: reading a PyTorch file needs PyTorch: pip install torch") from error
    try:
        state = torch.load(path, map_location="cpu", weights_only=True)
        return {name: tensor.numpy() for name, tensor in state.items()}
    except Exception as error:  # torch raises nearly every kind on files that are not, or not only, weights
        raise InputError(f"{path}: not a PyTorch file of weights alone ({type(error).__name__})") from error


def _entry(state: dict[str, np.ndarray], name: str, path) -> np.ndarray:
    if name not in state:
        raise InputError(f"{path}: layer {name} is missing")
    return state[name]


def _shaped(values: np.ndarray, shape: tuple[int, ...], path: Path) -> np.ndarray:
    if values.size != int(np.prod(shape)):
        raise InputError(f"{path}: damaged, {values.size} numbers where shape {shape} needs {int(np.prod(shape))}")
    return values.reshape(shape)


_READERS: dict[str, Callable[[Path], PublicModel]] = {
    ".caffemodel": _read_caffe,
    ".onnx": _read_onnx,
    ".pth": _read_torch,
    ".pt": _read_torch,
}

# The few fields of Caffe's and ONNX's protocol buffers that hold layers: message -> (field, number, type, repeated).
# Everything else in a file is skipped.
_MESSAGES = {
    "BlobShape": [("dim", 1, "int64", True)],
    "BlobProto": [
        ("num", 1, "int32", False),
        ("channels", 2, "int32", False),
        ("height", 3, "int32", False),
        ("width", 4, "int32", False),
        ("data", 5, "float", True),
        ("shape", 7, "BlobShape", False),
    ],
    "LayerParameter": [("name", 1, "string", False), ("type", 2, "string", False), ("blobs", 7, "BlobProto", True)],
    "NetParameter": [("layer", 100, "LayerParameter", True)],
    "TensorProto": [
        ("dims", 1, "int64", True),
        ("data_type", 2, "int32", False),
        ("float_data", 4, "float", True),
        ("name", 8, "string", False),
        ("raw_data", 9, "bytes", False),
    ],
    "AttributeProto": [("name", 1, "string", False), ("t", 5, "TensorProto", False)],
    "NodeProto": [
        ("input", 1, "string", True),
        ("output", 2, "string", True),
        ("name", 3, "string", False),
        ("op_type", 4, "string", False),
        ("attribute", 5, "AttributeProto", True),
    ],
    "GraphProto": [("node", 1, "NodeProto", True), ("initializer", 5, "TensorProto", True)],
    "ModelProto": [("graph", 7, "GraphProto", False)],
}


def message_class(name: str) -> type:
    """The protocol-buffer class of one of `_MESSAGES`, made at run time.

    Raises:
        InputError: protobuf is not installed.
    """
    try:
        from google.protobuf import descriptor_pb2, descriptor_pool, message_factory
    except ImportError as error:
        raise InputError("reading Caffe and ONNX files needs protobuf: pip install protobuf") from error
    kinds = descriptor_pb2.FieldDescriptorProto
    file = descriptor_pb2.FileDescriptorProto(name="layers.proto", package="fusioncolor", syntax="proto2")
    for message, fields in _MESSAGES.items():
        entry = file.message_type.add(name=message)
        for field, number, kind, repeated in fields:
            label = kinds.LABEL_REPEATED if repeated else kinds.LABEL_OPTIONAL
            made = entry.field.add(name=field, number=number, label=label)
            if kind in _MESSAGES:
                made.type, made.type_name = kinds.TYPE_MESSAGE, f".fusioncolor.{kind}"
            else:
                made.type = getattr(kinds, f"TYPE_{kind.upper()}")
                made.options.packed = repeated and kind in ("float", "int64")
    pool = descriptor_pool.DescriptorPool()
    pool.Add(file)
    return message_factory.GetMessageClass(pool.FindMessageTypeByName(f"fusioncolor.{name}"))


def _parse(path: Path, name: str):
    message = message_class(name)()
    try:
        message.ParseFromString(path.read_bytes())
    except Exception as error:  # protobuf's DecodeError has no stable place to import it from
        raise InputError(f"{path}: damaged, or not what its suffix says ({error})") from error
    return message


def _resnet_names() -> Iterator[tuple[str, str, str]]:
    """(our layer, torchvision's convolution, torchvision's normalization) up to conv3_x."""
    yield "conv1", "conv1", "bn1"
    for stage in (1, 2):
        for block in (0, 1):
            for part in (1, 2):
                theirs = f"layer{stage}.{block}"
                yield f"conv{stage + 1}_{block + 1}_conv{part}", f"{theirs}.conv{part}", f"{theirs}.bn{part}"
    yield "conv3_1_shortcut", "layer2.0.downsample.0", "layer2.0.downsample.1"


def load_extractor_weights(extractor: keras.Model, source: str | os.PathLike) -> None:
    """Fills an extractor from `imagenet` (Keras's download), a `.weights.h5` file, or a saved colorizer's folder.

    Raises:
        InputError: no such source, no network for the download, or weights that do not fit.
    """
    if str(source) == "imagenet":
        _load_imagenet(extractor)
        return
    if Path(source).is_file():
        load_weights(extractor.get_layer("inception_v3"), Path(source))
        return
    saved = load(source)
    if inception.NAME not in [layer.name for layer in saved.network.layers]:
        raise InputError(f"{source}: this colorizer has no extractor; give another --inception-weights")
    extractor.set_weights(saved.network.get_layer(inception.NAME).get_weights())


def _load_imagenet(extractor: keras.Model) -> None:
    try:
        published = keras.applications.InceptionV3(weights="imagenet", classifier_activation=None)
    except Exception as error:  # Keras raises a bare Exception when the download fails
        raise InputError(
            "cannot download the ImageNet weights of InceptionV3: give a file or a weights folder with "
            "--inception-weights PATH, or start from random ones with --inception-weights none"
        ) from error
    extractor.get_layer("inception_v3").set_weights(published.get_weights())
