"""Special features of the dense network."""

import keras
import numpy as np
import pytest
from support import stand_in_extractor

from fusioncolor.models.networks import inception
from fusioncolor.models.networks.dense import dense


def small_dense(**options) -> keras.Model:
    keras.utils.set_random_seed(0)
    return dense(extractor=stand_in_extractor(inception.MAPS), **options)


def lightness(size: tuple[int, int]) -> np.ndarray:
    return np.random.default_rng(0).uniform(0, 100, (1, *size, 1)).astype(np.float32)


def test_the_published_size_is_fused_at_16x16_and_colored_at_32x32():
    network = small_dense()
    fused = keras.Model(network.input, network.get_layer("fusion_sum").output)
    assert fused.compute_output_shape((1, 256, 256, 1)) == (1, 16, 16, 160)
    assert np.asarray(network.predict_on_batch(lightness((256, 256)))).shape == (1, 32, 32, 313)


@pytest.mark.slow
def test_sides_that_are_no_multiple_of_16_get_an_eighth_too():
    assert np.asarray(small_dense().predict_on_batch(lightness((72, 40)))).shape == (1, 9, 5, 313)


def test_every_feature_of_inception_reaches_the_output():
    network = small_dense()
    light = lightness((64, 64))
    before = np.asarray(network.predict_on_batch(light))
    for name in ("fusion_mixed2", "fusion_mixed7", "fusion_mixed10", "fusion_embedding"):
        layer = network.get_layer(name)
        kept = layer.get_weights()
        layer.set_weights([weight * 3 + 1 for weight in kept])
        assert np.abs(np.asarray(network.predict_on_batch(light)) - before).max() > 1e-4, name
        layer.set_weights(kept)


def test_dropout_acts_on_the_embedding_in_training_only():
    network = small_dense(dropout=0.9)
    light = lightness((64, 64))
    embedding = keras.Model(network.input, network.get_layer("embedding_dropout").output)
    np.testing.assert_array_equal(embedding(light), embedding(light))
    dropped = np.asarray(embedding(np.repeat(light, 20, axis=0), training=True))
    assert 0.6 < (dropped == 0).mean() < 1
