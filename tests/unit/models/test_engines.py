import json
from importlib.util import find_spec

import pytest

from fusioncolor import files
from fusioncolor.config import ExportConfig
from fusioncolor.errors import InputError
from fusioncolor.exporting import export
from fusioncolor.models import engines, factory

NEEDED = {
    "onnx": ("tf2onnx", "onnx", "onnxruntime"),
    "openvino": ("openvino", "nncf"),
    "litert": ("ai_edge_litert",),
}


def require(kind: str) -> None:
    missing = [name for name in NEEDED[kind] if find_spec(name) is None]
    if missing:
        pytest.skip(f"{', '.join(missing)} not installed")


def exported(trained_run, folder, kind, **options):
    return export(
        ExportConfig(
            weights=str(trained_run / "best"),
            format=kind,
            output=folder / f"n{engines.RUNTIMES[kind].suffix}",
            **options,
        )
    )


def digest(trained_run) -> str:
    return factory.load(trained_run / "best").origin.weights.sha256


def test_a_damaged_or_foreign_file_is_refused(trained_run, tmp_path):
    require("openvino")
    path = exported(trained_run, tmp_path, "openvino")
    with pytest.raises(InputError, match="other weights"):
        engines.load(path, "0" * 64, "float32")
    weights = path.with_suffix(".bin")
    weights.write_bytes(weights.read_bytes()[:-1] + b"x")
    with pytest.raises(InputError, match=r"n\.bin: damaged"):
        engines.load(path, digest(trained_run), "float32")
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
    with pytest.raises(InputError, match="needs pip install onnxruntime"):
        engines.load(path, "w", "float32")
    with pytest.raises(InputError, match="computes in float32"):
        engines.load(path, "w", "bfloat16")
