"""The run folder that `train.py` makes, as a user sees it."""

import dataclasses
from contextlib import nullcontext

import keras
import numpy as np
import pytest
from support import (
    GOING_ON,
    PRINTING,
    QUICK,
    TINY,
    finished_run,
    in_archives,
    interrupted_run,
    log_of,
    stand_in_extractor,
    upload,
)

from fusioncolor import images
from fusioncolor.addresses import Address
from fusioncolor.config import ResumeConfig, TrainConfig
from fusioncolor.data.splits import Split
from fusioncolor.errors import InputError
from fusioncolor.models import factory
from fusioncolor.models.colorizer import Colorizer
from fusioncolor.models.networks import inception
from fusioncolor.run_folder import RunFolder
from fusioncolor.runtime.distribution import Group
from fusioncolor.runtime.reporting import SILENT
from fusioncolor.training import checkpoint, loop, setup


@pytest.mark.slow
def test_the_same_seed_gives_the_same_weights(scenes, tmp_path):
    weights = []
    for name in ("a", "b"):
        loop.train(TrainConfig(folder=scenes, run=tmp_path / name, workers=1 + len(weights) * 2, **TINY))
        weights.append(factory.load(tmp_path / name / "last").network.get_weights())
    # threads inside TensorFlow add in varying order; the stored weights have 11 bits
    assert all(np.allclose(a, b, atol=2e-3) for a, b in zip(*weights, strict=True))


@pytest.mark.usefixtures("eager")
def test_gray_and_unreadable_photographs_are_counted_named_and_left_out(scenes, tmp_path, capsys):
    folder = tmp_path / "photographs"
    for path in images.find_in(scenes)[:6]:
        images.write(folder / path.name, images.read(path).rgb)
    images.write(folder / "gray.png", np.full((40, 40, 3), 99, np.uint8))
    (folder / "bad.jpg").write_text("no picture")
    loop.train(TrainConfig(folder=folder, run=tmp_path / "run", **TINY), reporter=PRINTING)
    printed = capsys.readouterr().out
    assert "6 color photographs; left out: 1 gray or toned, 1 unreadable" in printed
    assert "bad.jpg" in printed
    assert "gray.png" in printed
    listed = (tmp_path / "run" / "train.txt").read_text() + (tmp_path / "run" / "validation.txt").read_text()
    assert "gray.png" not in listed


def test_a_folder_without_color_is_refused(tmp_path):
    images.write(tmp_path / "in" / "gray.png", np.full((40, 40, 3), 99, np.uint8))
    with pytest.raises(InputError, match="no color photograph"):
        loop.train(TrainConfig(folder=tmp_path / "in", run=tmp_path / "run", **TINY))
    assert not (tmp_path / "run").exists()  # so that the corrected command can use it


@pytest.mark.usefixtures("eager")
def test_a_limit_takes_that_many_photographs(scenes, tmp_path):
    loop.train(TrainConfig(folder=scenes, run=tmp_path / "run", limit=8, **TINY))
    assert len((tmp_path / "run" / "train.txt").read_text().splitlines()) == 6


@pytest.mark.usefixtures("eager")
def test_cached_embeddings_give_the_training_of_fresh_ones(scenes, tmp_path, monkeypatch):
    """Without augmentation both see the same embeddings, up to the float16 in which they are kept.

    With two layers in place of InceptionV3, and embeddings so large that the loss depends on them.
    """

    def loud_extractor(maps=()) -> keras.Model:
        quiet = stand_in_extractor()
        return keras.Model(quiet.input, keras.layers.Rescaling(1000)(quiet.output), name=inception.NAME)

    monkeypatch.setattr(inception, "inception_v3", loud_extractor)
    monkeypatch.setattr(inception, "set_trainable", lambda extractor, free: setattr(extractor, "trainable", free))
    options = {**TINY, "inception": True, "inception_weights": "none", "limit": 6}
    still = {"rotation": 0.0, "shear": 0.0, "flip": False}
    losses = []
    for cached in (False, True):
        run = tmp_path / f"cached-{cached}"
        loop.train(TrainConfig(folder=scenes, run=run, cache_embeddings=cached, **{**options, **still}))
        losses.append(float(log_of(run)[0]["val_loss"]))
    assert losses[0] == pytest.approx(losses[1], rel=0.02)
    caches = sorted(path.stat().st_mtime_ns for path in tmp_path.glob("embeddings-*.npy"))
    assert len(caches) == 2
    network = factory.load(tmp_path / "cached-True" / "best").network
    assert network.input.shape[1:] == (None, None, 1)  # the saved network is whole: lightness in, ab out


@pytest.mark.slow
@pytest.mark.usefixtures("eager")
def test_cached_features_give_the_training_of_fresh_ones(scenes, tmp_path, monkeypatch):
    """Without augmentation both see the same maps, up to the 8 bits in which they are kept."""
    monkeypatch.setattr(inception, "inception_v3", stand_in_extractor)
    monkeypatch.setattr(inception, "set_trainable", lambda extractor, free: setattr(extractor, "trainable", free))
    options = {**TINY, "inception": True, "inception_weights": "none", "limit": 6, "model": "dense", "epochs": 3}
    still = {"rotation": 0.0, "shear": 0.0, "flip": False}
    losses = []
    for copies in (None, 2):
        run = tmp_path / f"copies-{copies}"
        loop.train(TrainConfig(folder=scenes, run=run, cache_features=copies, **{**options, **still}))
        losses.append([float(row["val_loss"]) for row in log_of(run)])
    assert losses[0] == pytest.approx(losses[1], rel=0.02)
    assert losses[0][-1] < losses[0][0]
    assert len(list(tmp_path.glob("features-*"))) == 3  # two views to train on, one to validate on
    network = factory.load(tmp_path / "copies-2" / "best").network
    assert network.input.shape[1:] == (None, None, 1)  # the saved network is whole: lightness in, colors out


def test_the_dense_network_needs_more_than_cached_embeddings(scenes, tmp_path, monkeypatch):
    monkeypatch.setattr(inception, "inception_v3", stand_in_extractor)
    options = {**TINY, "inception": True, "inception_weights": "none", "model": "dense", "cache_embeddings": True}
    with pytest.raises(InputError, match="use `cache_features` instead"):
        loop.train(TrainConfig(folder=scenes, run=tmp_path / "run", **options))


@pytest.mark.slow
@pytest.mark.usefixtures("eager")
def test_the_perceptrons_train_on_stored_pixels(scenes, tmp_path):
    pytest.importorskip("cv2")
    options = {"model": "sift", "image_size": 32, "batch_size": 4, "epochs": 2, "pixels": 64, "preview_every": 2}
    run = loop.train(TrainConfig(folder=scenes, run=tmp_path / "run", precision="float32", **options))
    with np.load(run / "pixels-train.npz") as stored:
        assert stored["features"].shape == (12, 64, 129)
    assert len(log_of(run)) == 2
    assert factory.load(run / "best").colorize(np.full((40, 50), 99, np.uint8)).shape == (40, 50, 3)


@pytest.mark.usefixtures("eager")
def test_a_loss_that_is_no_number_is_reported_with_advice(scenes, tmp_path):
    config = TrainConfig(folder=scenes, run=tmp_path / "run", **{**TINY, "learning_rate": 1e30})
    with pytest.raises(InputError, match="lower `learning_rate`"):
        loop.train(config)


@pytest.mark.usefixtures("eager")
def test_the_encoder_and_what_is_before_it_can_be_frozen(trained_run, scenes, tmp_path):
    run = tmp_path / "run"
    loop.train(TrainConfig(folder=scenes, run=run, init=trained_run / "best", freeze="encoder", **GOING_ON))
    before, after = (factory.load(path).network for path in (trained_run / "best", run / "last"))
    for layer in before.layers:
        same = [
            np.array_equal(a, b)
            for a, b in zip(layer.get_weights(), after.get_layer(layer.name).get_weights(), strict=True)
        ]
        assert all(same) if layer.name.startswith("encoder") else not any(same) or not same, layer.name


@pytest.mark.slow
@pytest.mark.usefixtures("eager")
def test_training_stops_early_when_nothing_gets_better(scenes, tmp_path):
    options = {**TINY, "epochs": 30, "learning_rate": 1e-9, "early_stopping": 2}
    run = tmp_path / "run"
    loop.train(TrainConfig(folder=scenes, run=run, monitor="val_rmse", **options))
    assert 3 <= len(log_of(run)) < 30
    assert checkpoint.newest(RunFolder(run)).facts["finished"]


@pytest.mark.slow
def test_float16_scales_the_loss(scenes, tmp_path):
    run = tmp_path / "run"
    options = {**TINY, "precision": "float16", "epochs": 3, "ema": 0.5}
    loop.train(TrainConfig(folder=scenes, run=run, **options))
    losses = [float(row["loss"]) for row in log_of(run)]
    assert np.isfinite(losses).all()
    assert losses[-1] < losses[0]
    # the state holds the scale, 2^15 at the start, which only overflow changes
    assert any(
        array.shape == () and float(array) in (2.0**15, 2.0**14, 2.0**13)
        for array in checkpoint.newest(RunFolder(run)).arrays
    )


@pytest.mark.slow
@pytest.mark.parametrize("precision", ["float32", "bfloat16"])
def test_layers_compute_in_the_precision_asked_for_before_and_after_an_interruption(
    scenes, tmp_path, monkeypatch, precision
):
    built = []
    description = Colorizer.description
    monkeypatch.setattr(Colorizer, "description", lambda self: built.append(self.network) or description(self))
    run = tmp_path / "run"
    write = checkpoint.write

    def killed_at_the_end(run, state):
        if state.facts["finished"]:
            raise SystemExit("killed")
        write(run, state)

    with monkeypatch.context() as patched, pytest.raises(SystemExit):
        patched.setattr(checkpoint, "write", killed_at_the_end)
        loop.train(TrainConfig(folder=scenes, run=run, limit=4, **{**TINY, "precision": precision, "epochs": 2}))
    loop.resume(ResumeConfig(run))
    assert {network.get_layer("encoder1_conv1").compute_dtype for network in built} == {precision}
    assert len({id(network) for network in built}) == 2


@pytest.mark.slow
@pytest.mark.usefixtures("eager")
def test_a_run_that_saved_nothing_begins_again(scenes, tmp_path, monkeypatch, capsys):
    run = interrupted_run(scenes, tmp_path / "run", monkeypatch, at=0)
    loop.resume(ResumeConfig(run), reporter=PRINTING)
    assert "nothing was saved yet" in capsys.readouterr().out
    assert len((run / "log.csv").read_text().splitlines()) == 3


@pytest.mark.usefixtures("eager")
def test_a_finished_run_is_left_alone(scenes, tmp_path, capsys):
    run = finished_run(scenes, tmp_path / "run")
    before = {path: path.stat().st_mtime_ns for path in run.rglob("*") if path.is_file()}
    loop.resume(ResumeConfig(run), reporter=PRINTING)
    assert "finished; for more epochs" in capsys.readouterr().out
    assert {path: path.stat().st_mtime_ns for path in run.rglob("*") if path.is_file()} == before


@pytest.mark.slow
@pytest.mark.usefixtures("eager")
def test_sides_follow_each_other_over_an_interruption(scenes, tmp_path, monkeypatch):
    """Best values are forgotten at a new side; a run that is broken off in the second ends as one that was not."""
    options = {"model": "fusion", "pixels": 256, "inception": False}
    options |= {"image_size": "32:1,40:2", "epochs": 60, "monitor": "val_rmse", "limit": 8, "batch_size": 2}
    whole = finished_run(scenes, tmp_path / "whole", **options)
    assert factory.load(whole / "best").size == (40, 40)
    run = interrupted_run(scenes, tmp_path / "run", monkeypatch, at=4, **options)
    loop.resume(ResumeConfig(run))
    rows = [[line.split(",") for line in (path / "log.csv").read_text().splitlines()] for path in (whole, run)]
    assert len(rows[0]) == 4
    # within one process TensorFlow runs operations in varying order: bits may differ, not more
    np.testing.assert_allclose(np.array(rows[0][1:], float), np.array(rows[1][1:], float), rtol=0.05)


@pytest.mark.usefixtures("eager")
def test_a_finished_or_broken_off_run_is_taken_up_by_train_once(scenes, tmp_path, monkeypatch):
    run = interrupted_run(scenes, tmp_path / "run", monkeypatch, at=2)
    config = TrainConfig(folder=scenes, run=run, **QUICK)
    loop.train_once(config)
    assert checkpoint.newest(RunFolder(run)).facts["finished"]
    before = (run / "log.csv").stat().st_mtime_ns
    loop.train_once(config)
    assert (run / "log.csv").stat().st_mtime_ns == before
    with pytest.raises(InputError, match="other options"):
        loop.train_once(dataclasses.replace(config, seed=1))


@pytest.mark.usefixtures("eager")
def test_another_backend_is_refused(scenes, tmp_path, monkeypatch):
    run = interrupted_run(scenes, tmp_path / "run", monkeypatch, at=1)
    monkeypatch.setattr(loop.keras.backend, "backend", lambda: "another")
    with pytest.raises(InputError, match="set KERAS_BACKEND="):
        loop.resume(ResumeConfig(run))


@pytest.mark.slow
@pytest.mark.usefixtures("eager")
def test_cached_embeddings_are_those_of_the_network_that_is_resumed(scenes, tmp_path, monkeypatch):
    options = {"model": "fusion", "pixels": 256, "image_size": 32, "inception_weights": "none"}
    options |= {"cache_embeddings": True, "limit": 6, "epochs": 1, "batch_size": 2}
    run = interrupted_run(scenes, tmp_path / "run", monkeypatch, at=1, **options)
    embedded = {path: path.stat().st_mtime_ns for path in tmp_path.glob("embeddings-*.npy")}
    assert len(embedded) == 2
    loop.resume(ResumeConfig(run))
    assert {path: path.stat().st_mtime_ns for path in tmp_path.glob("embeddings-*.npy")} == embedded


@pytest.mark.slow
@pytest.mark.usefixtures("eager")
def test_stopping_early_at_one_side_leads_to_the_next(scenes, tmp_path):
    options = {"model": "fusion", "pixels": 256, "inception": False, "image_size": "32:5,64:1", "epochs": 60}
    options |= {"save_every": 1000, "early_stopping": 1, "learning_rate": 1e-9, "monitor": "val_rmse"}
    run = finished_run(scenes, tmp_path / "run", **options)
    epochs = [line.split(",")[0] for line in (run / "log.csv").read_text().splitlines()[1:]]
    assert epochs[-1] == "6"
    assert 3 <= len(epochs) < 6
    assert factory.load(run / "best").size == (64, 64)


@pytest.mark.slow
@pytest.mark.usefixtures("eager")
def test_killed_between_the_first_log_and_the_first_state_a_run_begins_again(scenes, tmp_path, monkeypatch, capsys):
    run = interrupted_run(scenes, tmp_path / "run", monkeypatch, at=0, save_every=1000)
    assert len((run / "log.csv").read_text().splitlines()) == 2
    loop.resume(ResumeConfig(run), reporter=PRINTING)
    assert "nothing was saved yet" in capsys.readouterr().out
    assert len((run / "log.csv").read_text().splitlines()) == 3


def test_gradients_that_each_device_would_limit_for_itself_are_refused(scenes, tmp_path, monkeypatch):
    run = RunFolder(tmp_path / "run")
    monkeypatch.setattr(loop.distribution, "joined", lambda *given: nullcontext(Group(devices=given[0])))
    monkeypatch.setattr(loop.keras.backend, "backend", lambda: "tensorflow")
    clipping = TrainConfig(folder=scenes, run=run.path, clip_norm=1.0, **TINY)
    refused = "TensorFlow would limit the gradients of each device for itself: leave out `clip_norm`, or set KERAS_BACK"
    with pytest.raises(InputError, match=refused):
        loop.train(dataclasses.replace(clipping, devices=2))
    assert not run.path.exists()
    run.path.mkdir()
    run.begin(clipping, Split(images.find_in(scenes)[:8], images.find_in(scenes)[8:], []))
    with pytest.raises(InputError, match=refused):
        loop.resume(ResumeConfig(run.path, devices=2))
    monkeypatch.setattr(loop.keras.backend, "backend", lambda: "jax")
    loop._check_shareable(dataclasses.replace(clipping, devices=2))


def training_of(scenes, folder, **options):
    """A training that is set up but not begun."""
    config = TrainConfig(folder=scenes, run=folder, **{**QUICK, **options})
    run, paths = RunFolder.of(config), images.find_in(scenes)
    split = Split(paths[:8], paths[8:12], [])
    return loop._Training(config, run, split, setup.create_colorizer(config), SILENT)


def test_the_published_recipe_reaches_keras(scenes, tmp_path, monkeypatch):
    """Sixty epochs in batches of eight by Adam at 0.001, a tenth of it after ten epochs without improvement."""
    monkeypatch.setattr(inception, "inception_v3", stand_in_extractor)
    monkeypatch.setattr(inception, "set_trainable", lambda extractor, free: setattr(extractor, "trainable", free))
    calls = []

    def fit(network, batches, **options):
        calls.append((network, batches, options))
        raise KeyboardInterrupt

    monkeypatch.setattr(keras.Model, "fit", fit)
    with pytest.raises(KeyboardInterrupt):
        loop.train(TrainConfig(folder=scenes, run=tmp_path / "run", inception_weights="none"))
    [(network, batches, options)] = calls
    assert [part.shape for part in batches[0]] == [(8, 256, 256, 1), (8, 256, 256, 2)]
    assert (len(batches), options["epochs"], options["steps_per_epoch"]) == (60, 60, 1)  # a quarter of 16 validates
    assert not network.get_layer(inception.NAME).trainable_variables
    target, output = np.zeros((1, 2, 2, 2)), np.full((1, 2, 2, 2), 3.0)
    assert float(network.compute_loss(None, target, output)) == 9
    before = [np.array(one) for one in network.trainable_variables]
    network.optimizer.apply([keras.ops.ones(one.shape) for one in before])
    moved = [np.abs(one - old).max() for one, old in zip(network.trainable_variables, before, strict=True)]
    np.testing.assert_allclose(moved, 1e-3, rtol=1e-3)  # Adam's first step, whatever the gradient
    rates = []
    [plateau] = [one for one in options["callbacks"] if isinstance(one, keras.callbacks.ReduceLROnPlateau)]
    plateau.set_model(network)
    plateau.on_train_begin()
    for epoch in range(12):
        plateau.on_epoch_end(epoch, {"val_loss": 1.0})
        rates.append(float(network.optimizer.learning_rate))
    np.testing.assert_allclose(rates, [1e-3] * 10 + [1e-4] * 2, rtol=1e-5)


def test_what_is_chosen_for_the_plateau_reaches_its_callback(scenes, tmp_path):
    made = training_of(scenes, tmp_path / "run", patience=3, factor=0.25, early_stopping=7, monitor="val_auc")
    [plateau] = [one for one in made._callbacks() if isinstance(one, keras.callbacks.ReduceLROnPlateau)]
    assert (plateau.patience, plateau.factor, plateau.monitor, plateau.mode) == (3, 0.25, "val_auc", "max")
    [stopping] = [one for one in made._callbacks() if isinstance(one, keras.callbacks.EarlyStopping)]
    assert (stopping.patience, stopping.monitor, stopping.mode) == (7, "val_auc", "max")


@pytest.mark.slow
@pytest.mark.usefixtures("eager")
@pytest.mark.parametrize(
    ("options", "figure"),
    [
        ({"patience": 3, "factor": 0.5, "epochs": 8}, lambda log: [float(row["learning_rate"]) for row in log]),
        ({"patience": 50, "early_stopping": 3, "epochs": 9}, len),
    ],
    ids=["patience", "early stopping"],
)
def test_epochs_without_improvement_are_remembered_over_an_interruption(scenes, tmp_path, monkeypatch, options, figure):
    """Nothing improves, so the rate falls every third epoch or the training stops, wherever it is broken off before."""
    options = {"learning_rate": 1e-12, "save_every": 1000, **options}
    figures = []
    for at in (None, 2, 3):
        folder = tmp_path / f"run-{at}"
        if at is None:
            finished_run(scenes, folder, **options)
        else:
            interrupted_run(scenes, folder, monkeypatch, at=at, **options)
            loop.resume(ResumeConfig(folder))
        figures.append(figure(log_of(folder)))
    assert figures[0] == figures[1] == figures[2]
    assert len(set(figures[0])) == 3 if isinstance(figures[0], list) else figures[0] < 9  # something has happened


@pytest.mark.slow
@pytest.mark.usefixtures("eager")
def test_photographs_in_archives_are_trained_on_and_an_interrupted_run_ends_as_a_whole_one(
    scenes, tmp_path, monkeypatch
):
    """Archives as WebDataset makes them: other members are ignored."""
    in_archives(images.find_in(scenes), tmp_path / "shards", each=4)
    whole = finished_run(tmp_path / "shards", tmp_path / "whole")
    interrupted = interrupted_run(tmp_path / "shards", tmp_path / "killed", monkeypatch, 3)
    loop.resume(ResumeConfig(interrupted))
    assert log_of(interrupted) == log_of(whole)
    listed = RunFolder(whole).read_part("train")
    assert len(listed) == 12
    assert {path.parent.suffix for path in listed} == {".tar"}
    assert len(images.find([whole / "train.txt"])) == 12


@pytest.mark.slow
@pytest.mark.usefixtures("eager")
def test_photographs_at_an_address_are_trained_on_as_those_of_a_folder(scenes, memory, tmp_path, monkeypatch):
    monkeypatch.setenv("FUSIONCOLOR_HOME", str(tmp_path / "home"))
    upload(scenes, f"{memory}/scenes")
    here, there = (
        finished_run(folder, tmp_path / name)
        for name, folder in (("here", scenes), ("there", Address(f"{memory}/scenes")))
    )
    assert log_of(there) == log_of(here)
