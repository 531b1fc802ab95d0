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


class MapsOfPosition(layers.Layer):
    """Stands for InceptionV3: six numbers, and maps whose values are the pixel that each cell lies at."""

    def call(self, lightness):
        count = keras.ops.shape(lightness)[0]
        embedding = keras.ops.zeros((count, 6)) + keras.ops.mean(lightness)
        rows = keras.ops.arange(17, dtype="float32")[None, :, None, None] * 16 + 21
        columns = keras.ops.arange(8, dtype="float32")[None, None, :, None] * 32 + 37
        mixed7 = keras.ops.zeros((count, 17, 17, 2)) + rows
        return embedding, mixed7, keras.ops.zeros((count, 8, 8, 3)) + columns

    def compute_output_shape(self, shape):
        return (shape[0], 6), (shape[0], 17, 17, 2), (shape[0], 8, 8, 3)


def test_dense_features_join_the_sum_at_the_place_they_belong_to():
    lightness_input = keras.Input((None, None, 1))
    extractor = keras.Model(lightness_input, MapsOfPosition()(lightness_input), name="extractor")
    network = fusion(extractor=extractor, maps=("mixed7", "mixed10"))
    for name in ("mixed7", "mixed10"):  # a convolution that passes the first channel on
        kernel = network.get_layer(f"fusion_{name}").kernel
        kernel.assign(np.eye(*kernel.shape[2:])[None, None])
    aligned = [network.get_layer(f"fusion_{name}_alignment").output for name in ("mixed7", "mixed10")]
    rows, columns = keras.Model(network.input, aligned).predict_on_batch(lightness(1, (256, 128)))
    pixels = (np.arange(32) + 0.5) * 299 / 32 - 0.5
    np.testing.assert_allclose(np.asarray(rows)[0, :, 0, 0], np.clip(pixels, 21, 277), rtol=1e-5)
    pixels = (np.arange(16) + 0.5) * 299 / 16 - 0.5
    np.testing.assert_allclose(np.asarray(columns)[0, 3, :, 0], np.clip(pixels, 37, 261), rtol=1e-5)


@pytest.mark.slow
def test_dense_features_change_nothing_of_inception_so_that_its_weights_fit():
    without, dense = (
        factory.create("fusion", head="classification", dense_features=wanted).network.get_layer("extractor")
        for wanted in (False, True)
    )
    dense.set_weights(without.get_weights())
    light = lightness(1, (64, 64))
    embedding, mixed7, mixed10 = (np.asarray(one) for one in dense.predict_on_batch(light))
    np.testing.assert_array_equal(embedding, np.asarray(without.predict_on_batch(light)))
    assert (mixed7.shape, mixed10.shape) == ((1, 17, 17, 768), (1, 8, 8, 2048))
