"""Commands that are killed or stopped: started again, they end as if they had never been interrupted."""

import os
import random
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from support import content

from fusioncolor import files, images
from fusioncolor.prediction import manifest
from fusioncolor.run_folder import RunFolder
from fusioncolor.training import checkpoint

OPTIONS = ["--no-inception", "--image-size", 32, "--batch-size", 4, "--precision", "float32", "--preview-every", 2]


COMPARED = ("log.csv", "curves.png", "previews/epoch-002.png", "best/network.weights.h5", "last/network.weights.h5")


def differences(one, other) -> list[str]:
    """Names everything that is not bit-identical in two finished runs."""
    first, second = checkpoint.newest(RunFolder(one)), checkpoint.newest(RunFolder(other))
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


def wait_for_state(run, process, after=(), seconds: int = 120) -> None:
    """Waits until a state is written that is none of those named; not for ever."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline and process.poll() is None:
        names = {path.name for path in (run / "state").glob("0*.npz")}
        if names - set(after):
            return
        time.sleep(0.02)


@pytest.mark.slow
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
    assert not checkpoint.newest(RunFolder(killed)).facts["finished"]
    resumed = start(project, "--resume", killed)
    printed, _ = resumed.communicate()
    assert resumed.returncode == 0, printed
    assert "continuing in epoch" in printed
    assert differences(whole, killed) == []


@pytest.mark.slow
def test_ctrl_c_saves_and_says_how_to_go_on(project, scenes, tmp_path):
    run = tmp_path / "run"
    process = start(project, scenes, "--run", run, *OPTIONS, "--epochs", 400, "--save-every", 100000)
    wait_for_state(run, process)
    first = {path.name for path in (run / "state").glob("0*.npz")}
    time.sleep(0.5)
    process.send_signal(signal.SIGINT)
    printed, _ = process.communicate(timeout=60)
    assert process.returncode == 130
    assert f"continue with --resume {run}" in printed
    assert "Traceback" not in printed
    assert {path.name for path in (run / "state").glob("0*.npz")} - first  # saved at that very step


@pytest.mark.parametrize(
    ("kills", "while_writing", "epochs"),
    [pytest.param(4, 1, 6, marks=pytest.mark.slow), pytest.param(20, 3, 20, marks=pytest.mark.long)],
)
def test_kills_at_random_moments_lose_nothing(kills, while_writing, epochs, project, scenes, tmp_path):
    """Among them kills while a state or a colorizer is being written: the temporary files they leave show it."""
    recipe = [*OPTIONS, "--epochs", epochs, "--save-every", 1, "--ema", 0.9, "--patience", 1]
    whole, killed = tmp_path / "whole", tmp_path / "killed"
    process = start(project, scenes, "--run", whole, *recipe)
    wait_for_state(whole, process)
    began = time.monotonic()
    assert process.wait() == 0
    step = (time.monotonic() - began) / (3 * epochs)  # seconds; an epoch has three
    rng = random.Random(0)
    process = start(project, scenes, "--run", killed, *recipe)
    while kills > 0 or while_writing > 0:
        before = {path.name for path in (killed / "state").glob("0*.npz")}
        wait_for_state(killed, process, after=before)  # so that every attempt gets somewhere
        time.sleep(rng.uniform(0, step))  # and not far, however quick the machine
        assert process.poll() is None, f"finished with {kills} kills to go, {while_writing} of them while writing"
        process.kill()
        process.wait()
        kills -= 1
        while_writing -= bool([path for path in killed.rglob(".*") if path.name != ".lock"])
        process = start(project, "--resume", killed)
    assert process.wait() == 0
    assert differences(whole, killed) == []
    assert [path.name for path in killed.rglob(".*")] == [".lock"]


def command(folder, output, weights) -> list:
    script = Path(__file__).parents[2] / "predict.py"
    return [sys.executable, script, folder, "--output", output, "--weights", weights, "--batch-size", "2"]


def wait_for_result(output: Path, process: subprocess.Popen) -> None:
    while process.poll() is None and not (output.is_dir() and images.find_in(output)):
        time.sleep(0.01)


@pytest.mark.slow
def test_ctrl_c_finishes_what_is_in_hand_and_a_rerun_the_rest(scenes, weights, tmp_path):
    folder, output = tmp_path / "in", tmp_path / "out"
    for copy in range(20):
        shutil.copytree(scenes, folder / str(copy))
    process = subprocess.Popen(command(folder, output, weights), stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    wait_for_result(output, process)
    process.send_signal(signal.SIGINT)
    printed, complained = (text.decode() for text in process.communicate(timeout=60))
    assert process.returncode == 130, complained
    assert "photographs colorized" in printed
    assert "run the same command again to finish the rest" in complained
    assert "Traceback" not in complained
    assert 0 < len(images.find_in(output)) < 320
    assert not [name for name in content(output) if files.TEMPORARY.fullmatch(Path(name).name)]


def kill_and_rerun(folder, weights, tmp_path, kills: int) -> None:
    """Kills a run at random moments until it is through; it leaves what an uninterrupted one does."""
    random.seed(0)
    subprocess.run(command(folder, tmp_path / "whole", weights), check=True, capture_output=True)
    output, killed = tmp_path / "out", 0
    while True:
        process = subprocess.Popen(command(folder, output, weights), stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        before = len(images.find_in(output)) if output.is_dir() else 0
        if killed < kills:
            while process.poll() is None and len(images.find_in(output) if output.is_dir() else []) <= before:
                time.sleep(0.005)
            time.sleep(random.uniform(0, 0.05))
            process.send_signal(signal.SIGKILL)
            process.communicate()
            killed += 1
            for path in images.find_in(output):
                images.read(path)  # nothing is torn
            continue
        assert process.wait(timeout=300) == 0
        break
    assert content(output) == content(tmp_path / "whole")


@pytest.mark.slow
def test_killed_and_started_again_a_run_ends_as_if_it_was_not(scenes, weights, tmp_path):
    kill_and_rerun(scenes, weights, tmp_path, kills=2)


@pytest.mark.long
def test_killed_twenty_times_a_run_ends_as_if_it_was_not(scenes, weights, tmp_path):
    for copy in range(10):
        shutil.copytree(scenes, tmp_path / "in" / str(copy))
    kill_and_rerun(tmp_path / "in", weights, tmp_path, kills=20)


@pytest.mark.long
def test_parts_killed_and_started_again_side_by_side_end_as_one_run(scenes, weights, tmp_path):
    """Three parts at a time on one folder; each is killed twice, and a second process on a part is refused."""
    for copy in range(2):
        shutil.copytree(scenes, tmp_path / "in" / str(copy))
    output = tmp_path / "out"
    subprocess.run(command(tmp_path / "in", tmp_path / "whole", weights), check=True, capture_output=True)

    def begin(part: int) -> subprocess.Popen:
        options = ["--shard", f"{part}/3"]
        return subprocess.Popen(
            [*command(tmp_path / "in", output, weights), *options], stdout=subprocess.PIPE, stderr=subprocess.PIPE
        )

    rng = random.Random(0)
    for _ in range(2):
        before = len(images.find_in(output)) if output.is_dir() else 0
        processes = [begin(part) for part in (1, 2, 3)]
        while len(images.find_in(output) if output.is_dir() else []) <= before:
            time.sleep(0.005)
        time.sleep(rng.uniform(0, 0.2))
        for process in processes:
            process.kill()
            process.communicate()
    for path in images.find_in(output):
        images.read(path)  # nothing is torn
    with manifest.opened(output, "settings", part="3-of-3"):
        refused = begin(3)
        assert "another command is colorizing the same --shard" in refused.communicate(timeout=300)[1].decode()
    processes = [begin(part) for part in (3, 1, 2)]
    complained = [process.communicate(timeout=300)[1].decode() for process in processes]
    assert [process.returncode for process in processes] == [0, 0, 0], complained
    left = {name: one for name, one in content(output).items() if not name.endswith(".jsonl")}
    assert left == content(tmp_path / "whole")
