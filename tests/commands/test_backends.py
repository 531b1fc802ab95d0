"""The same code on every Keras backend that is installed: the same colors, and the same training step."""

import os
import subprocess
import sys
from importlib.util import find_spec

import numpy as np
import pytest

pytestmark = [pytest.mark.keras, pytest.mark.slow]
BACKENDS = ["tensorflow", "jax", "torch"]

# float32 on every side: predictions before a step, the loss, predictions after it
SCRIPT = """
import sys
import numpy as np
from fusioncolor.models import factory

colorizer = factory.load(sys.argv[1])
rng = np.random.default_rng(0)
lightness = rng.uniform(0, 100, (2, 64, 64, 1)).astype(np.float32)
target = rng.uniform(-0.5, 0.5, (2, 64, 64, 2)).astype(np.float32)
before = colorizer.predict_ab(lightness)
network = colorizer.network
network.compile("sgd", "mse", jit_compile=network.jit_compile)
loss = network.train_on_batch(lightness, target)
np.savez(sys.argv[2], before=before, loss=np.float64(loss), after=colorizer.predict_ab(lightness))
others = {"tensorflow", "jax", "torch"} - {sys.argv[3]}
sys.exit(3 if others & {name.split(".")[0] for name in sys.modules} & {"tensorflow"} else 0)
"""


@pytest.fixture(scope="module")
def saved(tmp_path_factory):
    """A whole fusion network, InceptionV3 included, with weights that spread its output."""
    from fusioncolor.models import factory

    folder = tmp_path_factory.mktemp("saved") / "whole"
    colorizer = factory.create("fusion", size=(64, 64), seed=0)
    kernel = colorizer.network.get_layer("output").kernel
    kernel.assign(np.asarray(kernel) * 10)
    colorizer.save(folder, dtype="float32")
    return folder


def run_on(backend, saved, output):
    if not find_spec(backend):
        pytest.skip(f"{backend} is not installed")
    arguments = [sys.executable, "-c", SCRIPT, saved, output, backend]
    done = subprocess.run(arguments, env={**os.environ, "KERAS_BACKEND": backend}, capture_output=True, text=True)
    assert done.returncode != 3, "TensorFlow was imported under another backend"
    assert done.returncode == 0, done.stderr
    return np.load(output)


@pytest.fixture(scope="module")
def reference(saved, tmp_path_factory):
    return run_on("tensorflow", saved, tmp_path_factory.mktemp("reference") / "result.npz")


@pytest.mark.parametrize("backend", BACKENDS[1:])
def test_backends_agree_on_colors_and_on_a_training_step(backend, saved, reference, tmp_path):
    result = run_on(backend, saved, tmp_path / "result.npz")
    assert np.abs(reference["before"]).max() > 1
    scale = 110  # ab units; 1e-3 is meant on the network's tanh output
    for name in ("before", "after"):
        np.testing.assert_allclose(result[name] / scale, reference[name] / scale, atol=1e-3)
    assert result["loss"] == pytest.approx(float(reference["loss"]), rel=1e-3)


def test_tensorflow_alone_predicts_and_trains(reference):
    assert np.isfinite(reference["after"]).all()
    assert not np.array_equal(reference["before"], reference["after"])


@pytest.mark.parametrize("backend", BACKENDS)
def test_the_scripts_run_on_every_backend(backend, scenes, tmp_path, run_script):
    if not find_spec(backend):
        pytest.skip(f"{backend} is not installed")
    options = ["--no-inception", "--image-size", 32, "--epochs", 1, "--batch-size", 4, "--limit", 8]
    trained = run_script("train.py", scenes, "--run", tmp_path / "run", *options, KERAS_BACKEND=backend)
    assert trained.returncode == 0, trained.stderr
    arguments = [scenes / "scene-0000.png", "--output", tmp_path / "out", "--weights", tmp_path / "run" / "best"]
    predicted = run_script("predict.py", *arguments, KERAS_BACKEND=backend)
    assert predicted.returncode == 0, predicted.stderr
    assert (tmp_path / "out" / "scene-0000.png").exists()


@pytest.mark.parametrize("backend", BACKENDS[1:])
def test_every_model_keeps_its_promises_on_every_backend(backend, project):
    if not find_spec(backend):
        pytest.skip(f"{backend} is not installed")
    battery = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "tests/unit/models/test_families.py"]
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
    done = subprocess.run(
        battery, cwd=project, env={**environment, "KERAS_BACKEND": backend}, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout[-3000:]
