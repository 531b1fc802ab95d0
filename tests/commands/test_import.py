"""A file of the user's own, with a model, a loss and a metric, in every command."""

import gc
import sys
from importlib.util import find_spec

import pytest
from support import log_of

from fusioncolor import registries
from fusioncolor.models import saving

SOURCE = """
import keras
import fusioncolor
from fusioncolor.evaluation.catalog import Metric
from fusioncolor.models.families import Family


@fusioncolor.register_model("own_model", Family(size=(32, 32), heads=({"name": "regression"},), summary="mine"))
def own_model(channels, activation):
    lightness = keras.Input((None, None, 1))
    return keras.Model(lightness, keras.layers.Conv2D(channels, 3, padding="same", activation=activation)(lightness))


@fusioncolor.register_loss("own_loss")
def own_loss(target, output):
    return 1000 + 0 * keras.ops.square(target - output)


@fusioncolor.register_metric("own_metric", Metric(title="my metric", unit="", better="lower", text="always 42"))
def own_metric(comparison):
    return 42.0
"""


@pytest.fixture
def own_file(tmp_path):
    """The file; after the test, as if it had never been imported."""
    everything = [one for one in gc.get_objects() if isinstance(one, registries.Registry)]
    path = tmp_path / "mine.py"
    path.write_text(SOURCE)
    yield path
    for one in everything:
        for name in [name for name in one.added() if name.startswith("own_")]:
            one.unregister(name)
    sys.modules.pop(f"fusioncolor_import_{path.resolve().as_posix()}", None)


@pytest.mark.slow
def test_a_model_a_loss_and_a_metric_of_ones_own_work_in_every_command(own_file, scenes, tmp_path, run_command):
    options = ["--epochs", 1, "--batch-size", 4, "--precision", "float32", "--model", "own_model", "--loss", "own_loss"]
    run = tmp_path / "run"
    done = run_command("train", scenes, "--run", run, *options, "--import", own_file)
    assert done.returncode == 0, done.stderr
    assert float(log_of(run)[0]["val_loss"]) == pytest.approx(1000)  # nothing but the loss of one's own says that
    assert saving.read_description(run / "best").training["loss"] == "own_loss"
    pasted = [line for line in done.stdout.splitlines() if line.startswith("  ")][-2:]
    assert all(line.endswith(f"--import {own_file}") for line in pasted)  # they would not load the model without
    using = ["--import", own_file, "--output", tmp_path / "out"]
    done = run_command("predict", scenes / "scene-0000.png", "--weights", run / "best", *using)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "out" / "scene-0000.png").exists()
    done = run_command("evaluate", scenes, "--limit", 2, "--models", run / "best", "--baselines", "gray", *using)
    assert done.returncode == 0, done.stderr
    assert "my metric" in done.stdout.splitlines()[0]
    assert "42.00" in done.stdout
    assert "my metric" in (tmp_path / "out" / "table.md").read_text()
    done = run_command("models", "--import", own_file)
    assert "own_model" in done.stdout
    if find_spec("ai_edge_litert"):  # one of the formats of an export
        options = ["--format", "litert", "--output", tmp_path / "own.tflite", "--import", own_file]
        done = run_command("export", "--weights", run / "best", *options)
        assert done.returncode == 0, done.stderr
        assert f"--import {own_file} --engine {tmp_path / 'own.tflite'}" in done.stdout


def test_without_the_file_the_message_says_what_is_missing(own_file, scenes, tmp_path, run_command):
    options = ["--epochs", 1, "--batch-size", 4, "--precision", "float32", "--run", tmp_path / "run"]
    done = run_command("train", scenes, "--model", "own_model", *options)
    assert done.returncode == 2
    assert "no model 'own_model'; available: fusion" in done.stderr
    assert "--import a file that registers another" in done.stderr
    assert not (tmp_path / "run").exists()


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (None, "no such file"),
        ("1 / 0", "mine.py, line 1: ZeroDivisionError: division by zero"),
        ("import keras\n\ndef f(:\n", "SyntaxError"),
        ("from fusioncolor import register_refinement as r\nr('segment')(len)", "there is already a refinement"),
    ],
)
def test_a_file_that_fails_is_named_in_one_line(tmp_path, run_command, text, sentence):
    path = tmp_path / "mine.py"
    if text is not None:
        path.write_text(text)
    done = run_command("models", "--import", path)
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1
    assert sentence in done.stderr
    assert str(path) in done.stderr


def test_help_runs_nothing(tmp_path, run_command, capsys):
    path = tmp_path / "mine.py"
    path.write_text("raise SystemExit(7)")
    with pytest.raises(SystemExit) as stopped:
        run_command("train", "--import", path, "--help")
    assert stopped.value.code == 0
