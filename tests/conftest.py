import os
import subprocess
import sys
from pathlib import Path

import pytest

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
PROJECT = Path(__file__).parents[1]


@pytest.fixture(scope="session")
def project() -> Path:
    return PROJECT


@pytest.fixture(scope="session")
def scenes(tmp_path_factory) -> Path:
    """A folder of 16 synthetic landscapes, 64x64."""
    folder = tmp_path_factory.mktemp("scenes")
    script = PROJECT / "datasets" / "synthetic" / "prepare.py"
    subprocess.run([sys.executable, script, "--count", "16", "--size", "64", "--output", folder], check=True)
    return folder


@pytest.fixture(scope="session")
def run_script():
    """Runs `train.py` or `predict.py` as a user would: (name, *arguments, cwd=..., env=...) -> CompletedProcess."""

    def run(name, *arguments, cwd=PROJECT, **environment):
        return subprocess.run(
            [sys.executable, PROJECT / name, *map(str, arguments)],
            cwd=cwd,
            env={**os.environ, "PYTHONPATH": str(PROJECT), **environment},
            capture_output=True,
            text=True,
            timeout=600,
        )

    return run


@pytest.fixture(scope="session")
def trained_run(scenes, run_script, tmp_path_factory) -> Path:
    """The run folder of a few epochs on the synthetic landscapes, without InceptionV3."""
    run = tmp_path_factory.mktemp("runs") / "tiny"
    options = ["--no-inception", "--image-size", 32, "--epochs", 3, "--batch-size", 4, "--preview-every", 2]
    done = run_script("train.py", scenes, "--run", run, "--precision", "float32", *options)
    assert done.returncode == 0, done.stderr
    return run
