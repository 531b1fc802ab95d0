import keras
import numpy as np
import pytest

from fusioncolor import color
from fusioncolor.bins import count_bins, prior, rebalancing_weights, soft_encode
from fusioncolor.errors import InputError
from fusioncolor.models.heads import ClassificationHead, RegressionHead, make_head

RNG = np.random.default_rng(0)
AB = RNG.uniform(-80, 80, (2, 4, 6, 2)).astype(np.float32)
PRIOR = tuple(float(share) for share in prior(count_bins(AB)))


def value(loss, target, output) -> float:
    return float(keras.ops.convert_to_numpy(loss(target, output)))


@pytest.mark.parametrize("activation", ["tanh", "sigmoid"])
def test_regression_decodes_what_it_encodes(activation):
    head = RegressionHead(activation=activation)
    encoded = head.encode(AB)
    low, high = (-1, 1) if activation == "tanh" else (0, 1)
    assert low <= encoded.min() <= encoded.max() <= high
    np.testing.assert_allclose(head.decode(encoded), AB, atol=1e-4)


def test_mean_squared_error_is_half_the_sum_over_a_and_b_per_pixel():
    head = RegressionHead()
    target, output = head.encode(AB), RNG.uniform(-1, 1, AB.shape).astype(np.float32)
    expected = ((output - target) ** 2).sum() / (2 * 4 * 6) / 2  # of two photographs
    assert value(head.loss(), target, output) == pytest.approx(expected, rel=1e-5)


def test_euclidean_loss_is_half_the_sum_per_photograph():
    head = RegressionHead(loss_name="euclidean")
    target, output = head.encode(AB), RNG.uniform(-1, 1, AB.shape).astype(np.float32)
    expected = ((output - target) ** 2).sum() / 2 / 2
    assert value(head.loss(), target, output) == pytest.approx(expected, rel=1e-5)


@pytest.mark.parametrize("rebalancing", [False, True])
def test_cross_entropy_equals_the_dense_formula(rebalancing):
    head = ClassificationHead(prior=PRIOR, rebalancing=rebalancing)
    logits = RNG.normal(0, 2, (2, 4, 6, 313)).astype(np.float32)
    bins, weights = soft_encode(AB)
    dense = np.zeros((2, 4, 6, 313))
    np.put_along_axis(dense, bins.astype(int), weights, axis=-1)
    log_p = logits - np.log(np.exp(logits.astype(np.float64)).sum(axis=-1, keepdims=True))
    w = rebalancing_weights(np.array(PRIOR)) if rebalancing else np.ones(313)
    expected = np.mean(-(dense * log_p).sum(axis=-1) * w[dense.argmax(axis=-1)])
    assert value(head.loss(), head.encode(AB), logits) == pytest.approx(expected, rel=1e-4)


def test_rebalancing_without_a_prior_is_refused():
    with pytest.raises(ValueError, match="needs the prior"):
        ClassificationHead().loss()


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
    "config",
    [{"name": "telepathy"}, {}, {"name": "regression", "wings": 2}, {"name": "classification", "prior": [1.0]}],
)
def test_a_config_of_no_head_is_refused(config):
    with pytest.raises(InputError):
        make_head(config)


def test_options_that_have_nothing_to_act_on_are_refused():
    for option in ({"decode": "mode"}, {"temperature": 0.5}):
        with pytest.raises(InputError, match="need a classification model"):
            RegressionHead().at_prediction(**option)
    with pytest.raises(InputError, match="--vividness"):
        ClassificationHead().at_prediction(decode="mode", vividness=1.5)


def test_a_lower_temperature_is_more_vivid():
    logits = RNG.normal(0, 3, (1, 8, 8, 313)).astype(np.float32)
    chroma = [
        np.linalg.norm(ClassificationHead().at_prediction(**option).decode(logits), axis=-1).mean()
        for option in ({"decode": "mean"}, {}, {"vividness": 2.0}, {"temperature": 0.05}, {"decode": "mode"})
    ]
    assert chroma == sorted(chroma)


def test_what_is_not_chosen_stays_as_it_was():
    head = ClassificationHead().at_prediction(vividness=2.0, seed=7).at_prediction(temperature=0.5)
    assert (head.vividness, head.seed, head.temperature) == (2.0, 7, 0.5)
    assert head.at_prediction(decode="mode", vividness=1.0).decoder == "mode"
    assert RegressionHead().at_prediction(vividness=2.0).at_prediction().vividness == 2.0
