import contextlib

import keras
import numpy as np
import pytest
from support import TINY, log_of, stand_in_extractor

from fusioncolor.config import TrainConfig
from fusioncolor.errors import InputError
from fusioncolor.models import factory
from fusioncolor.models.colorizer import Colorizer
from fusioncolor.models.networks import inception
from fusioncolor.training import loop
from fusioncolor.training.optimizer import Adam, create_optimizer


@pytest.mark.usefixtures("eager")
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


def test_adam_of_two_rates_moves_slow_variables_less():
    fast, slow = keras.Variable([1.0], name="fast"), keras.Variable([1.0], name="slow")
    optimizer = Adam(0.1, slow=[slow], factor=0.01)
    optimizer.build([fast, slow])
    optimizer.apply([keras.ops.ones(1), keras.ops.ones(1)])
    # Adam's first step is the learning rate itself, whatever the gradient
    np.testing.assert_allclose(1 - np.asarray(keras.ops.convert_to_numpy(fast)), 0.1, rtol=1e-4)
    np.testing.assert_allclose(1 - np.asarray(keras.ops.convert_to_numpy(slow)), 0.001, rtol=1e-3)


@pytest.mark.slow
@pytest.mark.usefixtures("eager")
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


def test_a_network_without_an_extractor_has_one_rate():
    config = TrainConfig(folder=".", freeze="none")  # as with `init`, whose network may be without
    optimizer = create_optimizer(config, factory.create("fusion", inception=False), 10)
    weight = keras.Variable([1.0])
    optimizer.build([weight])
    optimizer.apply([np.ones(1, np.float32)])
    np.testing.assert_allclose(weight, [1 - config.learning_rate], rtol=1e-6)


def test_weight_decay_shrinks_kernels_and_nothing_else():
    optimizer = optimizer_of(weight_decay=0.1, learning_rate=0.1)
    kernel, bias = keras.Variable([1.0], name="kernel"), keras.Variable([1.0], name="bias")
    optimizer.build([kernel, bias])
    optimizer.apply([np.zeros(1, np.float32)] * 2)
    np.testing.assert_allclose(kernel, [0.99])
    np.testing.assert_allclose(bias, [1.0])


def test_gradients_are_clipped_to_the_global_norm():
    """Adam divides by the size of the gradients, so plain descent shows what clipping left of them."""
    changes = []
    for clip in (None, 0.5):
        optimizer = optimizer_of(clip_norm=clip, learning_rate=1.0)
        seen = []
        optimizer.update_step = lambda gradient, variable, rate, seen=seen: seen.append(np.asarray(gradient))
        variables = [keras.Variable([0.0, 0.0]), keras.Variable([0.0])]
        optimizer.build(variables)
        optimizer.apply([np.array([3.0, 0.0], np.float32), np.array([4.0], np.float32)])
        changes.append(np.concatenate(seen))
    np.testing.assert_allclose(changes[0], [3, 0, 4])
    np.testing.assert_allclose(changes[1], [0.3, 0, 0.4], rtol=1e-5)


def test_without_a_warmup_the_cosine_begins_at_the_learning_rate():
    rate = optimizer_of(schedule="cosine", epochs=2, warmup_epochs=0, learning_rate=0.5)._learning_rate  # 20 steps
    np.testing.assert_allclose([float(rate(step)) for step in (0, 10, 20)], [0.5, 0.25, 0], atol=1e-6)
    assert float(optimizer_of(learning_rate=0.5).learning_rate) == 0.5


def test_averages_follow_the_weights_which_stay_as_trained():
    optimizer = optimizer_of(ema=0.75, learning_rate=0.1)
    weight = keras.Variable([0.0])
    optimizer.build([weight])
    for _ in range(2):
        optimizer.apply([np.ones(1, np.float32)])  # Adam moves by the learning rate, as the gradient stays the same
    optimizer.finalize_variable_values([weight])
    [(trained, average)] = optimizer.averages
    np.testing.assert_allclose(trained, [-0.2], rtol=1e-4)
    np.testing.assert_allclose(average, [0.75 * -0.1 + 0.25 * -0.2], rtol=1e-4)  # the first step is the first average
    assert not optimizer_of(ema=0.0).use_ema
    assert optimizer_of(weight_decay=0.0).weight_decay is None
