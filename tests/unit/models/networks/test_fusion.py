"""Special features of the fusion network and its extractor."""

import keras
import numpy as np
import pytest
from keras import layers
from support import stand_in_extractor

from fusioncolor.models import factory
from fusioncolor.models.networks.fusion import fuse, fusion
from fusioncolor.models.networks.inception import EMBEDDING

RNG = np.random.default_rng(0)


def small_fusion(**options) -> keras.Model:
    keras.utils.set_random_seed(0)
    return fusion(extractor=stand_in_extractor(), **options)


def lightness(count: int = 2, size: tuple[int, int] = (32, 32)) -> np.ndarray:
    return RNG.uniform(0, 100, (count, *size, 1)).astype(np.float32)


def test_the_fused_tensor_of_the_published_size_is_32x32x1257():
    network = factory.create("fusion").network
    local = network.get_layer("local_features").output
    embedding = network.get_layer(EMBEDDING).output
    sizes = keras.Model(network.input, [local, embedding]).compute_output_shape((1, 256, 256, 1))
    assert sizes == [(1, 32, 32, 257), (1, 1000)]
    assert network.compute_output_shape((1, 256, 256, 1)) == (1, 256, 256, 2)


def literal_fuse(local, embedding, filters: int, height: int, width: int):
    """As published: replicate the embedding over the grid, concatenate along depth, convolve 1x1."""
    replicated = layers.Reshape((height, width, embedding.shape[-1]))(layers.RepeatVector(height * width)(embedding))
    return layers.Conv2D(filters, 1, name="literal")(layers.Concatenate()([local, replicated]))


def test_fusing_equals_replicate_concatenate_convolve_forward_and_backward():
    local_input, embedding_input = keras.Input((5, 7, 257)), keras.Input((1000,))
    inputs = [local_input, embedding_input]
    ours = keras.Model(inputs, fuse(local_input, embedding_input, 16))
    literal = keras.Model(inputs, literal_fuse(local_input, embedding_input, 16, 5, 7))

    def rows_of_one_kernel() -> np.ndarray:
        local_kernel = np.asarray(ours.get_layer("fusion_local").kernel)
        return np.concatenate([local_kernel, np.asarray(ours.get_layer("fusion_embedding").kernel)[None, None]], axis=2)

    literal.get_layer("literal").kernel.assign(rows_of_one_kernel())
    data = [RNG.normal(size=(3, 5, 7, 257)).astype(np.float32), RNG.normal(size=(3, 1000)).astype(np.float32)]
    expected = np.asarray(literal.predict_on_batch(data))
    # float32 sums of 1257 terms in another order
    np.testing.assert_allclose(np.asarray(ours.predict_on_batch(data)), expected, atol=2e-4)

    target = RNG.normal(size=(3, 5, 7, 16)).astype(np.float32)
    for model in (ours, literal):  # a step of plain gradient descent of rate 1 moves each weight by its gradient
        model.compile(keras.optimizers.SGD(1.0), "mse", jit_compile=False)
        model.train_on_batch(data, target)
    np.testing.assert_allclose(rows_of_one_kernel(), np.asarray(literal.get_layer("literal").kernel), atol=2e-4)
    bias = np.asarray(ours.get_layer("fusion_local").bias)
    np.testing.assert_allclose(bias, np.asarray(literal.get_layer("literal").bias), atol=2e-5)


def test_the_embedding_reaches_every_pixel():
    network = small_fusion()
    split = keras.Model([network.input, network.get_layer(EMBEDDING).output], network.output)
    light = lightness(1)
    outputs = [np.asarray(split.predict_on_batch([light, np.full((1, 6), value, np.float32)])) for value in (-3, 3)]
    assert (np.abs(outputs[0] - outputs[1]).max(axis=-1) > 0).mean() > 0.99


def test_ablations_leave_out_what_they_say():
    names = {layer.name for layer in fusion(extractor=None, skips=False, batch_normalization=False).layers}
    assert not any("skip" in name or "normalization" in name or "embedding" in name for name in names)
    leaky = fusion(extractor=None, negative_slope=0.1).get_layer("encoder0_conv1_activation")
    assert leaky.get_config()["negative_slope"] == pytest.approx(0.1)
    plain = fusion(extractor=None, negative_slope=0).get_layer("encoder0_conv1_activation")
    assert isinstance(plain, layers.ReLU)
