"""Arrays by layer from the files of other frameworks: Caffe, ONNX and PyTorch.

Files are parsed as data: Caffe and ONNX files through the few protocol-buffer fields that hold layers, PyTorch files
with `weights_only`. No code in a file is ever run, and neither Caffe nor ONNX has to be installed.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from fusioncolor import bins
from fusioncolor.errors import InputError, not_installed


@dataclass(frozen=True)
class Layer:
    """A layer of a file.

    Attributes:
        name: its name in the file.
        arrays: in Keras's order and layout. Convolution: kernel `(h, w, in, out)` (transposed convolution:
            `(h, w, out, in)`), bias. Batch normalization: gamma, beta, moving mean, moving variance.
    """

    name: str
    arrays: tuple[np.ndarray, ...]


@dataclass(frozen=True)
class PublicModel:
    """Contents of a file of the public model.

    Attributes:
        layers: first to last.
        input_scale: factor by which the model multiplies L - 50.
    """

    layers: list[Layer]
    input_scale: float


def read_public(path: Path, *, most_layers: int) -> PublicModel:
    """Reads the public model of Zhang et al. in any of its forms.

    Args:
        path: `.caffemodel`, `.onnx`, `.pth` or `.pt` file.
        most_layers: number of layers after which further convolutions are left out.

    Raises:
        InputError: the file is missing, damaged or of another kind, or the package that reads it is not installed.
    """
    if not path.is_file():
        raise InputError(f"no such file: {path}")
    suffix = path.suffix.lower()
    if suffix not in _READERS:
        raise InputError(f"{path}: expected one of {', '.join(_READERS)}, the forms in which the public model exists")
    try:
        return _READERS[suffix](path, most_layers)
    except (IndexError, ValueError, TypeError) as error:
        raise error if isinstance(error, InputError) else InputError(f"{path}: damaged ({error})") from error


def _read_caffe(path: Path, most_layers: int) -> PublicModel:
    net = _parse(path, "NetParameter")
    layers = []
    for layer in net.layer:
        blobs = [_caffe_array(blob, path) for blob in layer.blobs]
        if layer.type in ("Convolution", "Deconvolution") and len(blobs) == 2 and len(layers) < most_layers:
            layers.append(Layer(layer.name, (blobs[0].transpose(2, 3, 1, 0), blobs[1].ravel())))
        elif layer.type == "BatchNorm" and len(blobs) == 3:
            factor = float(blobs[2].ravel()[0]) or 1.0
            mean, variance = blobs[0].ravel() / factor, blobs[1].ravel() / factor
            layers.append(Layer(layer.name, (np.ones_like(mean), np.zeros_like(mean), mean, variance)))
    return PublicModel(layers, input_scale=1.0)


def _caffe_array(blob, path: Path) -> np.ndarray:
    shape = tuple(blob.shape.dim) or (blob.num, blob.channels, blob.height, blob.width)
    return _shaped(np.array(blob.data, np.float32), shape, path)


def _read_onnx(path: Path, most_layers: int) -> PublicModel:
    graph = _parse(path, "ModelProto").graph
    arrays = {tensor.name: _onnx_array(tensor, path) for tensor in graph.initializer}
    layers, scale = [], 1.0
    for node in graph.node:
        given = [arrays[name] for name in node.input if name in arrays]
        if node.op_type == "Constant":
            arrays[node.output[0]] = _onnx_array(node.attribute[0].t, path)
        elif node.op_type in ("Div", "Mul") and not layers and given and given[0].size == 1:
            scale *= float(given[0].ravel()[0]) ** (-1 if node.op_type == "Div" else 1)
        elif node.op_type in ("Conv", "ConvTranspose") and len(given) == 2 and len(layers) < most_layers:
            layers.append(Layer(node.name or given[0].shape, (given[0].transpose(2, 3, 1, 0), given[1])))
        elif node.op_type == "BatchNormalization" and len(given) == 4:
            layers.append(Layer(node.name, tuple(given)))
    return PublicModel(layers, scale)


def _onnx_array(tensor, path: Path) -> np.ndarray:
    if tensor.data_type not in (0, 1):  # not float32: only shapes, which are not needed here
        return np.zeros(0, np.float32)
    values = np.frombuffer(tensor.raw_data, "<f4") if tensor.raw_data else np.array(tensor.float_data, np.float32)
    return _shaped(values, tuple(tensor.dims), path)


def _read_torch(path: Path, _: int) -> PublicModel:
    state = torch_state(path)
    layers = []
    for block in range(1, 9):
        indices = sorted({int(key.split(".")[1]) for key in state if key.startswith(f"model{block}.")})
        for index in indices:
            prefix = f"model{block}.{index}"
            weight, bias = entry(state, f"{prefix}.weight", path), entry(state, f"{prefix}.bias", path)
            if weight.ndim == 4:
                layers.append(Layer(prefix, (weight.transpose(2, 3, 1, 0), bias)))
            else:
                statistics = [entry(state, f"{prefix}.{part}", path) for part in ("running_mean", "running_var")]
                layers.append(Layer(prefix, (weight, bias, *statistics)))
    centers = state.get("model_out.weight")
    if centers is not None and not np.allclose(centers.reshape(2, -1).T, bins.BINS):
        raise InputError(f"{path}: its color bins are not the published ones in their published order")
    return PublicModel(layers, input_scale=1 / 100)


def torch_state(path: Path) -> dict[str, np.ndarray]:
    """Reads the state dict in a PyTorch file: arrays by name.

    Raises:
        InputError: the file is missing or holds anything but tensors, or PyTorch is not installed.
    """
    if not path.is_file():
        raise InputError(f"no such file: {path}")
    try:
        import torch
    except ImportError as error:
        raise InputError(f"{path}: reading a PyTorch file needs PyTorch, which is {not_installed('torch')}") from error
    try:
        state = torch.load(path, map_location="cpu", weights_only=True)
        return {name: tensor.numpy() for name, tensor in state.items()}
    except Exception as error:  # torch raises nearly every kind on files that are not, or not only, weights
        raise InputError(f"{path}: not a PyTorch file of weights alone ({type(error).__name__})") from error


def entry(state: Mapping[str, np.ndarray], name: str, path: Path) -> np.ndarray:
    """Returns an array of a state dict.

    Raises:
        InputError: the state dict has no entry of that name; names the file.
    """
    if name not in state:
        raise InputError(f"{path}: layer {name} is missing")
    return state[name]


def _shaped(values: np.ndarray, shape: tuple[int, ...], path: Path) -> np.ndarray:
    if values.size != int(np.prod(shape)):
        raise InputError(f"{path}: damaged, {values.size} numbers where shape {shape} needs {int(np.prod(shape))}")
    return values.reshape(shape)


_READERS: dict[str, Callable[[Path, int], PublicModel]] = {
    ".caffemodel": _read_caffe,
    ".onnx": _read_onnx,
    ".pth": _read_torch,
    ".pt": _read_torch,
}

# The few fields of Caffe's and ONNX's protocol buffers that hold layers: message -> (field, number, type, repeated).
# All other fields are skipped.
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
    """Builds the protocol-buffer class of a message in `_MESSAGES`.

    Raises:
        InputError: protobuf is not installed.
    """
    try:
        from google.protobuf import descriptor_pb2, descriptor_pool, message_factory
    except ImportError as error:
        raise InputError(f"reading Caffe and ONNX files needs protobuf, which is {not_installed('import')}") from error
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
