"""Trainings of several processes on one machine, each with one CPU device, that meet over loopback."""

import os
import shutil
import socket
import subprocess
import sys
import time
from contextlib import contextmanager
from importlib.util import find_spec

import numpy as np
import pytest
from support import log_of
from test_kills import differences, wait_for_state

pytestmark = [
    pytest.mark.keras,
    pytest.mark.long,
    pytest.mark.skipif(find_spec("jax") is None, reason="jax is not installed"),
]
OPTIONS = ["--no-inception", "--image-size", 32, "--batch-size", 4, "--precision", "float32", "--preview-every", 2]
RECIPE = [*OPTIONS, "--epochs", 3, "--save-every", 1, "--monitor", "val_rmse", "--validation-split", 0.4]
FIRST, LATER = 1e-5, 1e-2  # relative: sums are rounded in another order, which Adam and small batches soon amplify


def addresses() -> str:
    """Two free ports of this machine."""
    with socket.socket() as one, socket.socket() as two:
        for each in (one, two):
            each.bind(("127.0.0.1", 0))
        return ",".join(f"127.0.0.1:{each.getsockname()[1]}" for each in (one, two))


@contextmanager
def started(project, *arguments, processes: int = 2):
    """Starts the same training in several processes, and ends those that are left."""
    hosts = addresses()
    environment = {**os.environ, "PYTHONPATH": str(project), "KERAS_BACKEND": "jax", "JAX_PLATFORMS": "cpu"}
    running = []
    for index in range(processes):
        several = ["--hosts", hosts, "--host-index", index] if processes > 1 else []
        command = [sys.executable, project / "train.py", *arguments, *several]
        running.append(
            subprocess.Popen(
                [str(part) for part in command],
                env=environment,
                cwd=project,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
            )
        )
    try:
        yield running
    finally:
        for process in running:
            process.kill()
            process.wait()


def run_together(project, *arguments, processes: int = 2) -> list[str]:
    with started(project, *arguments, processes=processes) as running:
        printed = [process.communicate(timeout=600)[0] for process in running]
        assert [process.returncode for process in running] == [0] * processes, printed
    return printed


def columns(run, names=("loss", "val_loss", "val_rmse")) -> np.ndarray:
    return np.array([[float(row[name]) for name in names] for row in log_of(run)])


@pytest.fixture(scope="module")
def together(project, scenes, tmp_path_factory):
    run = tmp_path_factory.mktemp("together") / "run"
    printed = run_together(project, scenes, "--run", run, *RECIPE)
    return run, printed


def test_two_processes_learn_what_one_does(project, scenes, together, tmp_path):
    run, printed = together
    run_together(project, scenes, "--run", tmp_path / "one", *RECIPE, processes=1)
    np.testing.assert_allclose(columns(run)[0], columns(tmp_path / "one")[0], rtol=FIRST)
    np.testing.assert_allclose(columns(run), columns(tmp_path / "one"), rtol=LATER)
    assert "epoch 3/3" in printed[0]
    assert "process 1 of 2; process 0 reports" in printed[1]
    assert "epoch" not in printed[1].replace("[Gloo]", "")
    assert sorted(path.name for path in run.iterdir()) == sorted(path.name for path in (tmp_path / "one").iterdir())


def test_when_one_is_killed_the_other_ends_with_a_sentence_and_resuming_goes_on(project, scenes, together, tmp_path):
    whole, _ = together
    run = tmp_path / "run"
    with started(project, scenes, "--run", run, *RECIPE) as (first, second):
        wait_for_state(run, first)
        second.kill()
        start = time.monotonic()
        printed, _ = first.communicate(timeout=60)
        assert time.monotonic() - start < 30
    assert first.returncode == 2
    assert "another process of this training has ended or cannot be reached; start the training again" in printed
    assert f"--resume {run}" in printed
    assert "Traceback" not in printed
    assert "Check failure" not in printed
    shutil.copytree(run, tmp_path / "alone")
    run_together(project, "--resume", run)
    assert differences(whole, run) == []
    run_together(project, "--resume", tmp_path / "alone", processes=1)
    np.testing.assert_allclose(columns(tmp_path / "alone"), columns(whole), rtol=LATER)
