"""A training that is killed and resumed ends with the same bits as one that never was."""

import hashlib
import shutil
from types import SimpleNamespace

import keras
import numpy as np
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


@pytest.mark.slow
def test_two_damaged_states_are_said_and_nothing_is_overwritten(scenes, tmp_path, monkeypatch):
    run = interrupted_run(scenes, tmp_path / "run", monkeypatch, at=2)
    for path in (run / "state").glob("0*.npz"):
        path.write_bytes(path.read_bytes()[:-1])
    for _ in range(2):
        with pytest.raises(InputError, match="gone or damaged"):
            loop.resume(ResumeConfig(run))


def checkpoint_of(run, others=(), *, asked: bool = False) -> tuple[list[tuple], checkpoint.Checkpoint]:
    """A checkpoint of epochs of five steps that is to save every second, and the moments at which it saves."""
    interrupt = SimpleNamespace(requested=asked)
    made = checkpoint.Checkpoint(RunFolder(run), None, others, steps=5, every=2, interrupt=interrupt)
    made.set_model(SimpleNamespace(metrics_variables=[]))
    moments: list[tuple] = []
    made._save = lambda finished=False: moments.append((made.epoch, made.step, finished))
    return moments, made


def test_states_are_saved_every_few_steps_and_between_epochs(tmp_path):
    moments, made = checkpoint_of(tmp_path)
    assert (made.epoch, made.step, made.saved) == (0, 0, None)  # where a new training begins
    for epoch in range(2):
        made.on_epoch_begin(epoch)
        for batch in range(5):
            made.on_train_batch_end(batch, {"loss": 0.5})
    assert moments == [(0, 2, False), (0, 4, False), (1, 0, False), (1, 2, False), (1, 4, False)]
    assert made.loss == 0.5
    made.finish()
    assert moments[-1] == (2, 0, True)


def test_a_state_with_a_loss_that_is_no_number_is_not_saved(tmp_path):
    moments, made = checkpoint_of(tmp_path)
    made.on_epoch_begin(0)
    for loss in (0.5, np.nan, 0.5, np.inf):
        made.on_train_batch_end(0, {"loss": loss})
    assert moments == []


def test_who_asks_for_a_stop_gets_a_state_at_the_next_step_but_not_at_the_end_of_an_epoch(tmp_path):
    moments, made = checkpoint_of(tmp_path, asked=True)
    with pytest.raises(KeyboardInterrupt, match="saved after epoch 0, step 0"):
        made.on_epoch_begin(0)
    for step in (1, 2, 3, 4):
        with pytest.raises(KeyboardInterrupt, match=f"saved after epoch 0, step {step}"):
            made.on_train_batch_end(step - 1, {"loss": 0.5})
    made.on_train_batch_end(4, {"loss": 0.5})  # the epoch is validated first
    with pytest.raises(KeyboardInterrupt, match="saved after epoch 1, step 0"):
        made.on_epoch_begin(1)
    assert moments == [(0, step, False) for step in range(5)] + [(1, 0, False)]


def test_a_state_restores_weights_optimizer_metrics_and_callbacks(tmp_path):
    class Save:
        best = None

    weight, moment, total = (keras.Variable(np.zeros(shape, np.float32)) for shape in ((2, 3), 4, 1))
    arrays = [np.full(shape, value, np.float32) for value, shape in ((1, (2, 3)), (2, 4), (3, 1))]
    network, fitted = (
        SimpleNamespace(variables=[weight]),
        SimpleNamespace(optimizer=SimpleNamespace(variables=[moment])),
    )
    made = checkpoint_of(tmp_path, [Save(), SimpleNamespace()])[1]
    made.colorizer = SimpleNamespace(network=network)
    made.set_model(SimpleNamespace(metrics_variables=[total]))
    state = checkpoint.State(3, 2, arrays, {"remembered": {"Save": {"best": 0.25}}})
    made.restore(state, fitted)
    made.on_train_begin()
    made.on_epoch_begin(3)
    assert (made.epoch, made.step, made.saved) == (3, 2, (3, 2))
    for variable, value in ((weight, 1), (moment, 2), (total, 3)):
        np.testing.assert_array_equal(variable, value)
    assert made.others["Save"].best == 0.25
    total.assign([0])
    made.on_epoch_begin(4)
    np.testing.assert_array_equal(total, 0)  # a new epoch begins with new sums
    made.on_train_end()
    assert made.remembered == {"Save": {"best": 0.25}}
    with pytest.raises(InputError, match="another version"):
        checkpoint.State(0, 0, arrays[1:], {}).restore_network(network)


def test_a_new_size_forgets_the_best_value_and_the_epochs_since(tmp_path):
    made = checkpoint_of(tmp_path)[1]
    made.remembered = {"ReduceLROnPlateau": {"best": 0.5, "wait": 3, "cooldown_counter": 2}, "Log": {"rows": [1, 2]}}
    made.forget_best()
    assert made.remembered == {
        "ReduceLROnPlateau": {"best": None, "wait": 0, "cooldown_counter": 2},
        "Log": {"rows": [1, 2]},
    }


def test_what_is_remembered_is_kept_as_json_takes_it():
    assert [checkpoint._plain(value) for value in (None, 3, [1, 2], True)] == [None, 3, [1, 2], True]
    assert isinstance(checkpoint._plain(np.float32(0.5)), float)


def test_states_are_named_by_their_moment_and_content(tmp_path):
    run = RunFolder(tmp_path)
    run.state.mkdir()
    arrays = [np.arange(index, dtype=np.float32) for index in range(12)]
    for step in (9, 10, 11):
        checkpoint.write(run, checkpoint.State(2, step, arrays, {"finished": False}))
    names = sorted(path.name for path in run.state.iterdir())
    assert [name[:14] for name in names] == ["00002-0000010-", "00002-0000011-"]
    assert names[1][14:-4] == hashlib.sha256((run.state / names[1]).read_bytes()).hexdigest()[:16]
    found = checkpoint.newest(run)
    assert (found.epoch, found.step, found.facts) == (2, 11, {"finished": False})
    for one, other in zip(found.arrays, arrays, strict=True):
        np.testing.assert_array_equal(one, other)
    checkpoint.write(run, checkpoint.State(3, 0, arrays, {"finished": True}))
    assert [path.name[:14] for path in run.state.iterdir()] == ["00003-0000000-"]
    assert checkpoint.newest(RunFolder(tmp_path / "empty")) is None
