from contextlib import contextmanager
from functools import partial
from types import SimpleNamespace

import keras
import numpy as np
import pytest
from skimage.metrics import peak_signal_noise_ratio
from support import GOING_ON, PRINTING, TINY, build_colorizer, log_of, stand_in_extractor

from fusioncolor import color, images
from fusioncolor.config import TrainConfig
from fusioncolor.data.datasets import PhotographDataset
from fusioncolor.data.splits import Split
from fusioncolor.models import factory
from fusioncolor.models.networks import inception
from fusioncolor.run_folder import RunFolder
from fusioncolor.runtime.distribution import ALONE, Group
from fusioncolor.runtime.reporting import Reporter
from fusioncolor.training import callbacks, checkpoint, loop
from fusioncolor.training.optimizer import Adam

pytestmark = pytest.mark.usefixtures("eager")  # a few small steps each


@pytest.mark.slow
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


@pytest.mark.slow
@pytest.mark.parametrize(("monitor", "best_of"), [("val_auc", np.argmax), ("val_rmse", np.argmin)])
def test_what_is_monitored_chooses_the_best_and_is_logged_beside_the_null_models(
    scenes, tmp_path, capsys, monitor, best_of
):
    config = TrainConfig(folder=scenes, run=tmp_path / "run", monitor=monitor, **{**TINY, "epochs": 3})
    loop.train(config, reporter=PRINTING)
    values = [float(row[monitor]) for row in log_of(tmp_path / "run")]
    assert factory.load(tmp_path / "run" / "best").origin.metrics["epoch"] == int(best_of(values)) + 1
    printed = capsys.readouterr().out
    assert printed.count("left gray: AuC") == 1
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


@pytest.mark.slow
def test_a_classifier_and_perceptrons_are_monitored_by_their_colors_too(scenes, tmp_path):
    for model, options in (("plain", {"head": "classification"}), ("sift", {"pixels": 16})):
        run = tmp_path / model
        config = {**GOING_ON, **options}
        loop.train(TrainConfig(folder=scenes, model=model, run=run, monitor="val_auc", **config))
        assert 0 < float(log_of(run)[0]["val_auc"]) < 100


@pytest.mark.slow
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


def test_tensorboard_gets_its_files(scenes, tmp_path):
    pytest.importorskip("tensorboard")
    loop.train(TrainConfig(folder=scenes, run=tmp_path / "run", tensorboard=True, **TINY))
    events = b"".join(path.read_bytes() for path in (tmp_path / "run" / "tensorboard").rglob("events*"))
    assert b"epoch_loss" in events
    assert b"epoch_learning_rate" in events


def validating(colorizer, dataset) -> dict:
    """What validation adds to the log."""
    validate, logs = callbacks.Validate(colorizer), {}
    validate.set_model(colorizer.network)
    validate.dataset = dataset
    validate.on_epoch_end(0, logs)
    return logs


@pytest.mark.parametrize("head", ["regression", "classification"])
def test_the_validation_loss_is_what_keras_evaluates(scenes, head):
    colorizer = build_colorizer("fusion", head, inception=False)
    colorizer.network.compile("sgd", colorizer.head.loss())
    paths = images.find_in(scenes)[:7]  # the last batch is smaller
    logs = validating(colorizer, PhotographDataset(paths, colorizer, batch_size=4, judged=True))
    expected = colorizer.network.evaluate(PhotographDataset(paths, colorizer, batch_size=4), verbose=0)
    assert logs["val_loss"] == pytest.approx(expected, rel=1e-5)  # float32 sums in another order


def test_the_gain_is_the_psnr_of_the_pictures_over_that_of_the_gray_ones(scenes):
    """With scikit-image as the judge; photographs of 32x32, the size of this network's output."""
    colorizer = build_colorizer("fusion", inception=False)
    output = colorizer.network.get_layer("output")
    output.set_weights([10 * weights for weights in output.get_weights()])  # so that it has some colors
    paths = images.find_in(scenes)[:5]
    colorizer.network.compile("sgd", colorizer.head.loss())
    logs = validating(colorizer, PhotographDataset(paths, colorizer, batch_size=2, judged=True))
    gains = []
    for path in paths:
        true = images.read_resized(path, (32, 32))
        gray = color.join_in_gamut(color.rgb_to_lightness(true), np.zeros((32, 32, 2), np.float32))
        before, after = (peak_signal_noise_ratio(true, one) for one in (gray, colorizer.colorize(true)))
        gains.append(after - before)
    assert np.ptp(gains) > 0.1
    assert logs["val_gain"] == pytest.approx(np.mean(gains), abs=0.02)  # the truth passes through Lab, and is rounded


def test_a_network_without_colors_gains_nothing(scenes):
    colorizer = build_colorizer("fusion", inception=False)
    colorizer.network.get_layer("output").set_weights([np.zeros((3, 3, 32, 2)), np.zeros(2)])
    colorizer.network.compile("sgd", colorizer.head.loss())
    dataset = PhotographDataset(images.find_in(scenes)[:3], colorizer, batch_size=2, judged=True)
    assert validating(colorizer, dataset)["val_gain"] == 0


def test_the_averages_take_the_place_of_the_weights_and_give_it_back_to_the_last_bit():
    network = keras.Sequential([keras.Input((3,)), keras.layers.Dense(2)])
    network.compile(Adam(0.01, use_ema=True, ema_momentum=0.9), "mse")
    rng = np.random.default_rng(0)
    for _ in range(3):
        network.train_on_batch(rng.normal(size=(4, 3)), rng.normal(size=(4, 2)))
    trained = network.get_weights()
    averages = [np.array(average) for _, average in network.optimizer.averages]
    swap = callbacks.AverageWeights()
    swap.set_model(network)
    for _ in range(5):
        swap.on_epoch_end(0)
        for one, other in zip(network.get_weights(), averages, strict=True):
            np.testing.assert_array_equal(one, other)
        swap.on_epoch_begin(1)
        for one, other in zip(network.get_weights(), trained, strict=True):
            np.testing.assert_array_equal(one, other)
    assert not np.array_equal(trained[0], averages[0])


LOGS = {"loss": 0.5, "val_loss": 0.25, "val_gain": 1.5, "val_auc": 90.0, "val_rmse": 12.0}


class Saving:
    """A colorizer that keeps what it is asked to save: the name of the folder, and the rest."""

    def __init__(self) -> None:
        self.saved: list[tuple[str, dict]] = []

    def save(self, folder, **rest) -> None:
        self.saved.append((folder.name, rest))


def saving(tmp_path, group=ALONE, **options) -> tuple[Saving, callbacks.Save]:
    config = TrainConfig(folder=tmp_path / "photographs", run=tmp_path / "garden", **{**TINY, "epochs": 7, **options})
    colorizer = Saving()
    split = Split(["a", "b", "c"], ["d", "e"], [])
    return colorizer, callbacks.Save(colorizer, RunFolder(tmp_path / "garden"), config, split, group=group)


@pytest.mark.parametrize(
    ("monitor", "values", "best"),
    [("val_loss", (3, 4, 2, 2, np.nan), [1, 3]), ("val_gain", (-1, -2, 5, 5, np.nan), [1, 3])],
)
def test_the_best_is_saved_when_it_gets_better_and_the_last_always(tmp_path, monitor, values, best):
    colorizer, save = saving(tmp_path, monitor=monitor)
    for epoch, value in enumerate(values):
        save.on_epoch_end(epoch, {**LOGS, monitor: value})
    epochs = {
        name: [rest["metrics"]["epoch"] for folder, rest in colorizer.saved if folder == name]
        for name in ("best", "last")
    }
    assert epochs == {"best": best, "last": [1, 2, 3, 4] if monitor == "val_loss" else [1, 2, 3, 4, 5]}


def test_what_is_saved_says_how_it_was_trained(tmp_path):
    colorizer, save = saving(tmp_path)
    save.on_epoch_end(2, LOGS)
    _, rest = colorizer.saved[0]
    assert rest["photographs"] == {"train": 3, "validation": 2, "test": 0}
    assert rest["metrics"] == {"epoch": 3, **LOGS}
    assert rest["training"]["epochs"] == 7
    assert rest["training"]["folder"] == "photographs"
    card = rest["card"]
    assert card.startswith("# garden\n\nModel `fusion`, trained on 3 photographs from `photographs`. Epoch 3 of 7: ")
    assert "loss 0.50000; validation loss 0.25000 on 2 other photographs, whose PSNR is +1.50 dB above gray" in card


def test_of_several_processes_the_first_writes(tmp_path):
    colorizer, save = saving(tmp_path, group=Group(1, 2))
    save.on_epoch_end(0, LOGS)
    log = callbacks.Log(RunFolder(tmp_path), group=Group(1, 2))
    log.on_epoch_end(0, LOGS)
    assert (colorizer.saved, save.best, len(log.rows)) == ([], 0.25, 1)
    assert not list(tmp_path.iterdir())


def test_the_log_has_a_row_per_epoch_and_every_column(tmp_path):
    log = callbacks.Log(RunFolder(tmp_path))
    log.rows = [{"epoch": 1, "loss": 2.0}]  # of an earlier version
    log.on_epoch_end(1, {"loss": np.float32(0.5), "val_loss": 0.25})
    assert RunFolder(tmp_path).log.read_bytes() == b"epoch,loss,val_loss\n1,2.0,nan\n2,0.5,0.25\n"


class Watching(Reporter):
    """Keeps messages and what is done with bars."""

    def __init__(self) -> None:
        self.seen: list[tuple] = []

    def info(self, message: str) -> None:
        self.seen.append(("info", message))

    @contextmanager
    def bar(self, label, total, *, unit="img"):
        self.seen.append(("bar", label, total))
        yield SimpleNamespace(**{name: partial(self._note, name) for name in ("advance", "note", "rename")})
        self.seen.append(("closed",))

    def _note(self, *event) -> None:
        self.seen.append(event)


@pytest.mark.parametrize(("monitor", "judged"), [("val_loss", ""), ("val_auc", "auc 90.00, "), ("val_gain", "")])
def test_progress_counts_photographs_and_sums_an_epoch_up(tmp_path, monkeypatch, monitor, judged):
    moments = iter([100.0, 104.0, 110.0])
    monkeypatch.setattr(callbacks.time, "perf_counter", lambda: next(moments))
    reporter = Watching()
    config = TrainConfig(folder=tmp_path, monitor=monitor, **{**TINY, "epochs": 5, "batch_size": 6})
    progress = callbacks.Progress(config, reporter)
    progress.set_params({"steps": 2})
    progress.on_epoch_begin(2)
    for batch in range(2):
        progress.on_train_batch_end(batch, {"loss": 0.125})
    progress.on_epoch_end(2, LOGS)
    line = f"epoch 3/5: loss 0.50000, validation 0.25000 (+1.50 dB over gray), {judged}3 img/s, 10 s"
    assert reporter.seen == [
        ("bar", "epoch 3/5", 12), ("note", "loss=0.12500"), ("advance", 6), ("note", "loss=0.12500"), ("advance", 6),
        ("rename", "validating"), ("closed",), ("info", line),
    ]  # fmt: skip


def drawing(tmp_path, monkeypatch, **options) -> tuple[list[str], callbacks.Pictures]:
    config = TrainConfig(folder=tmp_path, **{**TINY, "epochs": 5, **options})
    log, drawn = callbacks.Log(RunFolder(tmp_path)), []
    log.rows = [LOGS]
    pictures = callbacks.Pictures(None, [f"{index}.jpg" for index in range(22)], RunFolder(tmp_path), log, config)
    monkeypatch.setattr(callbacks.plotting, "learning_curves", lambda columns: None)
    monkeypatch.setattr(pictures, "_grid", lambda: None)
    monkeypatch.setattr(pictures, "_draw", lambda figure, path: drawn.append(path.name))
    return drawn, pictures


def test_eight_photographs_are_drawn_every_few_epochs_and_at_the_end(tmp_path, monkeypatch):
    drawn, pictures = drawing(tmp_path, monkeypatch, preview_every=2)
    assert pictures.paths == [f"{index}.jpg" for index in (0, 3, 6, 9, 12, 15, 18, 21)]
    for epoch in range(5):
        pictures.on_epoch_end(epoch, {**LOGS, "val_loss": np.nan if epoch == 3 else 1})
    assert [name for name in drawn if name.startswith("epoch")] == ["epoch-002.png", "epoch-005.png"]
    assert len(drawn) == 5 + 2  # the learning curves after every epoch
    drawn, pictures = drawing(tmp_path, monkeypatch, preview_every=0)
    pictures.on_epoch_end(4, LOGS)
    assert len(drawn) == 1


def test_a_perfect_prediction_counts_as_100_decibels():
    lab = color.rgb_to_lab(np.random.default_rng(0).integers(0, 256, (16, 16, 3), dtype=np.uint8))
    lightness, ab = color.split(lab)
    true, gray = (color.join_in_gamut(lightness, one) for one in (ab, np.zeros_like(ab)))
    assert callbacks._gain(lab, ab) == pytest.approx(100 - peak_signal_noise_ratio(true, gray), abs=1e-6)


def test_errors_are_added_up_over_batches_of_any_size():
    rng = np.random.default_rng(0)
    predicted, true = rng.normal(0, 30, (2, 5, 4, 4, 2))
    errors = callbacks._Errors()
    for part in (slice(0, 2), slice(2, 5)):
        errors.add(predicted[part], true[part])
    assert errors.rmse() == pytest.approx(np.sqrt(((predicted - true) ** 2).mean()), rel=1e-5)
    distance = np.sort(np.linalg.norm(predicted - true, axis=-1).ravel())
    shares = np.searchsorted(distance, np.arange(151), side="right") / distance.size
    assert errors.auc() == pytest.approx(100 * np.trapezoid(shares) / 150)


@pytest.mark.slow
def test_training_goes_on_from_the_weights_and_not_from_their_averages(scenes, tmp_path, run_script):
    """With and without averaging the trained weights are the same, to the last bit."""
    options = ["--no-inception", "--image-size", 32, "--batch-size", 4, "--precision", "float32", "--epochs", 2]
    states = []
    for ema in (0.0, 0.9):
        run = tmp_path / str(ema)
        done = run_script("train.py", scenes, "--run", run, "--ema", ema, *options)
        assert done.returncode == 0, done.stderr
        states.append(checkpoint.newest(RunFolder(run)).arrays)
    count = len(factory.load(run / "last").network.variables)
    for one, other in zip(states[0][:count], states[1][:count], strict=True):
        np.testing.assert_array_equal(one, other)
