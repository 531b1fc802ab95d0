"""A training that is killed and resumed ends with the same bits as one that never was."""

import dataclasses
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

from fusioncolor import images, run_folder
from fusioncolor.config import TrainConfig
from fusioncolor.errors import InputError
from fusioncolor.models import factory
from fusioncolor.training import checkpoint, loop

TINY = {"model": "sift", "pixels": 16, "image_size": 32, "batch_size": 4, "epochs": 2, "precision": "float32"}
TINY |= {"preview_every": 0, "save_every": 1}  # the quickest system: its state is saved and restored as any other
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


@pytest.mark.slow
def test_20_kills_at_random_moments_lose_nothing(project, scenes, tmp_path):
    """Among them kills while a state or a colorizer is being written: the temporary files they leave show it."""
    recipe = [*OPTIONS, "--epochs", 12, "--save-every", 1, "--ema", 0.9, "--patience", 1]
    whole, killed = tmp_path / "whole", tmp_path / "killed"
    assert start(project, scenes, "--run", whole, *recipe).wait() == 0
    rng, kills, while_writing = random.Random(0), 0, 0
    process = start(project, scenes, "--run", killed, *recipe)
    while kills < 20:
        before = {path.name for path in (killed / "state").glob("0*.npz")}
        wait_for_state(killed, process, after=before)  # so that every attempt gets somewhere
        time.sleep(rng.uniform(0, 0.4))
        assert process.poll() is None, "finished before 20 kills"
        process.kill()
        process.wait()
        kills += 1
        while_writing += bool([path for path in killed.rglob(".*") if path.name != ".lock"])
        process = start(project, "--resume", killed)
    assert process.wait() == 0
    assert while_writing >= 3
    assert differences(whole, killed) == []
    assert [path.name for path in killed.rglob(".*")] == [".lock"]


def finished_run(scenes, folder, **options) -> Path:
    return loop.train(TrainConfig(folder=scenes, run=folder, **{**TINY, **options}))


def interrupted_run(scenes, folder, monkeypatch, at: int, **options) -> Path:
    """A run that is broken off when it is about to save for the `at`-th time, as if killed there."""
    written = []
    write = checkpoint.write

    def breaking(run, state):
        if len(written) == at:
            raise SystemExit("killed")
        written.append((state.epoch, state.step))
        write(run, state)

    with monkeypatch.context() as patched:
        patched.setattr(checkpoint, "write", breaking)
        with pytest.raises(SystemExit):
            finished_run(scenes, folder, **options)
    return folder


def test_a_torn_state_is_noticed_and_the_one_before_goes_on(scenes, tmp_path, monkeypatch, capsys):
    run = interrupted_run(scenes, tmp_path / "run", monkeypatch, at=3)
    newest = sorted((run / "state").glob("0*.npz"))[-1]
    content = bytearray(newest.read_bytes())
    content[len(content) // 2] ^= 1
    newest.write_bytes(content)
    loop.train(TrainConfig(resume=run))
    printed = capsys.readouterr()
    assert f"{newest} is damaged" in printed.err
    assert "going on in epoch 1 of 2, after 2 steps" in printed.out
    assert checkpoint.newest(run).facts["finished"]


def test_a_run_that_saved_nothing_begins_again(scenes, tmp_path, monkeypatch, capsys):
    run = interrupted_run(scenes, tmp_path / "run", monkeypatch, at=0)
    loop.train(TrainConfig(resume=run))
    assert "nothing was saved yet" in capsys.readouterr().out
    assert len((run / "log.csv").read_text().splitlines()) == 3


def test_two_states_are_kept_until_the_training_is_finished(scenes, tmp_path, monkeypatch):
    run = interrupted_run(scenes, tmp_path / "run", monkeypatch, at=4)
    assert len(list((run / "state").iterdir())) == 2
    loop.train(TrainConfig(resume=run))
    assert len(list((run / "state").iterdir())) == 1


def test_a_finished_run_is_left_alone(scenes, tmp_path, capsys):
    run = finished_run(scenes, tmp_path / "run")
    before = {path: path.stat().st_mtime_ns for path in run.rglob("*") if path.is_file()}
    loop.train(TrainConfig(resume=run))
    assert "finished; for more epochs" in capsys.readouterr().out
    assert {path: path.stat().st_mtime_ns for path in run.rglob("*") if path.is_file()} == before


def test_sides_follow_each_other_over_an_interruption(scenes, tmp_path, monkeypatch):
    """Best values are forgotten at a new side; a run that is broken off in the second ends as one that was not."""
    options = {"model": "fusion", "pixels": 256, "inception": False}
    options |= {"image_size": "32:1,40:2", "epochs": 60, "monitor": "val_rmse", "limit": 8, "batch_size": 2}
    whole = finished_run(scenes, tmp_path / "whole", **options)
    assert factory.load(whole / "best").size == (40, 40)
    run = interrupted_run(scenes, tmp_path / "run", monkeypatch, at=4, **options)
    loop.train(TrainConfig(resume=run))
    rows = [[line.split(",") for line in (path / "log.csv").read_text().splitlines()] for path in (whole, run)]
    assert len(rows[0]) == 4
    # within one process TensorFlow runs operations in varying order: bits may differ, not more
    np.testing.assert_allclose(np.array(rows[0][1:], float), np.array(rows[1][1:], float), rtol=0.05)


@pytest.mark.parametrize("change", ["gone", "changed", "damaged"])
def test_photographs_that_are_no_longer_the_same_are_noticed(scenes, tmp_path, monkeypatch, change):
    folder = tmp_path / "photographs"
    shutil.copytree(scenes, folder)
    run = interrupted_run(folder, tmp_path / "run", monkeypatch, at=1)
    victim = Path((run / "train.txt").read_text().splitlines()[3])
    if change == "gone":
        victim.unlink()
    elif change == "changed":
        images.write(victim, 255 - images.read(victim).rgb)
    else:
        (run / "photographs.json").write_text("[1, 2]")
    with pytest.raises(InputError, match=f"{change}.*{'' if change == 'damaged' else victim.name}"):
        loop.train(TrainConfig(resume=run))


def test_copies_and_new_photographs_do_not_hinder(scenes, tmp_path, monkeypatch, capsys):
    folder = tmp_path / "photographs"
    shutil.copytree(scenes, folder)
    run = interrupted_run(folder, tmp_path / "run", monkeypatch, at=1)
    for path in images.find_in(folder):
        os.utime(path)  # as after a copy
    shutil.copy(images.find_in(folder)[0], folder / "zz.png")
    loop.train(TrainConfig(resume=run))
    assert "1 photographs are new" in capsys.readouterr().out


def test_a_folder_that_is_no_run_is_refused(scenes, tmp_path):
    for folder, sentence in ((tmp_path / "none", "no such folder"), (scenes, "no run that can go on")):
        with pytest.raises(InputError, match=sentence):
            loop.train(TrainConfig(resume=folder))


def test_options_beside_resume_are_refused(tmp_path):
    with pytest.raises(InputError, match="leave out --epochs"):
        TrainConfig(resume=tmp_path, epochs=3)
    with pytest.raises(InputError, match="leave out a folder"):
        TrainConfig(resume=tmp_path, folder=tmp_path)
    with pytest.raises(InputError, match="name a FOLDER"):
        TrainConfig()
    assert TrainConfig(resume=tmp_path, workers=3).workers == 3


def test_two_processes_never_train_into_one_folder(scenes, tmp_path):
    run = finished_run(scenes, tmp_path / "run")
    with run_folder.locked(run), pytest.raises(InputError, match="another process trains into"):
        loop.train(TrainConfig(resume=run))


def test_a_full_disk_ends_the_run_with_a_sentence_and_loses_nothing(scenes, tmp_path, monkeypatch):
    """The state before stays, and the run goes on from there when there is space again."""
    run, usage, calls = tmp_path / "run", shutil.disk_usage, []

    def full_later(path):
        calls.append(path)
        return usage(path)._replace(free=0) if len(calls) > 3 else usage(path)

    with monkeypatch.context() as patched:
        patched.setattr(shutil, "disk_usage", full_later)
        with pytest.raises(InputError, match="disk is full"):
            finished_run(scenes, run)
    assert checkpoint.newest(run) is not None
    loop.train(TrainConfig(resume=run))
    assert checkpoint.newest(run).facts["finished"]


def test_a_finished_or_broken_off_run_is_taken_up_by_train_once(scenes, tmp_path, monkeypatch):
    run = interrupted_run(scenes, tmp_path / "run", monkeypatch, at=2)
    config = TrainConfig(folder=scenes, run=run, **TINY)
    loop.train_once(config)
    assert checkpoint.newest(run).facts["finished"]
    before = (run / "log.csv").stat().st_mtime_ns
    loop.train_once(config)
    assert (run / "log.csv").stat().st_mtime_ns == before
    with pytest.raises(InputError, match="other options"):
        loop.train_once(dataclasses.replace(config, seed=1))


def test_a_state_that_is_gone_is_no_reason_to_overwrite_what_was_trained(scenes, tmp_path):
    run = finished_run(scenes, tmp_path / "run")
    shutil.rmtree(run / "state")
    before = (run / "last" / "network.weights.h5").read_bytes()
    with pytest.raises(InputError, match="begin a new run with --init"):
        loop.train(TrainConfig(resume=run))
    assert (run / "last" / "network.weights.h5").read_bytes() == before


def test_two_damaged_states_are_said_and_nothing_is_overwritten(scenes, tmp_path, monkeypatch):
    run = interrupted_run(scenes, tmp_path / "run", monkeypatch, at=2)
    for path in (run / "state").glob("0*.npz"):
        path.write_bytes(path.read_bytes()[:-1])
    for _ in range(2):
        with pytest.raises(InputError, match="gone or damaged"):
            loop.train(TrainConfig(resume=run))


def test_a_run_killed_while_it_was_being_set_up_can_be_begun_again(scenes, tmp_path, monkeypatch):
    def killed(*arguments, **options):
        raise SystemExit("killed")

    with monkeypatch.context() as patched:
        patched.setattr(run_folder.images, "replacing", killed)  # the options are what is written last
        with pytest.raises(SystemExit):
            finished_run(scenes, tmp_path / "run")
    finished_run(scenes, tmp_path / "run")


def test_another_backend_is_refused(scenes, tmp_path, monkeypatch):
    run = interrupted_run(scenes, tmp_path / "run", monkeypatch, at=1)
    monkeypatch.setattr(loop.keras.backend, "backend", lambda: "another")
    with pytest.raises(InputError, match="set KERAS_BACKEND="):
        loop.train(TrainConfig(resume=run))


def test_a_run_is_resumed_from_any_folder(scenes, tmp_path, monkeypatch):
    monkeypatch.chdir(scenes.parent)
    run = interrupted_run(Path(scenes.name), tmp_path / "run", monkeypatch, at=1)
    monkeypatch.chdir(tmp_path)
    loop.train(TrainConfig(resume=Path("run")))
    assert checkpoint.newest(run).facts["finished"]


def test_cached_embeddings_are_those_of_the_network_that_is_resumed(scenes, tmp_path, monkeypatch):
    options = {"model": "fusion", "pixels": 256, "image_size": 32, "inception_weights": "none"}
    options |= {"cache_embeddings": True, "limit": 6, "epochs": 1, "batch_size": 2}
    run = interrupted_run(scenes, tmp_path / "run", monkeypatch, at=1, **options)
    embedded = {path: path.stat().st_mtime_ns for path in tmp_path.glob("embeddings-*.npy")}
    assert len(embedded) == 2
    loop.train(TrainConfig(resume=run))
    assert {path: path.stat().st_mtime_ns for path in tmp_path.glob("embeddings-*.npy")} == embedded


def test_stopping_early_at_one_side_leads_to_the_next(scenes, tmp_path):
    options = {"model": "fusion", "pixels": 256, "inception": False, "image_size": "32:5,64:1", "epochs": 60}
    options |= {"save_every": 1000, "early_stopping": 1, "learning_rate": 1e-9, "monitor": "val_rmse"}
    run = finished_run(scenes, tmp_path / "run", **options)
    epochs = [line.split(",")[0] for line in (run / "log.csv").read_text().splitlines()[1:]]
    assert epochs[-1] == "6"
    assert 3 <= len(epochs) < 6
    assert factory.load(run / "best").size == (64, 64)


def test_killed_between_the_first_log_and_the_first_state_a_run_begins_again(scenes, tmp_path, monkeypatch, capsys):
    run = interrupted_run(scenes, tmp_path / "run", monkeypatch, at=0, save_every=1000)
    assert len((run / "log.csv").read_text().splitlines()) == 2
    loop.train(TrainConfig(resume=run))
    assert "nothing was saved yet" in capsys.readouterr().out
    assert len((run / "log.csv").read_text().splitlines()) == 3
