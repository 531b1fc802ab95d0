"""The one owner of a run's folder."""

import os
import shutil
from pathlib import Path

import pytest
from support import PRINTING, TINY, finished_run, interrupted_run

from fusioncolor import files, images
from fusioncolor.config import ResumeConfig, TrainConfig
from fusioncolor.errors import InputError
from fusioncolor.run_folder import RunFolder
from fusioncolor.training import checkpoint, loop

pytestmark = pytest.mark.usefixtures("eager")  # what is trained does not matter here


def test_a_run_folder_that_exists_is_never_overwritten(trained_run, scenes):
    before = (trained_run / "log.csv").read_bytes()
    with pytest.raises(InputError, match="exists already"):
        loop.train(TrainConfig(folder=scenes, run=trained_run, **TINY))
    assert (trained_run / "log.csv").read_bytes() == before


def test_a_run_folder_that_cannot_be_written_to_is_refused(scenes, tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(InputError, match="cannot write"):
        loop.train(TrainConfig(folder=scenes, run=tmp_path / "file" / "run", **TINY))


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
        loop.resume(ResumeConfig(run))


def test_copies_and_new_photographs_do_not_hinder(scenes, tmp_path, monkeypatch, capsys):
    folder = tmp_path / "photographs"
    shutil.copytree(scenes, folder)
    run = interrupted_run(folder, tmp_path / "run", monkeypatch, at=1)
    for path in images.find_in(folder):
        os.utime(path)  # as after a copy
    shutil.copy(images.find_in(folder)[0], folder / "zz.png")
    loop.resume(ResumeConfig(run), reporter=PRINTING)
    assert "1 photographs are new" in capsys.readouterr().out


def test_a_folder_that_is_no_run_is_refused(scenes, tmp_path):
    for folder, sentence in ((tmp_path / "none", "no such folder"), (scenes, "not a run that can be resumed")):
        with pytest.raises(InputError, match=sentence):
            loop.resume(ResumeConfig(folder))


def test_two_processes_never_train_into_one_folder(scenes, tmp_path):
    run = finished_run(scenes, tmp_path / "run")
    with RunFolder(run).locked(), pytest.raises(InputError, match="another process is already training in"):
        loop.resume(ResumeConfig(run))


def test_a_run_killed_while_it_was_being_set_up_can_be_begun_again(scenes, tmp_path, monkeypatch):
    def killed(*arguments, **options):
        raise SystemExit("killed")

    with monkeypatch.context() as patched:
        patched.setattr(files, "replacing", killed)  # the options are what is written last
        with pytest.raises(SystemExit):
            finished_run(scenes, tmp_path / "run")
    finished_run(scenes, tmp_path / "run")


def test_a_run_is_resumed_from_any_folder(scenes, tmp_path, monkeypatch):
    monkeypatch.chdir(scenes.parent)
    run = interrupted_run(Path(scenes.name), tmp_path / "run", monkeypatch, at=1)
    monkeypatch.chdir(tmp_path)
    loop.resume(ResumeConfig(Path("run")))
    assert checkpoint.newest(RunFolder(run)).facts["finished"]
