import keras
import numpy as np
import pytest
from skimage.metrics import peak_signal_noise_ratio
from support import GOING_ON, PRINTING, TINY, build_colorizer, log_of, stand_in_extractor

from fusioncolor import color, images
from fusioncolor.config import TrainConfig
from fusioncolor.data.datasets import PhotographDataset
from fusioncolor.models import factory
from fusioncolor.models.networks import inception
from fusioncolor.run_folder import RunFolder
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
    assert list((tmp_path / "run" / "tensorboard").rglob("events*"))


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
