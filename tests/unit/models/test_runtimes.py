import subprocess
import sys
from importlib.metadata import version

import numpy as np
import pytest
from skimage import data
from support import build_colorizer, require

from fusioncolor import color
from fusioncolor.config import ExportConfig
from fusioncolor.errors import InputError
from fusioncolor.models import engines, factory, runtimes, saving
from fusioncolor.models.predictor import Source
from fusioncolor.runtime import backend

KINDS = ("openvino", "onnx", "litert")
PRESETS = ("weights/dense.photographs", "weights/fusion.landscapes")


@pytest.fixture
def saved(tmp_path):
    """A saved colorizer without exported networks, and its description."""
    build_colorizer("fusion", inception=False).save(tmp_path / "saved")
    return tmp_path / "saved", saving.read_description(tmp_path / "saved")


@pytest.fixture
def installed(monkeypatch):
    """Chooses which runtimes are installed."""
    monkeypatch.setattr(backend, "is_chosen", lambda: False)

    def choose(*names):
        monkeypatch.setattr(
            engines.Runtime, "is_installed", lambda self: self.module.split(".")[0].replace("_", "-") in names
        )
        monkeypatch.setattr(backend, "is_installed", lambda: "keras" in names)

    return choose


def choice(folder: str, runtime: str = "auto", precision: str = "float32") -> str:
    place = saving.find_folder(folder)
    return runtimes.choose(place, saving.read_description(place), runtime, precision).runtime


@pytest.mark.parametrize("folder", PRESETS)
def test_the_fastest_installed_runtime_is_chosen(folder, installed):
    installed("openvino", "onnxruntime", "ai-edge-litert", "keras")
    assert choice(folder) == "openvino"
    assert choice(folder, "onnx") == "onnx"
    installed("onnxruntime", "keras")
    assert choice(folder) == "onnx"
    assert choice(folder, precision="bfloat16") == "keras"
    installed("ai-edge-litert", "keras")
    assert choice(folder) == "litert"
    installed("keras")
    assert choice(folder) == "keras"


def test_what_is_missing_is_named(installed, saved):
    installed("keras")
    with pytest.raises(InputError, match="pip install onnxruntime"):
        choice(PRESETS[0], "onnx")
    installed("onnxruntime")
    with pytest.raises(InputError, match="computes in float32"):
        choice(PRESETS[0], "onnx", "bfloat16")
    with pytest.raises(InputError, match="export --beside"):
        runtimes.choose(*saved, "onnx", "auto")
    with pytest.raises(InputError, match="pip install tensorflow"):
        runtimes.choose(*saved, "auto", "auto")
    installed()
    with pytest.raises(InputError, match="pip install openvino"):
        choice(PRESETS[0])


def test_a_backend_that_the_user_chose_is_used(monkeypatch):
    monkeypatch.setattr(backend, "is_chosen", lambda: True)
    assert choice(PRESETS[0]) == "keras"


@pytest.mark.parametrize("folder", PRESETS)
def test_networks_of_the_included_weights_predict_what_keras_predicts(folder):
    place = saving.find_folder(folder)
    description = saving.read_description(place)
    assert set(description.networks) == set(KINDS)
    usable = [kind for kind in KINDS if engines.RUNTIMES[kind].is_installed()]
    if not usable:
        pytest.skip("no runtime installed")
    colorizer = factory.load(folder)
    source = Source(color.rgb_to_lightness(data.rocket()))
    inputs = colorizer.prepare(source)[None]
    expected = np.asarray(colorizer.network.predict_on_batch(inputs))
    ab = colorizer.predict_ab(inputs)
    for kind in usable:
        engine = engines.load_beside(place, description, kind, "float32")
        largest = np.abs(engine.predict_on_batch(inputs) - expected).max() / np.abs(expected).max()
        assert largest < 1e-4, kind
        loaded = runtimes.load(folder, runtime=kind, precision="float32")
        np.testing.assert_allclose(loaded.predict_ab(inputs), ab, atol=0.02)  # Lab units; nobody sees 1


def test_a_colorizer_of_ones_own_gets_a_network_too(saved):
    require("openvino")
    from fusioncolor.exporting import export

    folder, _ = saved
    path = export(ExportConfig(weights=str(folder), format="openvino", beside=True))
    assert path.stat().st_size < 200_000
    colorizer = runtimes.load(folder, runtime="openvino", precision="float32")
    assert runtimes.of(colorizer) == ("openvino", "float32")
    inputs = np.random.default_rng(0).uniform(0, 100, (2, *colorizer.size, 1)).astype(np.float32)
    np.testing.assert_allclose(colorizer.predict_ab(inputs), factory.load(folder).predict_ab(inputs), atol=1e-2)
    path.write_bytes(path.read_bytes()[:-1] + b"x")
    with pytest.raises(InputError, match="SHA-256"):
        runtimes.load(folder, runtime="openvino")


def test_python_takes_the_fastest_runtime_and_says_what_needs_keras(installed):
    pytest.importorskip("onnxruntime")
    installed("onnxruntime", "keras")
    colorizer = runtimes.load(PRESETS[0])
    assert runtimes.of(colorizer) == ("onnx", "float32")
    assert runtimes.of(colorizer).with_version() == f"ONNX Runtime {version('onnxruntime')}, float32"
    with pytest.raises(InputError, match="only a Keras network can be saved"):
        colorizer.save("nowhere")
    with pytest.raises(AttributeError, match="a network in onnx has no 'summary': load it with runtime=\"keras\""):
        colorizer.network.summary()


def test_a_colorizer_without_an_exported_network_runs_in_keras(saved):
    colorizer = runtimes.load(saved[0])
    assert runtimes.of(colorizer) == ("keras", "float32")
    assert runtimes.of(colorizer).with_version() == f"Keras {version('keras')} on {backend.backend_name()}, float32"


@pytest.mark.parametrize("kind", KINDS)
def test_a_picture_needs_neither_keras_nor_its_backend(kind, tmp_path, project):
    if not engines.RUNTIMES[kind].is_installed():
        pytest.skip("not installed")
    code = f"""
import sys
from fusioncolor.cli.predict import main
code = main(["tests/golden/dense.photographs/rocket.png", "--output", {str(tmp_path)!r}, "--runtime", {kind!r}, "-v"])
sys.exit(code or ", ".join({{"keras", "tensorflow", "torch", "jax"}} & set(sys.modules)) or 0)
"""
    done = subprocess.run([sys.executable, "-c", code], cwd=project, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert f"runs in {engines.RUNTIMES[kind].title}" in done.stdout
    assert (tmp_path / "rocket.png").is_file()
