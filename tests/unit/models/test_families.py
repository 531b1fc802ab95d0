"""Promises that every model of the registry keeps, with every head it can have."""

import copy
import math
from contextlib import nullcontext
from functools import cache
from unittest.mock import patch

import keras
import numpy as np
import pytest
from support import build_colorizer, stand_in_extractor

from fusioncolor import bins, color
from fusioncolor.metrics import colorfulness
from fusioncolor.models import factory
from fusioncolor.models.colorizer import Colorizer
from fusioncolor.models.families import MODELS
from fusioncolor.models.networks import inception

RNG = np.random.default_rng(0)
EVERY = [(name, head) for name, family in MODELS.items() for head in family.head_names()]
untrained = cache(build_colorizer)
"""As `build_colorizer`, but one for all tests that leave it as it is."""
every_model = pytest.mark.parametrize(("name", "head"), EVERY)


def inputs(colorizer: Colorizer, count: int = 2) -> np.ndarray:
    lightness = RNG.uniform(0, 100, (count, *colorizer.size, 1)).astype(np.float32)
    return np.stack([colorizer.preprocess(light) for light in lightness])


def target(colorizer: Colorizer, ab: np.ndarray) -> np.ndarray:
    return np.asarray(colorizer.head.encode(ab), np.float32)


@every_model
def test_chroma_is_finite_and_of_the_promised_size_at_one_size_after_another(name, head):
    colorizer = copy.copy(untrained(name, head))
    for size in [(32, 32), (64, 40)]:
        colorizer.size = size
        ab = colorizer.predict_ab(inputs(colorizer))
        assert ab.shape == (2, *colorizer.output_size(), 2)
        assert colorizer.output_size() in [(size[0] // stride, size[1] // stride) for stride in (1, 4, 8)]
        assert np.isfinite(ab).all()
        assert np.abs(ab).max() <= 110


@every_model
def test_a_batch_equals_its_photographs_one_by_one(name, head):
    colorizer = untrained(name, head)
    batch = inputs(colorizer, 3)
    one_by_one = np.concatenate([colorizer.predict_ab(batch[i : i + 1]) for i in range(3)])
    # another batch size is another order of additions
    np.testing.assert_allclose(colorizer.predict_ab(batch), one_by_one, atol=2e-3)


@every_model
def test_a_training_step_changes_every_trainable_weight_and_no_other(name, head):
    colorizer = build_colorizer(name, head)
    network = colorizer.network
    for layer in network.layers:
        layer.trainable = layer.name != inception.NAME
    before = {variable.path: np.asarray(variable) for variable in network.variables}
    frozen = {variable.path for layer in network.layers if not layer.trainable for variable in layer.variables}
    # ten sigmoids pass on so little that plain gradient descent would drown in float32; Adam scales it up
    network.compile("adam", colorizer.head.loss(), run_eagerly=True)  # one step: compiling would take longer
    ab = RNG.uniform(-80, 80, (2, *colorizer.output_size(), 2)).astype(np.float32)
    network.train_on_batch(inputs(colorizer), target(colorizer, ab))
    trainable = {variable.path for variable in network.trainable_variables}
    changed = {v.path for v in network.variables if not np.array_equal(np.asarray(v), before[v.path])}
    assert trainable <= changed
    assert not changed & frozen


@pytest.mark.slow
@pytest.mark.parametrize(("name", "head"), EVERY)
def test_a_picture_of_two_colors_is_learned_in_seconds(name, head):
    colorizer = build_colorizer(name, head)
    lightness = np.full((2, 32, 32, 1), 30, np.float32)
    lightness[:, :, 16:] = 70
    batch = np.stack([colorizer.preprocess(light) for light in lightness])
    stride = 32 // colorizer.output_size()[0]
    ab = np.where(lightness[:, ::stride, ::stride] < 50, [44.0, -22.0], [-33.0, 33.0]).astype(np.float32)

    def error() -> float:
        return float(np.mean((colorizer.predict_ab(batch) - ab) ** 2))

    start = error()
    colorizer.network.compile(keras.optimizers.Adam(1e-3), colorizer.head.loss(), jit_compile=False)
    # ten sigmoid layers hardly train: sift is expected to come out near the mean color
    wanted = start if name == "sift" else start / 2
    for step in range(150):  # batch normalization's averages need about 100 steps to follow
        colorizer.network.train_on_batch(batch, target(colorizer, ab))
        if step % 5 == 4 and error() < wanted:
            return
    pytest.fail(f"the error fell from {start:.0f} to {error():.0f} only")


@every_model
def test_saved_and_loaded_it_gives_the_same_colors(name, head, tmp_path):
    colorizer = build_colorizer(name, head, inception=False) if name == "fusion" else untrained(name, head)
    colorizer.save(tmp_path / "saved", dtype="float32")
    with patch.object(inception, "inception_v3", stand_in_extractor) if name == "dense" else nullcontext():
        loaded = factory.load(tmp_path / "saved")
    assert loaded.head == colorizer.head
    batch = inputs(colorizer)
    np.testing.assert_array_equal(loaded.predict_ab(batch), colorizer.predict_ab(batch))


@every_model
def test_photographs_of_odd_sizes_keep_size_and_lightness(name, head):
    colorizer = untrained(name, head)
    for size in [(1, 1), (1, 50), (37, 53)]:
        gray = RNG.integers(0, 256, size, dtype=np.uint8)
        rgb = colorizer.colorize(gray)
        assert rgb.shape == (*size, 3)
        expected = color.rgb_to_lightness(np.stack([gray] * 3, axis=-1))
        assert np.abs(color.rgb_to_lightness(rgb) - expected).max() < 1


def vivid_bias(channels: int) -> np.ndarray:
    """Of an output layer: a moderate color, or a distribution with its mode at a vivid one."""
    if channels < len(bins.BINS):
        return np.full(channels, 0.2)
    return np.where((bins.BINS == (60, 40)).all(axis=1), 3.0, -np.linalg.norm(bins.BINS, axis=1) / 40)


@every_model
def test_vividness_0_is_gray_and_more_is_more_colorful(name, head):
    colorizer = build_colorizer(name, head)
    for layer in colorizer.network.layers:  # untrained outputs are near gray
        if "output" in layer.name and layer.weights:
            layer.bias.assign(vivid_bias(layer.bias.shape[0]))
    gray = RNG.integers(60, 200, (40, 40), dtype=np.uint8)
    fullness = [colorfulness(colorizer.colorize(gray, vividness=vividness)) for vividness in (0.0, 1.0, 2.0)]
    assert fullness[0] < 0.5 < fullness[1] < fullness[2]


@pytest.mark.parametrize(
    ("name", "kernels", "with_biases"), [("plain", 32_222_016, 32_230_393), ("residual", 16_602_176, 16_608_057)]
)
def test_the_published_networks_have_the_published_number_of_weights(name, kernels, with_biases):
    convolutions = [
        layer for layer in build_colorizer(name, "classification").network.layers if hasattr(layer, "kernel")
    ]
    assert sum(math.prod(layer.kernel.shape) for layer in convolutions) == kernels
    biases = sum(math.prod(layer.bias.shape) for layer in convolutions)
    assert kernels + biases == with_biases
