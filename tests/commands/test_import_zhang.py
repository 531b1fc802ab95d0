import numpy as np
import pytest
from support import public_layers

from fusioncolor.models import factory, foreign_files


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


@pytest.fixture(scope="module")
def layers():
    return public_layers()


@pytest.mark.slow
def test_an_imported_colorizer_is_saved_and_predicts(tmp_path, layers, capsys):
    from fusioncolor.cli import commands

    write_onnx(tmp_path / "public.onnx", layers)
    assert commands.main(["import-zhang", str(tmp_path / "public.onnx"), "--output", str(tmp_path / "zhang")]) == 0
    assert "predict.py" in capsys.readouterr().out
    rgb = factory.load(tmp_path / "zhang").colorize(np.full((40, 50), 120, np.uint8))
    assert rgb.shape == (40, 50, 3)
