"""Files of the right structure with random numbers, against a forward pass written with NumPy alone."""

import keras
import numpy as np
import pytest
from keras import Model
from support import public_layers, stand_in_extractor

from fusioncolor.bins import BINS
from fusioncolor.errors import InputError
from fusioncolor.models import factory, foreign_files, pretrained
from fusioncolor.models.networks.inception import NAME, inception_v3

STRIDED = {"conv1_2", "conv2_2", "conv3_3"}
SIZE = 32


def correlate(x: np.ndarray, weight: np.ndarray, *, stride: int, pad: int, dilation: int) -> np.ndarray:
    """(C, H, W) and (O, C, h, w) -> (O, H', W'), by shifted sums."""
    x = np.pad(x, [(0, 0), (pad, pad), (pad, pad)])
    reach = dilation * (weight.shape[2] - 1)
    height, width = (x.shape[1] - reach - 1) // stride + 1, (x.shape[2] - reach - 1) // stride + 1
    out = np.zeros((weight.shape[0], height, width))
    for i in range(weight.shape[2]):
        for j in range(weight.shape[3]):
            top, left = i * dilation, j * dilation
            part = x[:, top : top + height * stride : stride, left : left + width * stride : stride]
            out += np.tensordot(weight[:, :, i, j], part[:, :height, :width], 1)
    return out


def transpose(x: np.ndarray, weight: np.ndarray) -> np.ndarray:
    """Stride 2, padding 1, kernel 4: every input pixel adds its kernel to the output."""
    out = np.zeros((weight.shape[1], 2 * x.shape[1] + 2, 2 * x.shape[2] + 2))
    for i in range(4):
        for j in range(4):
            out[:, i : i + 2 * x.shape[1] : 2, j : j + 2 * x.shape[2] : 2] += np.tensordot(weight[:, :, i, j].T, x, 1)
    return out[:, 1:-1, 1:-1]


def forward(layers: dict, lightness: np.ndarray, scale: float) -> dict[str, np.ndarray]:
    """Every layer's output of the public model for one photograph `(H, W)`."""
    x, outputs = (lightness[None].astype(np.float64) - 50) * scale, {}
    for name, arrays in layers.items():
        if len(arrays) == 4:
            gamma, beta, mean, variance = (array[:, None, None].astype(np.float64) for array in arrays)
            x = (x - mean) / np.sqrt(variance + 1e-5) * gamma + beta
        elif name == "conv8_1":
            x = np.maximum(transpose(x, arrays[0]) + arrays[1][:, None, None], 0)
        else:
            dilation = 2 if name[:5] in ("conv5", "conv6") else 1
            pad = 0 if name == "output" else dilation
            x = correlate(x, arrays[0], stride=2 if name in STRIDED else 1, pad=pad, dilation=dilation)
            x = x + arrays[1][:, None, None]
            x = x if name == "output" else np.maximum(x, 0)
        outputs[name] = x
    return outputs


def write_caffe(path, layers, *, leave_out=()) -> None:
    net = foreign_files.message_class("NetParameter")()
    for name, arrays in layers.items():
        if name in leave_out:
            continue
        blobs = [arrays[2] * 3, arrays[3] * 3, np.array([3.0])] if len(arrays) == 4 else arrays
        kind = "BatchNorm" if len(arrays) == 4 else "Deconvolution" if name == "conv8_1" else "Convolution"
        layer = net.layer.add(name=name, type=kind)
        for array in blobs:
            blob = layer.blobs.add()
            blob.shape.dim.extend(array.shape)
            blob.data.extend(array.ravel().tolist())
    path.write_bytes(net.SerializeToString())


def write_onnx(path, layers) -> None:
    model = foreign_files.message_class("ModelProto")()

    def tensor(name, array):
        model.graph.initializer.add(name=name, dims=array.shape, data_type=1, raw_data=array.astype("<f4").tobytes())
        return name

    model.graph.node.add(op_type="Sub", input=["l", tensor("fifty", np.float32(50))], output=["x"])
    model.graph.node.add(op_type="Div", input=["x", tensor("hundred", np.float32(100))], output=["x"])
    for name, arrays in layers.items():
        operation = "BatchNormalization" if len(arrays) == 4 else "ConvTranspose" if name == "conv8_1" else "Conv"
        names = [tensor(f"{name}.{index}", array) for index, array in enumerate(arrays)]
        model.graph.node.add(op_type=operation, name=name, input=["x", *names], output=["x"])
    path.write_bytes(model.SerializeToString())


def write_torch(path, layers) -> None:
    torch = pytest.importorskip("torch")
    state = {"model_out.weight": BINS.T.reshape(2, 313, 1, 1).copy()}
    for block in range(1, 9):
        own = [name for name in layers if name.startswith(f"conv{block}") or (block == 8 and name == "output")]
        for index, name in enumerate(own):
            parts = ("weight", "bias", "running_mean", "running_var")
            for part, array in zip(parts, layers[name], strict=False):
                state[f"model{block}.{2 * index}.{part}"] = array
    torch.save({name: torch.tensor(array) for name, array in state.items()}, path)


@pytest.fixture(scope="module")
def layers():
    return public_layers()


def plain_normalization(layers) -> dict:
    """Caffe's batch normalization has no gamma and beta of its own."""
    return {
        name: (np.ones_like(arrays[0]), np.zeros_like(arrays[1]), *arrays[2:]) if len(arrays) == 4 else arrays
        for name, arrays in layers.items()
    }


@pytest.mark.parametrize(
    ("suffix", "write", "scale"),
    [
        pytest.param(".caffemodel", write_caffe, 1.0, marks=pytest.mark.slow),
        (".onnx", write_onnx, 0.01),
        (".pth", write_torch, 0.01),
    ],
)
def test_every_layer_of_every_form_agrees_with_an_independent_forward_pass(tmp_path, layers, suffix, write, scale):
    layers = plain_normalization(layers) if suffix == ".caffemodel" else layers
    write(tmp_path / f"public{suffix}", layers)
    colorizer = pretrained.import_zhang(tmp_path / f"public{suffix}")
    lightness = np.random.default_rng(1).uniform(0, 100, (SIZE, SIZE)).astype(np.float32)
    expected = forward(layers, lightness, scale)
    network = colorizer.network
    taps = Model(network.input, [network.get_layer(name).output for name in expected])
    for name, output in zip(expected, taps.predict_on_batch(lightness[None, ..., None]), strict=True):
        found, wanted = np.asarray(output)[0].transpose(2, 0, 1), expected[name]
        # float32 sums over up to 4608 terms, layer upon layer
        np.testing.assert_allclose(found, wanted, atol=2e-3 * np.abs(wanted).max(), err_msg=name)
    assert colorizer.head.decoder == "annealed_mean"
    assert 1 / colorizer.head.temperature == pytest.approx(2.606)


@pytest.mark.slow
def test_a_file_with_a_missing_layer_is_refused(tmp_path, layers):
    write_caffe(tmp_path / "a.caffemodel", plain_normalization(layers), leave_out=("conv5_2",))
    with pytest.raises(InputError, match=r"a\.caffemodel: expected layer conv5_3"):
        pretrained.import_zhang(tmp_path / "a.caffemodel")
    write_caffe(tmp_path / "b.caffemodel", plain_normalization(layers), leave_out=("conv8_3", "output"))
    with pytest.raises(InputError, match="layer conv8_3 is missing"):
        pretrained.import_zhang(tmp_path / "b.caffemodel")


@pytest.mark.parametrize("name", ["a.caffemodel", "a.onnx", "a.pth", "a.zip"])
def test_a_damaged_or_other_file_is_refused(tmp_path, name):
    (tmp_path / name).write_bytes(b"\xff\xffno weights")
    with pytest.raises(InputError, match=r"a\."):
        pretrained.import_zhang(tmp_path / name)


def test_a_pickle_that_runs_code_is_refused(tmp_path):
    pytest.importorskip("torch")
    import pickle

    class Hostile:
        def __reduce__(self):
            return exec, (f"open({str(tmp_path / 'was_here')!r}, 'w').close()",)

    (tmp_path / "a.pth").write_bytes(pickle.dumps(Hostile()))
    with pytest.raises(InputError, match="not a PyTorch file of weights alone"):
        pretrained.import_zhang(tmp_path / "a.pth")
    assert not (tmp_path / "was_here").exists()


def test_resnet_18_weights_fill_the_encoder_with_conv1_summed_over_colors(tmp_path):
    torch = pytest.importorskip("torch")
    rng = np.random.default_rng(0)
    network = factory.create("resnet").network
    state = {}
    for ours, theirs, norm in pretrained._resnet_layers():
        shape = tuple(network.get_layer(ours).kernel.shape)
        weight = rng.normal(0, 0.1, (shape[3], 3 if ours == "conv1" else shape[2], *shape[:2])).astype(np.float32)
        state[f"{theirs}.weight"] = weight
        for part in ("weight", "bias", "running_mean", "running_var"):
            state[f"{norm}.{part}"] = rng.uniform(0.5, 1.5, shape[3]).astype(np.float32)
    torch.save({name: torch.tensor(array) for name, array in state.items()}, tmp_path / "resnet18.pth")
    pretrained.load_resnet18(network, tmp_path / "resnet18.pth")
    kernel = np.asarray(network.get_layer("conv1").kernel)[:, :, 0]
    np.testing.assert_allclose(kernel, state["conv1.weight"].sum(axis=1).transpose(1, 2, 0), rtol=1e-5)
    block = np.asarray(network.get_layer("conv3_1_shortcut").kernel)
    np.testing.assert_array_equal(block, state["layer2.0.downsample.0.weight"].transpose(2, 3, 1, 0))
    del state["layer1.1.conv2.weight"]
    torch.save({name: torch.tensor(array) for name, array in state.items()}, tmp_path / "cut.pth")
    with pytest.raises(InputError, match=r"layer layer1\.1\.conv2\.weight is missing"):
        pretrained.load_resnet18(network, tmp_path / "cut.pth")


def test_without_a_network_the_imagenet_weights_are_refused_with_both_ways_out(monkeypatch):
    def fail(*_, **__):
        raise Exception("URL fetch failure")

    extractor = stand_in_extractor()
    monkeypatch.setattr(keras.applications, "InceptionV3", fail)
    with pytest.raises(InputError, match=r"a file or .* as `inception_weights`.*`inception_weights` none"):
        pretrained.load_extractor_weights(extractor, "imagenet")


@pytest.mark.slow
def test_extractor_weights_come_from_a_file_or_from_a_saved_colorizer(tmp_path):
    source = factory.create("fusion", seed=3)
    inception = source.network.get_layer(NAME).get_layer("inception_v3")
    inception.save_weights(tmp_path / "inception.weights.h5")
    source.save(tmp_path / "saved", dtype="float32")
    expected = inception.get_weights()
    for path in (tmp_path / "inception.weights.h5", tmp_path / "saved"):
        extractor = inception_v3()
        pretrained.load_extractor_weights(extractor, path)
        loaded = extractor.get_layer("inception_v3").get_weights()
        assert all(np.array_equal(a, b) for a, b in zip(loaded, expected, strict=True))


def test_extractor_weights_of_another_network_are_refused(tmp_path):
    keras.Sequential([keras.Input((3,)), keras.layers.Dense(2)]).save_weights(tmp_path / "other.weights.h5")
    with pytest.raises(InputError, match=r"other\.weights\.h5: these weights do not fit"):
        pretrained.load_extractor_weights(inception_v3(), tmp_path / "other.weights.h5")
