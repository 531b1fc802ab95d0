"""Promises that every model of the registry keeps, and what is special about the fusion network."""

import keras
import numpy as np
import pytest
from keras import layers

from fusioncolor import models
from fusioncolor.colorizer import Colorizer
from fusioncolor.errors import InputError
from fusioncolor.heads import RegressionHead
from fusioncolor.models import extractors
from fusioncolor.models.fusion import fuse, fusion

RNG = np.random.default_rng(0)


def stand_in_extractor() -> keras.Model:
    """Two layers in place of InceptionV3: lightness of any size -> 6 numbers."""
    lightness = keras.Input((None, None, 1))
    x = layers.Rescaling(1 / 100)(lightness)
    x = layers.GlobalAveragePooling2D()(layers.Conv2D(4, 3)(x))
    return keras.Model(lightness, layers.Dense(6)(x), name=extractors.NAME)


def small_fusion(**options) -> keras.Model:
    keras.utils.set_random_seed(0)
    return fusion(extractor=stand_in_extractor(), **options)


def lightness(count: int = 2, size: tuple[int, int] = (32, 32)) -> np.ndarray:
    return RNG.uniform(0, 100, (count, *size, 1)).astype(np.float32)


NETWORKS = {
    "fusion": small_fusion,
    "fusion without the embedding": lambda: fusion(extractor=None),
    "fusion without skips": lambda: small_fusion(skips=False),
    "the conventional CNN": lambda: fusion(extractor=None, skips=False, batch_normalization=False, negative_slope=0),
}
every_network = pytest.mark.parametrize("build", NETWORKS.values(), ids=NETWORKS.keys())


@every_network
@pytest.mark.parametrize("size", [(32, 32), (64, 40)])
def test_output_has_the_size_of_the_input_and_stays_within_tanh(build, size):
    output = np.asarray(build().predict_on_batch(lightness(2, size)))
    assert output.shape == (2, *size, 2)
    assert np.isfinite(output).all()
    assert np.abs(output).max() <= 1


@every_network
def test_a_batch_equals_its_photographs_one_by_one(build):
    network, batch = build(), lightness(3)
    one_by_one = np.concatenate([np.asarray(network.predict_on_batch(batch[i : i + 1])) for i in range(3)])
    # another batch size is another order of additions
    np.testing.assert_allclose(np.asarray(network.predict_on_batch(batch)), one_by_one, atol=1e-5)


@every_network
def test_a_training_step_changes_every_trainable_weight_and_no_other(build):
    network = build()
    for layer in network.layers:
        layer.trainable = layer.name != extractors.NAME
    before = {variable.path: np.asarray(variable) for variable in network.variables}
    frozen = [variable.path for layer in network.layers if not layer.trainable for variable in layer.variables]
    network.compile("sgd", "mse", jit_compile=False)
    network.train_on_batch(lightness(), RNG.uniform(-1, 1, (2, 32, 32, 2)).astype(np.float32))
    trainable = {variable.path for variable in network.trainable_variables}
    changed = {
        variable.path
        for variable in network.variables
        if not np.array_equal(np.asarray(variable), before[variable.path])
    }
    assert trainable <= changed
    assert not changed & set(frozen)


@every_network
def test_a_picture_of_two_colors_is_learned_in_seconds(build):
    light = np.full((4, 32, 32, 1), 30, np.float32)
    light[:, :, 16:] = 70
    target = np.where(light < 50, [0.4, -0.2], [-0.3, 0.3]).astype(np.float32)
    keras.utils.set_random_seed(0)
    network = build()
    network.compile(keras.optimizers.Adam(3e-3), "mse", jit_compile=False)
    start = float(network.evaluate(light, target, verbose=0))
    network.fit(light, target, epochs=40, verbose=0)
    assert float(network.evaluate(light, target, verbose=0)) < start / 4


def test_the_fused_tensor_of_the_published_size_is_32x32x1257():
    network = models.create("fusion").network
    local = network.get_layer("local_features").output
    embedding = network.get_layer(extractors.EMBEDDING).output
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
    split = keras.Model([network.input, network.get_layer(extractors.EMBEDDING).output], network.output)
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
    extractor = extractors.inception_v3()
    light = lightness(2, (48, 48))
    logits = np.asarray(extractor.predict_on_batch(light))
    assert logits.shape == (2, 1000)
    assert logits.min() < 0  # a softmax has no negative values


@pytest.mark.parametrize("trainable", [False, True])
def test_the_statistics_of_inception_stay_untouched_by_training(trainable):
    extractor = extractors.inception_v3()
    extractors.set_trainable(extractor, trainable)
    before = {variable.path: np.asarray(variable) for variable in extractor.variables}
    extractor.compile("sgd", "mse", jit_compile=False)
    extractor.train_on_batch(lightness(2, (48, 48)), np.ones((2, 1000), np.float32))
    changed = {v.path for v in extractor.variables if not np.array_equal(np.asarray(v), before[v.path])}
    assert bool(changed) == trainable
    assert not any("normalization" in path for path in changed)


@pytest.mark.parametrize("dtype", ["float16", "float32"])
def test_a_saved_colorizer_gives_the_same_colors_when_loaded(tmp_path, dtype):
    colorizer = models.create("fusion", inception=False, size=(32, 40), seed=1)
    colorizer.save(tmp_path / "saved", dtype=dtype, card="# A card\n", training={"epochs": 3})
    loaded = models.load(tmp_path / "saved")
    assert loaded.size == (32, 40)
    assert loaded.config["training"] == {"epochs": 3}
    assert (tmp_path / "saved" / "README.md").read_text() == "# A card\n"
    light = lightness(2, (32, 40))
    difference = np.abs(loaded.predict_ab(light) - colorizer.predict_ab(light)).max()
    assert difference < (0.5 if dtype == "float16" else 1e-6)  # float16 keeps 11 bits of each weight


def test_saving_again_keeps_the_card_and_replaces_the_weights(tmp_path):
    models.create("fusion", inception=False, seed=1).save(tmp_path / "saved", card="# A card\n")
    other = models.create("fusion", inception=False, seed=2)
    other.save(tmp_path / "saved", dtype="float32")
    assert (tmp_path / "saved" / "README.md").read_text() == "# A card\n"
    light = lightness()
    np.testing.assert_array_equal(models.load(tmp_path / "saved").predict_ab(light), other.predict_ab(light))
    assert [path.name for path in tmp_path.iterdir()] == ["saved"]


def test_weights_that_do_not_fit_the_model_are_refused(tmp_path):
    models.create("fusion", inception=False).save(tmp_path / "saved")
    config = tmp_path / "saved" / "colorizer.json"
    config.write_text(config.read_text().replace('"inception": false', '"inception": false, "skips": false'))
    with pytest.raises(InputError, match="do not fit the model"):
        models.load(tmp_path / "saved")


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('"model": "fusion"', '"model": "fusoin"'),
        ('"name": "regression"', '"name": "telepathy"'),
        ('"inception": false', '"inception": false, "wings": 2'),
        ('"format": 1', '"format": 99'),
        ("{", "{{{"),
    ],
)
def test_a_description_that_names_nothing_buildable_is_refused(tmp_path, old, new):
    models.create("fusion", inception=False).save(tmp_path / "saved")
    config = tmp_path / "saved" / "colorizer.json"
    config.write_text(config.read_text().replace(old, new, 1))
    with pytest.raises(InputError, match=r"colorizer\.json"):
        models.load(tmp_path / "saved")


def test_an_unknown_model_is_refused_with_the_nearest_name():
    with pytest.raises(ValueError, match="did you mean 'fusion'"):
        models.create("fuson")


def test_without_a_network_the_imagenet_weights_are_refused_with_both_ways_out(monkeypatch):
    def fail(*_, **__):
        raise Exception("URL fetch failure")

    extractor = stand_in_extractor()
    monkeypatch.setattr(keras.applications, "InceptionV3", fail)
    with pytest.raises(InputError, match=r"--inception-weights PATH.*--inception-weights none"):
        models.load_extractor_weights(extractor, "imagenet")


def test_extractor_weights_come_from_a_file_or_from_a_saved_colorizer(tmp_path):
    source = models.create("fusion", seed=3)
    inception = source.network.get_layer(extractors.NAME).get_layer("inception_v3")
    inception.save_weights(tmp_path / "inception.weights.h5")
    source.save(tmp_path / "saved", dtype="float32")
    expected = inception.get_weights()
    for path in (tmp_path / "inception.weights.h5", tmp_path / "saved"):
        extractor = extractors.inception_v3()
        models.load_extractor_weights(extractor, path)
        loaded = extractor.get_layer("inception_v3").get_weights()
        assert all(np.array_equal(a, b) for a, b in zip(loaded, expected, strict=True))


def test_extractor_weights_of_another_network_are_refused(tmp_path):
    keras.Sequential([keras.Input((3,)), layers.Dense(2)]).save_weights(tmp_path / "other.weights.h5")
    with pytest.raises(InputError, match=r"other\.weights\.h5: these weights do not fit"):
        models.load_extractor_weights(extractors.inception_v3(), tmp_path / "other.weights.h5")


def test_colorizing_keeps_size_and_lightness_for_odd_sizes():
    from fusioncolor import color

    colorizer = Colorizer(small_fusion(), RegressionHead(), (32, 32), {})
    for size in [(1, 1), (1, 50), (37, 53)]:
        gray = RNG.integers(0, 256, size, dtype=np.uint8)
        rgb = colorizer.colorize(gray)
        assert rgb.shape == (*size, 3)
        expected = color.rgb_to_lightness(np.stack([gray] * 3, axis=-1))
        assert np.abs(color.rgb_to_lightness(rgb) - expected).max() < 1


def test_vividness_0_is_gray_and_more_is_more_colorful():
    from fusioncolor.metrics import colorfulness

    colorizer = Colorizer(small_fusion(), RegressionHead(), (32, 32), {})
    kernel = colorizer.network.get_layer("output").kernel
    kernel.assign(np.asarray(kernel) * 20)  # untrained outputs are near gray
    gray = RNG.integers(60, 200, (40, 40), dtype=np.uint8)
    fullness = [colorfulness(colorizer.colorize(gray, vividness=vividness)) for vividness in (0, 1, 2)]
    assert fullness[0] < 0.5 < fullness[1] < fullness[2]


def test_a_padded_batch_gives_each_photograph_the_same_colors_to_the_last_bit():
    colorizer = Colorizer(small_fusion(), RegressionHead(), (32, 32), {})
    batch = lightness(5)
    whole = colorizer.predict_ab(batch, batch_size=4)
    alone = np.concatenate([colorizer.predict_ab(batch[i : i + 1], batch_size=4) for i in range(5)])
    assert whole.shape == (5, 32, 32, 2)
    np.testing.assert_array_equal(whole[[0, 4]], alone[[0, 4]])  # first of its batch both times
    np.testing.assert_allclose(whole, alone, atol=1e-3)
