import json

import pytest
from support import digest_of_weights, exported, require

from fusioncolor import files
from fusioncolor.errors import InputError
from fusioncolor.models import engines


def test_a_damaged_or_foreign_file_is_refused(trained_run, tmp_path):
    require("openvino")
    path = exported(trained_run, tmp_path, "openvino")
    with pytest.raises(InputError, match="other weights"):
        engines.load(path, "0" * 64, "float32")
    weights = path.with_suffix(".bin")
    weights.write_bytes(weights.read_bytes()[:-1] + b"x")
    with pytest.raises(InputError, match=r"n\.bin: damaged"):
        engines.load(path, digest_of_weights(trained_run), "float32")
    engines.description_of(path).write_text("[]")
    with pytest.raises(InputError, match="missing or damaged"):
        engines.read_description(path)
    with pytest.raises(InputError, match="must be an exported network"):
        engines.read_description(tmp_path / "n.pdf")
    with pytest.raises(InputError, match="no such file"):
        engines.read_description(tmp_path / "m.onnx")


def test_a_runtime_that_is_not_installed_is_named(trained_run, tmp_path, monkeypatch):
    path = tmp_path / "n.onnx"
    path.write_bytes(b"network")
    facts = {"format": "onnx", "weights": "w", "sha256": {"n.onnx": files.sha256(path)}}
    engines.description_of(path).write_text(json.dumps(facts))

    def missing(name):
        raise ImportError(name)

    monkeypatch.setattr(engines, "import_module", missing)
    with pytest.raises(InputError, match=r"onnxruntime is not installed: pip install .fusioncolor\[onnx\]"):
        engines.load(path, "w", "float32")
    with pytest.raises(InputError, match="computes in float32"):
        engines.load(path, "w", "bfloat16")
