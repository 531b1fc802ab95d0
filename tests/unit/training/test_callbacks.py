import numpy as np
import pytest
from support import GOING_ON, PRINTING, TINY, log_of, stand_in_extractor

from fusioncolor import color, images
from fusioncolor.config import TrainConfig
from fusioncolor.models import factory
from fusioncolor.models.networks import inception
from fusioncolor.run_folder import RunFolder
from fusioncolor.training import checkpoint, loop

pytestmark = pytest.mark.usefixtures("eager")  # a few small steps each


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


@pytest.mark.parametrize(("monitor", "best_of"), [("val_auc", np.argmax), ("val_rmse", np.argmin)])
def test_what_is_monitored_chooses_the_best_and_is_logged_beside_the_null_models(
    scenes, tmp_path, capsys, monitor, best_of
):
    config = TrainConfig(folder=scenes, run=tmp_path / "run", monitor=monitor, **{**TINY, "epochs": 3})
    loop.train(config, reporter=PRINTING)
    values = [float(row[monitor]) for row in log_of(tmp_path / "run")]
    assert factory.load(tmp_path / "run" / "best").origin.metrics["epoch"] == int(best_of(values)) + 1
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


@pytest.mark.slow
def test_what_is_validated_and_saved_is_the_average_itself_and_training_goes_on_from_the_weights(scenes, tmp_path):
    """Swapping changes nothing, to the last bit: with and without averaging the trained weights are the same."""
    states = []
    for ema in (0.0, 0.9):
        run = tmp_path / str(ema)
        loop.train(TrainConfig(folder=scenes, run=run, ema=ema, **{**TINY, "epochs": 2, "workers": 1}))
        states.append(checkpoint.newest(RunFolder(run)).arrays)
    count = len(factory.load(run / "last").network.variables)
    for one, other in zip(states[0][:count], states[1][:count], strict=True):
        np.testing.assert_allclose(one, other, atol=5e-3)  # in one process TensorFlow's sums vary
