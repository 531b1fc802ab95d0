"""What is special about the fusion network and its extractor."""

import keras
import numpy as np
import pytest
from keras import layers
from support import stand_in_extractor

from fusioncolor.errors import InputError
from fusioncolor.models import factory, pretrained
from fusioncolor.models.networks.blocks import follow_within
from fusioncolor.models.networks.fusion import fuse, fusion
from fusioncolor.models.networks.inception import EMBEDDING, NAME, inception_v3, set_trainable

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


@pytest.mark.parametrize(("steps", "left"), [(8, 0.05), (40, 0.05), (5000, 1e-6)])
def test_the_averages_of_batch_normalization_forget_their_start_within_an_epoch(steps, left):
    network = small_fusion()
    follow_within(network, steps)
    normalizations = [layer for layer in network.layers if isinstance(layer, layers.BatchNormalization)]
    assert normalizations
    assert all(layer.momentum**steps < left for layer in normalizations)
    assert all(layer.momentum <= 0.97 for layer in normalizations)


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


def test_inception_has_its_1000_classes_before_the_softmax():
    extractor = inception_v3()
    light = lightness(2, (48, 48))
    logits = np.asarray(extractor.predict_on_batch(light))
    assert logits.shape == (2, 1000)
    assert logits.min() < 0  # a softmax has no negative values


@pytest.mark.parametrize("trainable", [False, True])
def test_the_statistics_of_inception_stay_untouched_by_training(trainable):
    extractor = inception_v3()
    set_trainable(extractor, trainable)
    before = {variable.path: np.asarray(variable) for variable in extractor.variables}
    extractor.compile("sgd", "mse", jit_compile=False)
    extractor.train_on_batch(lightness(2, (48, 48)), np.ones((2, 1000), np.float32))
    changed = {v.path for v in extractor.variables if not np.array_equal(np.asarray(v), before[v.path])}
    assert bool(changed) == trainable
    assert not any("normalization" in path for path in changed)


def test_without_a_network_the_imagenet_weights_are_refused_with_both_ways_out(monkeypatch):
    def fail(*_, **__):
        raise Exception("URL fetch failure")

    extractor = stand_in_extractor()
    monkeypatch.setattr(keras.applications, "InceptionV3", fail)
    with pytest.raises(InputError, match=r"--inception-weights PATH.*--inception-weights none"):
        pretrained.load_extractor_weights(extractor, "imagenet")


def test_extractor_weights_come_from_a_file_or_from_a_saved_colorizer(tmp_path):
    source = factory.create("fusion", seed=3)
    inception = source.network.get_layer(NAME).get_layer("inception_v3")
    inception.save_weights(tmp_path / "inception.weights.h5")
    source.save(tmp_path / "saved", dtype="float32")
    expected = inception.get_weights()
    for path in (tmp_path / "inception.weights.h5", tmp_path / "saved"):
        extractor = inception_v3()
        pretrained.load_extractor_weights(extractor, path)
        loaded = extractor.get_layer("inception_v3").get_weights()
        assert all(np.array_equal(a, b) for a, b in zip(loaded, expected, strict=True))


def test_extractor_weights_of_another_network_are_refused(tmp_path):
    keras.Sequential([keras.Input((3,)), layers.Dense(2)]).save_weights(tmp_path / "other.weights.h5")
    with pytest.raises(InputError, match=r"other\.weights\.h5: these weights do not fit"):
        pretrained.load_extractor_weights(inception_v3(), tmp_path / "other.weights.h5")
