"""Exported networks give what the Keras network gives."""

import json
import re
from importlib import import_module

import numpy as np
import pytest
from support import NEEDED, Recorder, digest_of_weights, exported, require

from fusioncolor import color, exporting, images
from fusioncolor.config import ExportConfig
from fusioncolor.errors import InputError
from fusioncolor.exporting import export
from fusioncolor.models import engines, factory
from fusioncolor.models.heads import RegressionHead
from fusioncolor.models.predictor import Source


@pytest.mark.parametrize("kind", NEEDED)
def test_an_exported_network_is_equal_to_1e_4(trained_run, tmp_path, kind):
    require(kind)
    path = exported(trained_run, tmp_path, kind)
    engine = engines.load(path, digest_of_weights(trained_run), "float32")
    network = factory.load(trained_run / "best").network
    for count in (3, 1, 3):  # any batch, also after another one
        lightness = np.random.default_rng(count).uniform(0, 100, (count, 32, 32, 1))
        expected = network.predict_on_batch(lightness.astype(np.float32))
        np.testing.assert_allclose(engine.predict_on_batch(lightness), expected, atol=1e-4)


def test_an_exported_classifier_is_equal_to_1e_4(tmp_path):
    require("openvino")
    factory.create("plain", size=(32, 32), seed=0).save(tmp_path / "plain")
    path = export(ExportConfig(weights=str(tmp_path / "plain"), format="openvino", output=tmp_path / "p.xml"))
    saved = factory.load(tmp_path / "plain")
    lightness = np.random.default_rng(0).uniform(0, 100, (2, 32, 32, 1)).astype(np.float32)
    engine = engines.load(path, saved.origin.weights.sha256, "float32")
    np.testing.assert_allclose(
        engine.predict_on_batch(lightness), saved.network.predict_on_batch(lightness), atol=1e-4, rtol=1e-4
    )


@pytest.mark.parametrize("name", ["plain", "fusion"])
def test_an_onnx_file_gives_decoded_chroma_in_lab_units(tmp_path, name):
    require("onnx")
    options = {"inception": False} if name == "fusion" else {}
    colorizer = factory.create(name, size=(32, 32), seed=0, **options)
    colorizer.save(tmp_path / name, dtype="float32")
    told = Recorder()
    path = export(tmp_path / name, format="onnx", output=tmp_path / "n.onnx", reporter=told)
    session = import_module("onnxruntime").InferenceSession(path)
    assert [one.name for one in session.get_outputs()] == ["ab", "output"]
    lightness = np.random.default_rng(0).uniform(0, 100, (2, 32, 32, 1)).astype(np.float32)
    [ab] = session.run(["ab"], {session.get_inputs()[0].name: lightness})
    assert ab.std() > 0.01
    np.testing.assert_allclose(ab, colorizer.predict_ab(lightness), atol=0.01)
    [line] = told.infos
    assert float(re.search(r"differ from those of Keras by at most (\S+)", line)[1]) < 0.01


def test_a_head_that_cannot_decode_in_the_network_is_exported_with_its_output(tmp_path, monkeypatch):
    require("onnx")
    monkeypatch.setattr(RegressionHead, "decode", lambda self, output: 2 * output)  # not what decode_tensor does
    factory.create("fusion", size=(32, 32), seed=0, inception=False).save(tmp_path / "saved")
    told = Recorder()
    path = export(tmp_path / "saved", format="onnx", output=tmp_path / "n.onnx", reporter=told)
    assert "no decoding to export" in told.warnings[0]
    assert json.loads(engines.description_of(path).read_text())["output"]["name"] == "output"
    session = import_module("onnxruntime").InferenceSession(path)
    assert [one.name for one in session.get_outputs()] == ["output"]


def test_8_bits_stay_close(trained_run, scenes, tmp_path):
    """A network of a few epochs on few pictures, which uses little of its range: within a tenth of that."""
    require("openvino")
    path = exported(trained_run, tmp_path, "openvino", int8=True, calibration=scenes)
    facts = json.loads(engines.description_of(path).read_text())
    assert facts["int8"]
    colorizer = factory.load(trained_run / "best")
    inputs = np.stack([colorizer.prepare(Source(images.read_resized(p, (32, 32))[..., :1].astype(np.float32) / 2.55))
                       for p in images.find_in(scenes)[:8]])  # fmt: skip
    expected = colorizer.network.predict_on_batch(inputs)
    engine = engines.load(path, digest_of_weights(trained_run), "float32")
    found = engine.predict_on_batch(inputs)
    assert 0 < np.abs(found - expected).mean() < 0.1 * np.ptp(expected)
    assert facts["chroma_gain"] == engine.chroma_gain != 1
    calibrated = [color.rgb_to_lightness(images.read_resized(path, (32, 32))) for path in images.find_in(scenes)]
    inputs = np.stack([colorizer.prepare(Source(lightness)) for lightness in calibrated])
    ab = [colorizer.head.decode(np.asarray(one.predict_on_batch(inputs))) for one in (colorizer.network, engine)]
    chroma = [np.linalg.norm(one, axis=-1).mean() for one in ab]
    assert engine.chroma_gain == pytest.approx(chroma[0] / chroma[1], rel=1e-3)


def test_a_file_of_another_suffix_is_refused(trained_run, tmp_path):
    with pytest.raises(InputError, match=r"`output` must end in \.onnx"):
        export(ExportConfig(weights=str(trained_run / "best"), format="onnx", output=tmp_path / "n.xml"))


def test_a_file_is_named_after_the_folder_of_the_weights_whatever_they_are_called_by(project, tmp_path, monkeypatch):
    monkeypatch.chdir(project / "weights" / "fusion.landscapes")
    for options, name in (
        ({}, "dense.photographs.onnx"),  # the preset photographs
        ({"weights": "landscapes"}, "fusion.landscapes.onnx"),
        ({"weights": "."}, "fusion.landscapes.onnx"),
        ({"weights": "../dense.photographs", "format": "litert"}, "dense.photographs.tflite"),
        ({"format": "openvino", "int8": True, "calibration": tmp_path}, "dense.photographs-int8.xml"),
    ):
        assert str(exporting._path_for(ExportConfig(**{"format": "onnx", **options}))) == name
