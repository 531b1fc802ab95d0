"""`fusioncolor evaluate` as a user runs it, and the figures it writes."""

import csv
import json
import re
import shutil
import subprocess
import sys
from functools import partial

import keras
import numpy as np
import pytest
from keras import layers
from support import upload

from fusioncolor import color, images, metrics, version
from fusioncolor.compose import finish
from fusioncolor.models import factory
from fusioncolor.models.predictor import Source


@pytest.fixture(scope="module")
def evaluate(run_command):
    """Runs `fusioncolor evaluate`: (*arguments) -> CompletedProcess."""
    return partial(run_command, "evaluate")


@pytest.fixture(scope="module")
def photographs(scenes, tmp_path_factory):
    """Ten scenes, one of them gray, and a broken file."""
    folder = tmp_path_factory.mktemp("judged")
    for path in images.find_in(scenes)[:9]:
        shutil.copy(path, folder)
    gray = images.read(images.find_in(scenes)[9]).rgb.mean(axis=-1, keepdims=True).repeat(3, axis=-1)
    images.write(folder / "without-color.png", gray.astype(np.uint8))
    (folder / "broken<b>.jpg").write_text("no picture")
    return folder


@pytest.fixture(scope="module")
def report(evaluate, photographs, trained_run, tmp_path_factory):
    """The folder and the output of an evaluation."""
    output = tmp_path_factory.mktemp("evaluated") / "report"
    options = ["--models", trained_run / "best", "random", "--image-size", 48, "--examples", 2]
    done = evaluate(photographs, *options, "--refine", "segment", "--runs", trained_run, "--output", output)
    assert "Traceback" not in done.stderr
    return output, done


def table_of(output) -> dict[tuple[str, str], dict]:
    return {(row["model"], row["metric"]): row for row in rows_of(output / "table.csv")}


def rows_of(path) -> list[dict]:
    """Of a CSV under its protocol."""
    return list(csv.DictReader(line for line in path.read_text().splitlines() if not line.startswith("#")))


def test_broken_files_are_named_and_the_rest_is_evaluated(report):
    output, done = report
    assert done.returncode == 1
    assert "broken<b>.jpg" in done.stderr
    assert "9 photographs evaluated" in done.stdout
    results = json.loads((output / "evaluation.json").read_text())
    assert results["protocol"]["photographs"] == "9 in color; left out: 1 without color, 1 unreadable"
    assert len(results["unreadable"]) == 1


def test_keras_is_imported_only_where_a_model_runs_in_it(photographs, tmp_path, project):
    arguments = [images.find_in(photographs)[1], "--models", "mean", "--baselines", "mean", "--output", tmp_path]
    code = f"""
import sys
from fusioncolor.cli.evaluate import main
code = main({[str(one) for one in arguments]!r})
sys.exit(code or ", ".join({{"keras", "tensorflow", "torch", "jax"}} & set(sys.modules)) or 0)
"""
    done = subprocess.run([sys.executable, "-c", code], cwd=project, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    protocol = json.loads((tmp_path / "evaluation.json").read_text())["protocol"]
    assert protocol["version"] == f"fusioncolor {version.__version__}"


def test_photographs_at_an_address_give_the_figures_of_a_folder(evaluate, photographs, memory, tmp_path, monkeypatch):
    monkeypatch.setenv("FUSIONCOLOR_HOME", str(tmp_path / "home"))
    upload(photographs, f"{memory}/photographs")
    figures = []
    for name, given in (("here", photographs), ("there", f"{memory}/photographs")):
        options = ["--models", "mean", "--baselines", "mean", "--image-size", "48", "--output", tmp_path / name]
        done = evaluate(given, *options)
        assert done.returncode == 1, done.stderr  # a file is broken
        assert "9 photographs evaluated" in done.stdout
        figures.append(table_of(tmp_path / name))
    assert figures[0] == figures[1]


def test_null_models_stand_beside_the_model_though_nobody_asked(report):
    names = json.loads((report[0] / "evaluation.json").read_text())["models"]
    assert names[:2] == ["tiny/best", "tiny/best, segment"]
    assert set(names[2:]) == {"gray", "mean", "random", "welsh", "oracle_mean"}


def test_the_figures_are_those_of_the_metrics_on_the_pictures(report, photographs, trained_run):
    colorizer = factory.load(trained_run / "best")
    paths = [path for path in images.find_in(photographs) if path.name.startswith("scene")]
    rows = {row["photograph"]: row for row in rows_of(report[0] / "photographs.csv") if row["model"] == "tiny/best"}
    assert set(rows) == {str(path) for path in paths}
    for path in paths[:3]:
        actual = images.read_resized(path, (48, 48))
        lightness, true_ab = color.split(color.rgb_to_lab(actual))
        predicted = finish(lightness, colorizer.predict_ab(colorizer.prepare(Source(lightness))[None])[0])
        ab = color.rgb_to_lab(predicted)[..., 1:]
        row = {name: float(value) for name, value in rows[str(path)].items() if re.fullmatch(r"-?[\d.e+-]+", value)}
        assert row["psnr"] == pytest.approx(metrics.psnr(predicted, actual), abs=0.05)  # batches differ in last bits
        assert row["auc"] == pytest.approx(metrics.auc(ab, true_ab), abs=0.05)
        assert row["ssim"] == pytest.approx(metrics.ssim(predicted, actual), abs=1e-3)
        assert row["colorfulness"] == pytest.approx(metrics.colorfulness(predicted), abs=0.1)
        assert row["bias"] == pytest.approx(row["auc"] - row["auc_rebalanced"], abs=1e-3)


def test_gray_gains_nothing_over_gray_and_the_flat_oracle_does(report):
    table = table_of(report[0])
    assert float(table["gray", "psnr"]["gain_over_gray"]) == 0
    assert float(table["oracle_mean", "psnr"]["low"]) > 0
    assert float(table["gray", "pa"]["value"]) == 100
    assert float(table["gray", "colorfulness"]["value"]) < 0.5
    truth = float(table["truth", "colorfulness"]["value"])
    row = table["random", "delta_colorfulness"]
    assert float(row["value"]) == pytest.approx(float(table["random", "colorfulness"]["value"]) - truth, abs=1e-3)


def test_every_file_states_the_protocol(report, trained_run):
    digest = json.loads((trained_run / "best" / "colorizer.json").read_text())["weights"]["sha256"]
    for name in ("table.csv", "photographs.csv", "table.md", "evaluation.json", "index.html"):
        text = (report[0] / name).read_text()
        assert digest in text, name
        assert "resized to 48x48" in text, name
        assert "9 in color" in text, name


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ([], "name color photographs"),
        (["nowhere"], "no such file or folder: nowhere"),
        (["{scenes}", "--models", "nowhere"], "nowhere"),
        (["{scenes}", "--runs", "nowhere"], "nowhere is not a run folder"),
        (["{scenes}", "--image-size", "0"], "--image-size must be 1 or more"),
        (["{scenes}", "--lpips-weights", "x"], "--lpips-weights is for --lpips"),
        (["{scenes}", "--reference", "nowhere"], "--reference"),
        (["{empty}"], "no image in folder"),
        (["{gray}", "--models", "gray"], "no photograph in color to judge: 1 without color"),
    ],
)
def test_a_mistake_is_answered_in_one_line(evaluate, scenes, tmp_path, arguments, sentence):
    folders = {name: tmp_path / name for name in ("empty", "gray")}
    for folder in folders.values():
        folder.mkdir()
    images.write(folders["gray"] / "gray.png", np.full((9, 9, 3), 90, np.uint8))
    done = evaluate(*[argument.format(scenes=scenes, **folders) for argument in arguments])
    assert done.returncode == 2
    assert sentence in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.slow
def test_photographs_are_cropped_or_judged_at_their_own_size(evaluate, scenes, tmp_path):
    wide = np.tile(images.read(images.find_in(scenes)[0]).rgb, (1, 3, 1))[:, :150]
    images.write(tmp_path / "in" / "wide.png", wide)
    sizes = {}
    for name, options in (("whole", ["--full-size"]), ("square", ["--full-size", "--crop"]), ("small", ["--crop"])):
        done = evaluate(tmp_path / "in", "--models", "gray", "--examples", 0, "--output", tmp_path / name, *options)
        assert done.returncode == 0, done.stderr
        sizes[name] = int(rows_of(tmp_path / name / "photographs.csv")[0]["pixels"])
    assert sizes == {"whole": 64 * 150, "square": 64 * 64, "small": 256 * 256}


def test_a_list_of_photographs_as_training_writes_it_can_be_judged(evaluate, trained_run, tmp_path):
    done = evaluate(trained_run / "validation.txt", "--models", "gray", "--examples", 0, "--output", tmp_path / "out")
    assert done.returncode == 0, done.stderr
    assert "4 photographs evaluated" in done.stdout


@pytest.mark.slow
def test_luma_sensitivity_is_measured_on_request(evaluate, scenes, trained_run, tmp_path):
    options = ["--models", trained_run / "best", "--luma-sensitivity", "--image-size", 32, "--examples", 0]
    assert evaluate(scenes, *options, "--output", tmp_path / "out").returncode == 0
    table = table_of(tmp_path / "out")
    assert float(table["tiny/best", "luma_sensitivity"]["value"]) > 0
    assert table["gray", "luma_sensitivity"]["value"] == ""
    assert table["gray", "luma_sensitivity"]["photographs"] == "0"


@pytest.mark.slow
def test_a_classifier_says_whether_photographs_are_still_taken_for_what_they_are(evaluate, tmp_path):
    pictures = keras.Input((8, 8, 3))
    dense = layers.Dense(2, use_bias=False)
    network = keras.Model(pictures, dense(layers.GlobalAveragePooling2D()(pictures)))
    dense.kernel.assign([[0, 1], [0, 0], [1, 0]])
    network.save(tmp_path / "colors.keras")
    noise = np.random.default_rng(0).integers(0, 40, (16, 16, 3), dtype=np.uint8)
    images.write(tmp_path / "in" / "blue" / "1.png", noise + np.array([0, 0, 150], np.uint8))
    images.write(tmp_path / "in" / "red" / "2.png", noise + np.array([150, 0, 0], np.uint8))
    options = ["--models", "gray", "--classifier", tmp_path / "colors.keras", "--examples", 0]
    done = evaluate(tmp_path / "in", *options, "--output", tmp_path / "out")
    assert done.returncode == 0, done.stderr
    table = table_of(tmp_path / "out")
    assert float(table["truth", "accuracy"]["value"]) == 100
    assert float(table["oracle_mean", "accuracy"]["value"]) == 100
    assert float(table["gray", "accuracy"]["value"]) < 100
    assert "class = folder name" in (tmp_path / "out" / "index.html").read_text()


def test_null_models_alone_have_no_luma_sensitivity(evaluate, scenes, tmp_path):
    options = ["--models", "gray", "--luma-sensitivity", "--image-size", 32, "--examples", 0, "--limit", 1]
    done = evaluate(scenes, *options, "--output", tmp_path / "out")
    assert done.returncode == 0, done.stderr
    assert "1 drawn at random" in done.stdout
    assert ("gray", "luma_sensitivity") not in table_of(tmp_path / "out")
