"""The run folder that `train.py` makes, as a user sees it."""

import contextlib
import csv
import dataclasses
import json
from importlib.util import find_spec

import keras
import numpy as np
import pytest
from PIL import Image
from support import stand_in_extractor

from fusioncolor import color, images
from fusioncolor.config import TrainConfig
from fusioncolor.errors import InputError
from fusioncolor.models import factory
from fusioncolor.models.colorizer import Colorizer
from fusioncolor.models.networks import inception
from fusioncolor.training import checkpoint, loop, setup
from fusioncolor.training.optimizer import Adam, create_optimizer

TINY = {"inception": False, "image_size": 32, "batch_size": 4, "epochs": 1, "precision": "float32", "preview_every": 0}
GOING_ON = {name: value for name, value in TINY.items() if name != "inception"}


def log_of(run):
    with open(run / "log.csv") as file:
        return list(csv.DictReader(file))


def test_a_run_folder_holds_everything_about_the_run(trained_run):
    names = {path.name for path in trained_run.iterdir()}
    assert names == {
        ".lock", "best", "config.json", "curves.png", "last", "log.csv", "photographs.json", "previews", "state",
        "train.txt", "validation.txt",
    }  # fmt: skip
    assert sorted(path.name for path in (trained_run / "previews").iterdir()) == ["epoch-002.png", "epoch-003.png"]
    config = json.loads((trained_run / "config.json").read_text())
    assert config["epochs"] == 3
    assert config["learning_rate"] == 1e-3
    assert len((trained_run / "train.txt").read_text().splitlines()) == 12
    assert len((trained_run / "validation.txt").read_text().splitlines()) == 4


def test_the_loss_falls(trained_run):
    losses = [float(row["loss"]) for row in log_of(trained_run)]
    assert len(losses) == 3
    assert losses[-1] < losses[0]


def test_best_is_the_epoch_of_lowest_validation_loss_and_last_the_last(trained_run):
    losses = [float(row["val_loss"]) for row in log_of(trained_run)]
    best = factory.load(trained_run / "best").config
    assert best["metrics"]["epoch"] == int(np.argmin(losses)) + 1
    assert best["metrics"]["val_loss"] == pytest.approx(min(losses))
    assert factory.load(trained_run / "last").described.metrics["epoch"] == 3


def test_what_is_passed_on_names_no_folder_of_this_machine(trained_run, scenes):
    saved = (trained_run / "best" / "colorizer.json").read_text()
    assert str(scenes.parent) not in saved
    assert str(trained_run.parent) not in saved
    assert json.loads(saved)["photographs"] == {"test": 0, "validation": 4, "train": 12}


def test_training_goes_on_from_a_saved_colorizer_at_another_size(trained_run, scenes, tmp_path):
    config = TrainConfig(
        folder=scenes, run=tmp_path / "next", init=trained_run / "best", **{**GOING_ON, "image_size": 64}
    )
    loop.train(config)
    before, after = (float(log_of(run)[0]["loss"]) for run in (trained_run, tmp_path / "next"))
    assert after < before
    assert factory.load(tmp_path / "next" / "best").size == (64, 64)


def test_the_same_seed_gives_the_same_weights(scenes, tmp_path):
    weights = []
    for name in ("a", "b"):
        loop.train(TrainConfig(folder=scenes, run=tmp_path / name, workers=1 + len(weights) * 2, **TINY))
        weights.append(factory.load(tmp_path / name / "last").network.get_weights())
    # threads inside TensorFlow add in varying order; the stored weights have 11 bits
    assert all(np.allclose(a, b, atol=2e-3) for a, b in zip(*weights, strict=True))


def test_gray_and_unreadable_photographs_are_counted_named_and_left_out(scenes, tmp_path, capsys):
    folder = tmp_path / "photographs"
    for path in images.find_in(scenes)[:6]:
        images.write(folder / path.name, images.read(path).rgb)
    images.write(folder / "gray.png", np.full((40, 40, 3), 99, np.uint8))
    (folder / "bad.jpg").write_text("no picture")
    loop.train(TrainConfig(folder=folder, run=tmp_path / "run", **TINY))
    printed = capsys.readouterr().out
    assert "6 photographs in color; left out: 1 gray, 1 unreadable" in printed
    assert "bad.jpg" in printed
    assert "gray.png" in printed
    listed = (tmp_path / "run" / "train.txt").read_text() + (tmp_path / "run" / "validation.txt").read_text()
    assert "gray.png" not in listed


def test_a_folder_without_color_is_refused(tmp_path):
    images.write(tmp_path / "in" / "gray.png", np.full((40, 40, 3), 99, np.uint8))
    with pytest.raises(InputError, match="no photograph in color"):
        loop.train(TrainConfig(folder=tmp_path / "in", run=tmp_path / "run", **TINY))
    assert not (tmp_path / "run").exists()  # so that the corrected command can use it


def test_a_run_folder_that_exists_is_never_overwritten(trained_run, scenes):
    before = (trained_run / "log.csv").read_bytes()
    with pytest.raises(InputError, match="exists already"):
        loop.train(TrainConfig(folder=scenes, run=trained_run, **TINY))
    assert (trained_run / "log.csv").read_bytes() == before


def test_a_limit_takes_that_many_photographs(scenes, tmp_path):
    loop.train(TrainConfig(folder=scenes, run=tmp_path / "run", limit=8, **TINY))
    assert len((tmp_path / "run" / "train.txt").read_text().splitlines()) == 6


def test_cached_embeddings_give_the_training_of_fresh_ones(scenes, tmp_path, monkeypatch):
    """Without augmentation both see the same embeddings, up to the float16 in which they are kept.

    With two layers in place of InceptionV3, and embeddings so large that the loss depends on them.
    """

    def loud_extractor() -> keras.Model:
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


def test_the_extractor_learns_only_at_its_own_rate(scenes, tmp_path, monkeypatch):
    """With two layers in place of InceptionV3, and weights compared in memory."""
    monkeypatch.setattr(inception, "inception_v3", stand_in_extractor)
    monkeypatch.setattr(inception, "set_trainable", lambda extractor, free: setattr(extractor, "trainable", free))
    monkeypatch.setattr(Colorizer, "save", lambda self, *_, **__: saved.append(self))
    options = {**TINY, "inception": True, "inception_weights": "none", "batch_size": 12}
    before = factory.create("fusion", seed=0).network.get_layer(inception.NAME).get_weights()
    for rate in (0.0, 1e-4):
        saved = []
        with contextlib.suppress(InputError):  # nothing is saved, as train() notices at its end
            loop.train(TrainConfig(folder=scenes, run=tmp_path / str(rate), extractor_learning_rate=rate, **options))
        after = saved[-1].network.get_layer(inception.NAME).get_weights()
        moved = max(np.abs(a - b).max() for a, b in zip(after, before, strict=True))
        assert moved == pytest.approx(rate, rel=0.1)  # Adam's first step is the learning rate, whatever the gradient


def test_the_best_colorizer_has_the_logged_validation_loss_with_a_cache_at_a_small_size(scenes, tmp_path, monkeypatch):
    monkeypatch.setattr(inception, "inception_v3", stand_in_extractor)
    monkeypatch.setattr(inception, "set_trainable", lambda extractor, free: setattr(extractor, "trainable", free))
    options = {**TINY, "inception": True, "inception_weights": "none", "cache_embeddings": True}
    run = loop.train(TrainConfig(folder=scenes, run=tmp_path / "run", **options))
    best = factory.load(run / "best")
    errors = []
    for name in (run / "validation.txt").read_text().splitlines():
        lightness, ab = color.split(color.rgb_to_lab(images.read_resized(name, best.size)))
        errors.append(np.mean((best.predict_ab(lightness[None])[0] - ab) ** 2) / color.AB_SCALE**2)
    logged = min(float(row["val_loss"]) for row in log_of(run))
    assert np.mean(errors) == pytest.approx(logged, rel=0.01)  # weights and embeddings are kept as float16


def test_the_perceptrons_train_on_stored_pixels(scenes, tmp_path):
    pytest.importorskip("cv2")
    options = {"model": "sift", "image_size": 32, "batch_size": 4, "epochs": 2, "pixels": 64, "preview_every": 2}
    run = loop.train(TrainConfig(folder=scenes, run=tmp_path / "run", precision="float32", **options))
    with np.load(run / "pixels-train.npz") as stored:
        assert stored["features"].shape == (12, 64, 129)
    assert len(log_of(run)) == 2
    assert factory.load(run / "best").colorize(np.full((40, 50), 99, np.uint8)).shape == (40, 50, 3)


@pytest.mark.parametrize("model", ["fusion", "plain"])
def test_a_classifier_keeps_the_prior_of_its_training_photographs(scenes, tmp_path, model):
    options = {"model": model, "head": "classification", "image_size": 32, "batch_size": 4, "epochs": 1}
    options |= {"inception": False} if model == "fusion" else {"dropout": 0.1}
    run = loop.train(TrainConfig(folder=scenes, run=tmp_path / "run", precision="float32", **options))
    head = factory.load(run / "best").head
    assert sum(head.prior) == pytest.approx(1)
    assert max(head.prior) > 0.02
    assert head.rebalancing


def test_adam_of_two_rates_moves_slow_variables_less():
    fast, slow = keras.Variable([1.0], name="fast"), keras.Variable([1.0], name="slow")
    optimizer = Adam(0.1, slow=[slow], factor=0.01)
    optimizer.build([fast, slow])
    optimizer.apply([keras.ops.ones(1), keras.ops.ones(1)])
    # Adam's first step is the learning rate itself, whatever the gradient
    np.testing.assert_allclose(1 - np.asarray(keras.ops.convert_to_numpy(fast)), 0.1, rtol=1e-4)
    np.testing.assert_allclose(1 - np.asarray(keras.ops.convert_to_numpy(slow)), 0.001, rtol=1e-3)


def test_a_loss_that_is_no_number_is_reported_with_advice(scenes, tmp_path):
    config = TrainConfig(folder=scenes, run=tmp_path / "run", **{**TINY, "learning_rate": 1e30})
    with pytest.raises(InputError, match="lower --learning-rate"):
        loop.train(config)


@pytest.mark.parametrize("option", [{"cache_embeddings": True}, {"extractor_learning_rate": 1e-5}])
def test_options_about_the_extractor_need_one(trained_run, scenes, tmp_path, option):
    config = TrainConfig(folder=scenes, run=tmp_path / "run", init=trained_run / "best", **{**GOING_ON, **option})
    with pytest.raises(InputError, match="no InceptionV3"):
        loop.train(config)


def test_a_saved_colorizer_goes_on_with_another_head(trained_run, scenes, tmp_path, capsys):
    run = tmp_path / "run"
    options = {**GOING_ON, "learning_rate": 1e-30, "head": "classification"}
    loop.train(TrainConfig(folder=scenes, run=run, init=trained_run / "best", **options))
    anew = capsys.readouterr().out.split("from random weights: ")[1].splitlines()[0].split(", ")
    assert anew == ["decoder2_conv2", "decoder2_conv2_normalization", "output"]
    before, after = factory.load(trained_run / "best"), factory.load(run / "last")
    assert after.head.name == "classification"
    assert len(after.head.prior) == 313
    kernels = [layer.name for layer in after.network.layers if hasattr(layer, "kernel")]
    assert len(kernels) > len(anew)
    for name in set(kernels) - set(anew):
        np.testing.assert_array_equal(*(one.network.get_layer(name).kernel for one in (before, after)), err_msg=name)


def test_a_head_that_the_model_cannot_have_is_refused_beside_saved_weights_too(trained_run, scenes, tmp_path):
    config = TrainConfig(folder=scenes, run=tmp_path / "run", init=trained_run / "best", head="regresion", **GOING_ON)
    with pytest.raises(InputError, match="did you mean 'regression'"):
        loop.train(config)


@pytest.mark.parametrize(("monitor", "best_of"), [("val_auc", np.argmax), ("val_rmse", np.argmin)])
def test_what_is_monitored_chooses_the_best_and_is_logged_beside_the_null_models(
    scenes, tmp_path, capsys, monitor, best_of
):
    loop.train(TrainConfig(folder=scenes, run=tmp_path / "run", monitor=monitor, **{**TINY, "epochs": 3}))
    values = [float(row[monitor]) for row in log_of(tmp_path / "run")]
    assert factory.load(tmp_path / "run" / "best").described.metrics["epoch"] == int(best_of(values)) + 1
    printed = capsys.readouterr().out
    assert "gray: AuC" in printed
    assert "mean: AuC" in printed
    assert f"{monitor[4:]} {values[0]:.2f}" in printed


def test_the_monitored_error_is_that_of_the_saved_colorizer_on_the_validation_photographs(scenes, tmp_path):
    run = tmp_path / "run"
    loop.train(TrainConfig(folder=scenes, run=run, monitor="val_rmse", **TINY))
    colorizer = factory.load(run / "last")
    paths = (run / "validation.txt").read_text().splitlines()
    labs = [color.rgb_to_lab(images.read_resized(path, colorizer.size)) for path in paths]
    ab = colorizer.predict_ab(np.stack([lab[..., :1] for lab in labs]))
    expected = np.sqrt(np.mean((ab - np.stack([lab[..., 1:] for lab in labs])) ** 2))
    assert float(log_of(run)[0]["val_rmse"]) == pytest.approx(expected, rel=1e-2)  # weights are stored as float16


def test_a_classifier_and_perceptrons_are_monitored_by_their_colors_too(scenes, tmp_path):
    for model, options in (("plain", {"head": "classification"}), ("sift", {"pixels": 16})):
        run = tmp_path / model
        config = {**GOING_ON, **options}
        loop.train(TrainConfig(folder=scenes, model=model, run=run, monitor="val_auc", **config))
        assert 0 < float(log_of(run)[0]["val_auc"]) < 100


def test_a_cosine_schedule_rises_in_the_warmup_and_falls_to_0(scenes, tmp_path):
    options = {**TINY, "epochs": 4, "schedule": "cosine", "warmup_epochs": 1}
    loop.train(TrainConfig(folder=scenes, run=tmp_path / "run", **options))
    rates = [float(row["learning_rate"]) for row in log_of(tmp_path / "run")]
    assert rates[0] == pytest.approx(1e-3)
    assert rates == sorted(rates, reverse=True)
    assert rates[-1] == pytest.approx(0, abs=1e-8)


def test_the_warmup_can_be_a_part_of_an_epoch():
    rate = optimizer_of(schedule="cosine", epochs=1, warmup_epochs=0.2)._learning_rate  # of 10 steps
    np.testing.assert_allclose([float(rate(step)) for step in (0, 1, 2, 10)], [0, 5e-4, 1e-3, 0], atol=1e-9)
    rate = optimizer_of(schedule="cosine", epochs=1, warmup_epochs=0.99)._learning_rate  # one step is left to fall in
    np.testing.assert_allclose([float(rate(step)) for step in (0, 9, 10)], [0, 1e-3, 0], atol=1e-9)


def optimizer_of(**options) -> keras.optimizers.Optimizer:
    config = TrainConfig(folder=".", inception=False, **options)
    return create_optimizer(config, factory.create("fusion", inception=False), 10)


@pytest.mark.parametrize(("before", "option", "after"), [(False, None, False), (True, None, True), (False, True, True)])
def test_rebalancing_stays_as_it_was_unless_it_is_asked_for(scenes, before, option, after):
    colorizer = factory.create("fusion", head="classification", inception=False, size=(32, 32))
    colorizer.head = dataclasses.replace(colorizer.head, rebalancing=before)
    config = TrainConfig(folder=scenes, rebalancing=option)
    head = setup.with_prior(config, colorizer, images.find_in(scenes)[:2], workers=1)
    assert head.rebalancing is after
    assert sum(head.prior) == pytest.approx(1)


def test_weight_decay_shrinks_kernels_and_nothing_else():
    optimizer = optimizer_of(weight_decay=0.1, learning_rate=0.1)
    kernel, bias = keras.Variable([1.0], name="kernel"), keras.Variable([1.0], name="bias")
    optimizer.build([kernel, bias])
    optimizer.apply([np.zeros(1, np.float32)] * 2)
    np.testing.assert_allclose(kernel, [0.99])
    np.testing.assert_allclose(bias, [1.0])


def test_gradients_are_clipped_to_the_global_norm():
    assert optimizer_of(clip_norm=0.5).global_clipnorm == 0.5
    assert optimizer_of().global_clipnorm is None


def test_what_is_saved_and_validated_is_the_moving_average_of_the_weights(scenes, tmp_path):
    """With a momentum that hardly moves, that is the network after its first step."""
    start = factory.create("fusion", seed=0, inception=False, size=(32, 32)).network.trainable_variables
    moves = {}
    for ema in (0.0, 0.9999999):
        config = TrainConfig(
            folder=scenes, run=tmp_path / str(ema), ema=ema, learning_rate=0.01, **{**TINY, "epochs": 3}
        )
        loop.train(config)
        saved = factory.load(tmp_path / str(ema) / "last").network.trainable_variables
        moves[ema] = max(float(np.abs(np.asarray(a) - np.asarray(b)).max()) for a, b in zip(saved, start, strict=True))
    assert moves[0.9999999] == pytest.approx(0.01, abs=0.001)  # Adam's first step is the learning rate, everywhere
    assert moves[0.0] > 0.03


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"warmup_epochs": 2}, "--warmup-epochs is of --schedule cosine"),
        ({"schedule": "cosine", "warmup_epochs": 60}, "less than --epochs"),
        ({"schedule": "cosine", "patience": 3}, "--patience is of --schedule plateau"),
        ({"ema": 1.0}, "--ema and --weight-decay"),
        ({"clip_norm": 0.0}, "--clip-norm must be above 0"),
    ],
)
def test_recipes_that_contradict_themselves_are_refused(options, sentence):
    with pytest.raises(InputError, match=sentence):
        TrainConfig(folder=".", **options)


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


@pytest.mark.parametrize(
    ("options", "rate"),
    [
        ({}, 0),
        ({"freeze": "none"}, 1e-4),
        ({"freeze": "none", "learning_rate": 1e-2}, 1e-3),
        ({"freeze": "none", "extractor_learning_rate": 1e-6}, 1e-6),
        ({"extractor_learning_rate": 1e-6}, 1e-6),
        ({"freeze": "encoder", "init": "weights"}, 0),
        ({"model": "resnet", "freeze": "none"}, 0),
        ({"inception": False, "freeze": "none"}, 0),
        ({"freeze": "extractor"}, 0),
    ],
)
def test_the_extractor_learns_slowly_or_not_at_all(options, rate):
    assert TrainConfig(folder=".", **options).extractor_rate() == pytest.approx(rate)


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"freeze": "extractor", "extractor_learning_rate": 1e-5}, "use only one"),
        ({"freeze": "none", "cache_embeddings": True}, "use only one"),
        ({"model": "resnet", "freeze": "extractor"}, "has an encoder only"),
        ({"freeze": "encoder"}, "add --init"),
        ({"freeze": "none", "extractor_learning_rate": 0.0}, "use only one"),
        ({"model": "sift", "image_size": "64:1,128:1"}, "one --image-size only"),
        ({"image_size": 8192}, "to 4096"),
        ({"model": "plain", "freeze": "encoder"}, "for model fusion or resnet"),
        ({"inception": False, "freeze": "extractor"}, "--no-inception"),
        ({"image_size": "64:1,32"}, "sides with epochs"),
        ({"image_size": "64:1,32:0"}, "1 epoch or more"),
        ({"image_size": "a"}, "is a number"),
        ({"image_size": "64:3,128:2", "epochs": 6}, "makes 5 epochs"),
        ({"early_stopping": 0}, "--early-stopping must be 1"),
        ({"save_every": 0}, "--save-every must be 1"),
    ],
)
def test_options_that_contradict_each_other_are_refused(options, sentence):
    with pytest.raises(InputError, match=sentence):
        TrainConfig(folder=".", **options)


def test_training_stops_early_when_nothing_gets_better(scenes, tmp_path):
    options = {**TINY, "epochs": 30, "learning_rate": 1e-9, "early_stopping": 2}
    run = tmp_path / "run"
    loop.train(TrainConfig(folder=scenes, run=run, monitor="val_rmse", **options))
    assert 3 <= len(log_of(run)) < 30
    assert checkpoint.newest(run).facts["finished"]


def test_tensorboard_is_refused_where_it_is_not_installed(scenes, tmp_path, run_script):
    if find_spec("tensorboard"):
        pytest.skip("it is installed")
    done = run_script("train.py", scenes, "--run", tmp_path / "run", "--tensorboard")
    assert done.returncode == 2
    assert "pip install tensorboard" in done.stderr
    assert not (tmp_path / "run").exists()


def test_tensorboard_gets_its_files(scenes, tmp_path):
    pytest.importorskip("tensorboard")
    loop.train(TrainConfig(folder=scenes, run=tmp_path / "run", tensorboard=True, **TINY))
    assert list((tmp_path / "run" / "tensorboard").rglob("events*"))


def test_float16_scales_the_loss(scenes, tmp_path):
    run = tmp_path / "run"
    options = {**TINY, "precision": "float16", "epochs": 3, "ema": 0.5}
    loop.train(TrainConfig(folder=scenes, run=run, **options))
    losses = [float(row["loss"]) for row in log_of(run)]
    assert np.isfinite(losses).all()
    assert losses[-1] < losses[0]
    # the state holds the scale, 2^15 at the start, which only overflow changes
    assert any(
        array.shape == () and float(array) in (2.0**15, 2.0**14, 2.0**13) for array in checkpoint.newest(run).arrays
    )


def test_what_is_validated_and_saved_is_the_average_itself_and_training_goes_on_from_the_weights(scenes, tmp_path):
    """Swapping changes nothing, to the last bit: with and without averaging the trained weights are the same."""
    states = []
    for ema in (0.0, 0.9):
        run = tmp_path / str(ema)
        loop.train(TrainConfig(folder=scenes, run=run, ema=ema, **{**TINY, "epochs": 2, "workers": 1}))
        states.append(checkpoint.newest(run).arrays)
    count = len(factory.load(run / "last").network.variables)
    for one, other in zip(states[0][:count], states[1][:count], strict=True):
        np.testing.assert_allclose(one, other, atol=5e-3)  # in one process TensorFlow's sums vary


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
    loop.train(TrainConfig(resume=run))
    assert {network.get_layer("encoder1_conv1").compute_dtype for network in built} == {precision}
    assert len({id(network) for network in built}) == 2


def test_any_file_is_trained_on_or_left_out_with_a_reason(scenes, tmp_path, capsys):
    folder = tmp_path / "photographs"
    paths = images.find_in(scenes)
    rgb = images.read(paths[0]).rgb
    for path in paths[1:7]:
        images.write(folder / path.name, images.read(path).rgb)
    Image.fromarray(rgb).convert("CMYK").save(folder / "cmyk.jpg")
    images.write(folder / "deep.png", images.read(paths[7]).rgb.astype(np.uint16) * 257)
    images.write(folder / "tiny.png", np.array([[[200, 30, 30]]], np.uint8))
    images.write(folder / "large.jpg", images.resize(images.read(paths[8]).rgb, (2000, 3000)))
    exif = Image.Exif()
    exif[0x0112] = 6
    Image.fromarray(images.read(paths[9]).rgb).save(folder / "turned.jpg", exif=exif)
    images.write(folder / "gray.png", np.full((40, 40, 3), 99, np.uint8))
    (folder / "empty.jpg").touch()
    (folder / "torn.jpg").write_bytes((folder / "large.jpg").read_bytes()[:5000])
    loop.train(TrainConfig(folder=folder, run=tmp_path / "run", **TINY))
    printed = capsys.readouterr().out
    assert "11 photographs in color; left out: 1 gray, 2 unreadable" in printed
    for name in ("gray.png", "empty.jpg", "torn.jpg"):
        assert name in printed


def test_a_run_folder_that_cannot_be_written_to_is_refused(scenes, tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(InputError, match="cannot write"):
        loop.train(TrainConfig(folder=scenes, run=tmp_path / "file" / "run", **TINY))
