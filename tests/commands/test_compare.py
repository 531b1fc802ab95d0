"""`fusioncolor compare` as a user runs it."""

import subprocess
import sys

import numpy as np

from fusioncolor import images
from fusioncolor.prediction import manifest
from fusioncolor.prediction.plan import Task


def test_a_folder_of_results_becomes_a_page_without_keras(tmp_path, project):
    with manifest.opened(tmp_path / "out", "settings") as finished:
        images.write(tmp_path / "out" / "a.png", np.full((8, 8, 3), 99, np.uint8))
        finished.record(Task(tmp_path / "a.png", tmp_path / "out" / "a.png"), "stamp", {"doubt": 9.0})
    code = (
        "import sys; from fusioncolor.cli import commands; "
        "code = commands.main(sys.argv[1:]); assert 'keras' not in sys.modules; sys.exit(code)"
    )
    words = ["compare", tmp_path / "out", "--output", tmp_path / "look"]
    done = subprocess.run([sys.executable, "-c", code, *words], cwd=project, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("1 photograph compared") and done.stdout.endswith(", and 1 contact sheet beside it\n")
    assert (tmp_path / "look" / "index.html").exists()


def test_no_folder_is_a_mistake(capsys):
    from fusioncolor.cli import commands

    assert commands.main(["compare"]) == 2
    assert "name at least one FOLDER of results" in capsys.readouterr().err
