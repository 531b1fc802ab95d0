"""Exported networks give what the Keras network gives."""

import json

import numpy as np
import pytest
from support import NEEDED, digest_of_weights, exported, require

from fusioncolor import images
from fusioncolor.config import ExportConfig
from fusioncolor.errors import InputError
from fusioncolor.exporting import export
from fusioncolor.models import engines, factory
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


def test_8_bits_stay_close(trained_run, scenes, tmp_path):
    """A network of a few epochs on 12 pictures, which uses little of its range: within a tenth of that."""
    require("openvino")
    path = exported(trained_run, tmp_path, "openvino", int8=True, calibration=scenes, count=12)
    assert json.loads(engines.description_of(path).read_text())["int8"]
    colorizer = factory.load(trained_run / "best")
    inputs = np.stack([colorizer.prepare(Source(images.read_resized(p, (32, 32))[..., :1].astype(np.float32) / 2.55))
                       for p in images.find_in(scenes)[:8]])  # fmt: skip
    expected = colorizer.network.predict_on_batch(inputs)
    found = engines.load(path, digest_of_weights(trained_run), "float32").predict_on_batch(inputs)
    assert 0 < np.abs(found - expected).mean() < 0.1 * np.ptp(expected)


def test_a_file_of_another_suffix_is_refused(trained_run, tmp_path):
    with pytest.raises(InputError, match=r"`output` must end in \.onnx"):
        export(ExportConfig(weights=str(trained_run / "best"), format="onnx", output=tmp_path / "n.xml"))
