"""A training that is killed and resumed ends with the same bits as one that never was."""

import os
import signal
import subprocess
import sys
import time

import numpy as np

from fusioncolor import checkpoint

OPTIONS = ["--no-inception", "--image-size", 32, "--batch-size", 4, "--precision", "float32", "--preview-every", 2]
COMPARED = ("log.csv", "curves.png", "previews/epoch-002.png", "best/network.weights.h5", "last/network.weights.h5")


def differences(one, other) -> list[str]:
    """What is not the same, to the last bit, in two finished runs."""
    first, second = checkpoint.newest(one), checkpoint.newest(other)
    assert first.facts["finished"]
    assert second.facts["finished"]
    arrays = enumerate(zip(first.arrays, second.arrays, strict=True))
    found = [f"array {index}" for index, (a, b) in arrays if not np.array_equal(a, b)]
    found += [name for name in COMPARED if (one / name).read_bytes() != (other / name).read_bytes()]
    return found + (["remembered"] if first.facts["remembered"] != second.facts["remembered"] else [])


def start(project, *arguments) -> subprocess.Popen:
    command = [sys.executable, project / "train.py", *map(str, arguments)]
    environment = {**os.environ, "PYTHONPATH": str(project)}
    return subprocess.Popen(
        command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, cwd=project
    )


def wait_for_state(run, process, after=()) -> None:
    """Waits until a state is written that is none of those named; not for ever."""
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline and process.poll() is None:
        names = {path.name for path in (run / "state").glob("0*.npz")}
        if names - set(after):
            return
        time.sleep(0.02)


def test_killed_in_the_middle_of_an_epoch_and_resumed_it_ends_with_the_same_bits(project, scenes, tmp_path):
    """Momentum, schedule, moving average, best value, curves and log: nothing begins anew."""
    recipe = [*OPTIONS, "--epochs", 3, "--save-every", 2, "--ema", 0.9, "--patience", 1, "--monitor", "val_rmse"]
    whole, killed = tmp_path / "aa", tmp_path / "bb"
    assert start(project, scenes, "--run", whole, *recipe).wait() == 0
    process = start(project, scenes, "--run", killed, *recipe, "--workers", 1)
    wait_for_state(killed, process)
    first = {path.name for path in (killed / "state").glob("0*.npz")}
    wait_for_state(killed, process, after=first)
    process.kill()
    process.wait()
    assert not checkpoint.newest(killed).facts["finished"]
    resumed = start(project, "--resume", killed)
    printed, _ = resumed.communicate()
    assert resumed.returncode == 0, printed
    assert "going on in epoch" in printed
    assert differences(whole, killed) == []


def test_ctrl_c_saves_and_says_how_to_go_on(project, scenes, tmp_path):
    run = tmp_path / "run"
    process = start(project, scenes, "--run", run, *OPTIONS, "--epochs", 400, "--save-every", 100000)
    wait_for_state(run, process)
    first = {path.name for path in (run / "state").glob("0*.npz")}
    time.sleep(0.5)
    process.send_signal(signal.SIGINT)
    printed, _ = process.communicate(timeout=60)
    assert process.returncode == 130
    assert f"go on with: train.py --resume {run}" in printed
    assert "Traceback" not in printed
    assert {path.name for path in (run / "state").glob("0*.npz")} - first  # saved at that very step
