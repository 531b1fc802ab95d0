import json

import keras
import numpy as np
import pytest

from fusioncolor import color
from fusioncolor.bins import BINS, count_bins, prior, rebalancing_weights
from fusioncolor.errors import InputError
from fusioncolor.models.heads import ClassificationHead, Decoding, RegressionHead, make_head

RNG = np.random.default_rng(0)
AB = RNG.uniform(-80, 80, (2, 4, 6, 2)).astype(np.float32)
PRIOR = tuple(float(share) for share in prior(count_bins(AB)))


@pytest.mark.parametrize("activation", ["tanh", "sigmoid"])
def test_regression_decodes_what_it_encodes(activation):
    head = RegressionHead(activation=activation)
    encoded = head.encode(AB)
    low, high = (-1, 1) if activation == "tanh" else (0, 1)
    assert low <= encoded.min() <= encoded.max() <= high
    np.testing.assert_allclose(head.decode(encoded), AB, atol=1e-4)


def test_a_perfect_classifier_decodes_near_the_true_color():
    head = ClassificationHead(temperature=1.0)
    ab = color.rgb_to_lab(RNG.integers(0, 256, (2, 4, 6, 3), dtype=np.uint8))[..., 1:]
    encoded = head.encode(ab)
    logits = np.full((2, 4, 6, 313), -30, np.float32)
    np.put_along_axis(logits, encoded[..., :5].astype(int), np.log(encoded[..., 5:]), axis=-1)
    assert np.abs(head.decode(logits) - ab).max() < 7.5  # bins are 10 apart; rim colors lie half a diagonal off


@pytest.mark.parametrize(
    "head", [RegressionHead(), RegressionHead("sigmoid"), ClassificationHead(), ClassificationHead(PRIOR, False)]
)
def test_a_head_is_built_again_from_its_config(head):
    again = make_head(head.config())
    assert again.name == head.name
    if head.name == "classification" and head.prior:
        np.testing.assert_allclose(again.prior, head.prior, atol=1e-9)
        assert again.rebalancing == head.rebalancing
    else:
        assert again == head


@pytest.mark.parametrize(
    ("config", "sentence"),
    [
        ({"name": "telepathy"}, "no head 'telepathy'; available: regression, classification"),
        ({}, "no head 'None'"),
        ({"name": "regression", "wings": 2}, "head 'regression' has no option 'wings'"),
        ({"name": "classification", "prior": [1.0]}, "a prior has 313 entries. Received: 1"),
        ({"name": "classification", "prior": 1.0}, "head 'classification' cannot be built"),
    ],
)
def test_a_config_of_no_head_is_refused(config, sentence):
    with pytest.raises(InputError, match=sentence):
        make_head(config)


def test_options_that_have_nothing_to_act_on_are_refused():
    for option in ({"decode": "mode"}, {"temperature": 0.5}):
        with pytest.raises(InputError, match="need a classification model"):
            RegressionHead().at_prediction(Decoding(**option))
    with pytest.raises(InputError, match="`decode` must be one of"):
        ClassificationHead().at_prediction(Decoding(decode="guess"))


@pytest.mark.parametrize("decoder", ["mean", "mode", "sample"])
def test_vividness_is_a_factor_on_the_chroma_where_there_is_no_temperature(decoder):
    logits = np.random.default_rng(0).normal(size=(1, 3, 4, 313)).astype(np.float32) * 3
    head = ClassificationHead(decoder=decoder)
    vivid = head.at_prediction(Decoding(vividness=1.5)).decode(logits)
    np.testing.assert_allclose(vivid, 1.5 * head.decode(logits), rtol=1e-5)


def test_a_lower_temperature_is_more_vivid():
    logits = RNG.normal(0, 3, (1, 8, 8, 313)).astype(np.float32)
    chroma = [
        np.linalg.norm(ClassificationHead().at_prediction(Decoding(**option)).decode(logits), axis=-1).mean()
        for option in ({"decode": "mean"}, {}, {"vividness": 2.0}, {"temperature": 0.05}, {"decode": "mode"})
    ]
    assert chroma == sorted(chroma)


def test_what_is_not_chosen_stays_as_it_was():
    head = ClassificationHead().at_prediction(Decoding(vividness=2.0, seed=7)).at_prediction(Decoding(temperature=0.5))
    assert (head.vividness, head.seed, head.temperature) == (2.0, 7, 0.5)
    assert head.at_prediction(Decoding(decode="mode", vividness=1.0)).decoder == "mode"
    assert RegressionHead().at_prediction(Decoding(vividness=2.0)).at_prediction(Decoding()).vividness == 2.0


@pytest.mark.parametrize("decoder", ["annealed_mean", "mean", "mode"])
@pytest.mark.parametrize("vividness", [0.0, 1.0, 1.7])
def test_a_classifier_decodes_the_same_in_keras_operations(decoder, vividness):
    head = ClassificationHead(decoder=decoder, vividness=vividness)
    logits = np.random.default_rng(0).normal(0, 3, (2, 3, 4, 313)).astype(np.float32)
    inside = np.asarray(head.decode_tensor(keras.ops.convert_to_tensor(logits)))
    np.testing.assert_allclose(inside, head.decode(logits), atol=1e-3)  # Lab units, of up to 110


@pytest.mark.parametrize("activation", ["tanh", "sigmoid"])
def test_a_regression_decodes_the_same_in_keras_operations(activation):
    head = RegressionHead(activation, vividness=1.3)
    output = np.random.default_rng(0).uniform(0, 1, (2, 3, 4, 2)).astype(np.float32)
    inside = np.asarray(head.decode_tensor(keras.ops.convert_to_tensor(output)))
    np.testing.assert_allclose(inside, head.decode(output), atol=1e-4)


def test_drawn_colors_are_no_part_of_an_exported_network():
    with pytest.raises(InputError, match="`decode` sample cannot be part of an exported network"):
        ClassificationHead(decoder="sample").decode_tensor(None)


def test_doubt_is_the_standard_deviation_of_the_distribution():
    logits = np.full((2, 4, 4, 313), -1e4, np.float32)
    one, other = 10, 200
    logits[0, ..., one] = 0  # sure
    logits[1, ..., [one, other]] = 0  # half and half
    sure, torn = make_head({"name": "classification"}).doubt(logits)
    distance = np.linalg.norm(BINS[one] - BINS[other])
    np.testing.assert_allclose([sure, torn], [0, distance / 2], atol=1e-2)
    assert make_head({"name": "regression"}).doubt(np.zeros((3, 4, 4, 2))) == [None] * 3


def test_scaled_chroma_fills_the_range_of_the_activation():
    ab = np.array([[[[-110.0, 0.0], [55.0, 110.0]]]], np.float32)
    for activation, scaled in (("tanh", [[-1, 0], [0.5, 1]]), ("sigmoid", [[0, 0.5], [0.75, 1]])):
        head = RegressionHead(activation)
        np.testing.assert_allclose(head.encode(ab)[0, 0], scaled)
        vivid = head.at_prediction(Decoding(vividness=2.0))
        np.testing.assert_allclose(vivid.decode(np.array([[scaled]], np.float32)), 2 * ab, atol=1e-4)
        assert head.confidence(ab) == [None]


def test_confidence_is_the_probability_of_the_most_probable_bin():
    logits = np.full((1, 1, 2, 313), -50, np.float32)
    logits[0, 0, 0, :4] = np.log([0.1, 0.2, 0.6, 0.1])
    logits[0, 0, 1] = 3  # all alike
    confidence = ClassificationHead().confidence(logits)
    assert confidence.shape == (1, 1, 2, 1)
    np.testing.assert_allclose(confidence.ravel(), [0.6, 1 / 313], rtol=1e-5)


def test_options_out_of_range_are_refused_and_the_ends_are_not():
    certain = (1.0, *[0.0] * 312)
    for option, good, bad in (
        ("error_weight", (0.0, 100.0), (-0.1, 100.1)),
        ("temperature", (0.001, 100.0), (0.0009, 100.1)),
        ("prior", (certain,), ((1.1, *certain[1:]), (-0.1, *certain[1:]), certain[1:])),
    ):
        for value in good:
            assert getattr(ClassificationHead(**{option: value}), option) == value
        for value in bad:
            with pytest.raises(InputError, match=option.split("_")[0]):
                ClassificationHead(**{option: value})
    for options in ({"activation": "relu"}, {"loss_name": "huber"}):
        with pytest.raises(InputError, match=next(iter(options))):
            RegressionHead(**options)


def test_every_option_of_a_head_is_in_its_config():
    for head in (
        ClassificationHead(PRIOR, False, 0.3, "mean", 0.5),
        RegressionHead("sigmoid", "euclidean"),
    ):
        assert make_head(json.loads(json.dumps(head.config()))) == head


def test_a_prior_leaves_rebalancing_as_it_is_unless_told():
    for before in (True, False):
        head = ClassificationHead(rebalancing=before)
        changed = [head.with_prior(PRIOR, wanted).rebalancing for wanted in (None, True, False)]
        assert changed == [before, True, False]
        assert head.with_prior(PRIOR).prior == PRIOR


def test_decoding_is_described_with_the_temperature_where_it_counts():
    head = ClassificationHead(temperature=0.5, vividness=1.5)
    assert head.decoding_summary() == "decoded by annealed_mean at T = 0.5, vividness 1.5"
    assert head.at_prediction(Decoding(decode="mode")).decoding_summary() == "decoded by mode, vividness 1.5"
    assert RegressionHead().decoding_summary() == "vividness 1"


def test_without_vividness_there_is_no_color():
    logits = RNG.normal(0, 3, (1, 2, 3, 313)).astype(np.float32)
    for decoder in ("annealed_mean", "mode"):
        gray = ClassificationHead(decoder=decoder, vividness=0.0).decode(logits)
        np.testing.assert_array_equal(gray, np.zeros((1, 2, 3, 2)))


@pytest.mark.parametrize("rebalancing", [True, False])
@pytest.mark.parametrize("error_weight", [0.0, 0.3])
def test_the_loss_of_a_classifier_has_the_weights_of_its_options(rebalancing, error_weight):
    """By the formulas of `SoftCrossEntropy`, in float64."""
    logits = np.random.default_rng(0).normal(0, 3, (2, 4, 6, 313))
    target = ClassificationHead().encode(AB)
    nearest, weights = target[..., :5].astype(int), target[..., 5:].astype(float)
    shares = np.exp(logits) / np.exp(logits).sum(axis=-1, keepdims=True)
    costs = -(weights * np.log(np.take_along_axis(shares, nearest, axis=-1))).sum(axis=-1)
    if rebalancing:
        costs *= rebalancing_weights(np.array(PRIOR))[nearest[..., 0]]
    errors = shares @ BINS - (weights[..., None] * BINS[nearest]).sum(axis=-2)
    decibels = 10 * np.log10((errors**2).sum(axis=-1).mean(axis=(1, 2)) + 4)
    loss = ClassificationHead(PRIOR, rebalancing, error_weight).loss()
    found = float(loss(target, logits.astype(np.float32)))
    assert found == pytest.approx(costs.mean() + error_weight * decibels.mean(), rel=1e-4)  # float32


def test_rebalancing_needs_a_prior():
    with pytest.raises(ValueError, match="needs the prior of the training set"):
        ClassificationHead().loss()


def test_a_regression_is_trained_by_the_loss_of_its_name():
    target, output = np.zeros((2, 4, 6, 2), np.float32), np.full((2, 4, 6, 2), 3, np.float32)
    assert float(RegressionHead().loss()(target, output)) == 9
    assert float(RegressionHead(loss_name="euclidean").loss()(target, output)) == 9 * 4 * 6  # half of 2 channels
