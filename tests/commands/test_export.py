import json
import re
import subprocess
import sys

import numpy as np
from support import exported, require

from fusioncolor import color, images
from fusioncolor.models import engines, factory
from fusioncolor.models.predictor import Source


def test_predict_runs_an_exported_network(trained_run, scenes, tmp_path, run_command):
    require("openvino")
    path = exported(trained_run, tmp_path, "openvino")
    one = images.find_in(scenes)[0]
    for name, options in (("keras", []), ("engine", ["--engine", path])):
        options = ["--weights", trained_run / "best", "--precision", "float32", "--output", tmp_path / name, *options]
        done = run_command("predict", one, *options)
        assert done.returncode == 0, done.stderr
    pictures = [images.read(tmp_path / name / one.name).rgb.astype(int) for name in ("keras", "engine")]
    assert np.abs(pictures[0] - pictures[1]).max() <= 1
    rerun = run_command("predict", one, *options)
    assert "nothing to do" in rerun.stdout


def test_all_files_of_an_exported_network_are_named(trained_run, tmp_path, run_command):
    require("openvino")
    done = run_command("export", "--weights", trained_run / "best", "--output", tmp_path / "new" / "mine.xml")
    assert done.returncode == 0, done.stderr
    written = sorted(path.name for path in (tmp_path / "new").iterdir())
    first, *rest = done.stdout.splitlines()[-2].split("; beside it, and part of it: ")
    assert sorted([str(first).rpartition("/")[2], *rest[0].split(", ")]) == written


def test_an_onnx_file_and_the_script_in_the_documentation_make_the_picture(trained_run, scenes, project, tmp_path):
    require("onnx")
    path = exported(trained_run, tmp_path, "onnx")
    facts = json.loads(engines.description_of(path).read_text())
    assert facts["input"]["shape"] == ["batch", 32, 32, 1]
    assert (facts["output"]["name"], facts["output"]["shape"]) == ("ab", ["batch", 32, 32, 2])
    text = (project / "docs" / "export.md").read_text(encoding="utf-8")
    script = tmp_path / "without.py"
    script.write_text(re.search(r"^```python\n(.*?)^```$", text, re.M | re.S)[1])
    assert "fusioncolor" not in script.read_text()
    assert len(script.read_text().splitlines()) <= 30
    one = images.find_in(scenes)[0]
    command = [sys.executable, script, path, one, tmp_path / "colored.png"]
    done = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    found = images.read(tmp_path / "colored.png").rgb.astype(int)
    colorizer = factory.load(trained_run / "best")
    lightness = color.rgb_to_lightness(images.read(one).rgb)
    ab = images.resize(colorizer.predict_ab(colorizer.prepare(Source(lightness))[None])[0], lightness.shape[:2])
    expected = color.join_in_gamut(lightness, ab)  # chroma does not follow edges there
    assert np.abs(found - expected).mean() < 1  # resized by other filters
    assert np.ptp(found, axis=-1).mean() > 1  # in color
