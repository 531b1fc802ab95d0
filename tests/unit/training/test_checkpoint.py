"""A training that is killed and resumed ends with the same bits as one that never was."""

import shutil

import pytest
from support import PRINTING, finished_run, interrupted_run

from fusioncolor.config import ResumeConfig
from fusioncolor.errors import InputError
from fusioncolor.run_folder import RunFolder
from fusioncolor.training import checkpoint, loop

pytestmark = pytest.mark.usefixtures("eager")  # what is trained does not matter here


def test_a_torn_state_is_noticed_and_the_one_before_goes_on(scenes, tmp_path, monkeypatch, capsys):
    run = interrupted_run(scenes, tmp_path / "run", monkeypatch, at=3)
    newest = sorted((run / "state").glob("0*.npz"))[-1]
    content = bytearray(newest.read_bytes())
    content[len(content) // 2] ^= 1
    newest.write_bytes(content)
    loop.resume(ResumeConfig(run), reporter=PRINTING)
    printed = capsys.readouterr()
    assert f"{newest} is damaged" in printed.err
    assert "continuing in epoch 1 of 2, after 2 steps" in printed.out
    assert checkpoint.newest(RunFolder(run)).facts["finished"]


def test_two_states_are_kept_until_the_training_is_finished(scenes, tmp_path, monkeypatch):
    run = interrupted_run(scenes, tmp_path / "run", monkeypatch, at=4)
    assert len(list((run / "state").iterdir())) == 2
    loop.resume(ResumeConfig(run))
    assert len(list((run / "state").iterdir())) == 1


def test_a_state_that_is_gone_is_no_reason_to_overwrite_what_was_trained(scenes, tmp_path):
    run = finished_run(scenes, tmp_path / "run")
    shutil.rmtree(run / "state")
    before = (run / "last" / "network.weights.h5").read_bytes()
    with pytest.raises(InputError, match="begin a new run with `init`"):
        loop.resume(ResumeConfig(run))
    assert (run / "last" / "network.weights.h5").read_bytes() == before


def test_two_damaged_states_are_said_and_nothing_is_overwritten(scenes, tmp_path, monkeypatch):
    run = interrupted_run(scenes, tmp_path / "run", monkeypatch, at=2)
    for path in (run / "state").glob("0*.npz"):
        path.write_bytes(path.read_bytes()[:-1])
    for _ in range(2):
        with pytest.raises(InputError, match="gone or damaged"):
            loop.resume(ResumeConfig(run))
