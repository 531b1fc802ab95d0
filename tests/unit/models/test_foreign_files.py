"""Files of other frameworks; `test_pretrained` checks the arrays of whole models."""

import numpy as np
import pytest

from fusioncolor.errors import InputError
from fusioncolor.models import foreign_files


def caffe_file(path, *, numbers: int, shape: tuple[int, ...]):
    net = foreign_files.message_class("NetParameter")()
    layer = net.layer.add(name="conv1_1", type="Convolution")
    for dimensions in (shape, (2,)):
        blob = layer.blobs.add()
        blob.shape.dim.extend(dimensions)
        blob.data.extend(range(numbers if dimensions == shape else 2))
    path.write_bytes(net.SerializeToString())
    return path


def test_a_caffe_kernel_comes_in_the_layout_of_keras(tmp_path):
    path = caffe_file(tmp_path / "a.caffemodel", numbers=36, shape=(2, 2, 3, 3))
    [layer] = foreign_files.read_public(path, most_layers=9).layers
    kernel, bias = layer.arrays
    assert layer.name == "conv1_1"
    np.testing.assert_array_equal(kernel, np.arange(36.0).reshape(2, 2, 3, 3).transpose(2, 3, 1, 0))
    np.testing.assert_array_equal(bias, [0, 1])


def test_convolutions_beyond_the_last_layer_are_left_out(tmp_path):
    path = caffe_file(tmp_path / "a.caffemodel", numbers=36, shape=(2, 2, 3, 3))
    assert foreign_files.read_public(path, most_layers=0).layers == []


def test_an_array_of_another_length_than_its_shape_is_refused(tmp_path):
    path = caffe_file(tmp_path / "a.caffemodel", numbers=35, shape=(2, 2, 3, 3))
    with pytest.raises(InputError, match="35 numbers where shape"):
        foreign_files.read_public(path, most_layers=9)


def test_a_missing_file_and_an_unknown_suffix_are_refused(tmp_path):
    with pytest.raises(InputError, match="no such file"):
        foreign_files.read_public(tmp_path / "a.onnx", most_layers=9)
    (tmp_path / "a.zip").write_bytes(b"no weights")
    with pytest.raises(InputError, match=r"expected one of \.caffemodel"):
        foreign_files.read_public(tmp_path / "a.zip", most_layers=9)


def test_a_missing_entry_is_named_with_its_file(tmp_path):
    with pytest.raises(InputError, match=r"a\.pth: layer conv1\.weight is missing"):
        foreign_files.entry({}, "conv1.weight", tmp_path / "a.pth")
