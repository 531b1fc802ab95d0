import keras
import numpy as np
import pytest

from fusioncolor.bins import BINS, count_bins, prior, rebalancing_weights, soft_encode
from fusioncolor.models import decoding
from fusioncolor.models.heads import ClassificationHead, RegressionHead

RNG = np.random.default_rng(0)
AB = RNG.uniform(-80, 80, (2, 4, 6, 2)).astype(np.float32)
PRIOR = tuple(float(share) for share in prior(count_bins(AB)))


def value(loss, target, output) -> float:
    return float(keras.ops.convert_to_numpy(loss(target, output)))


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


def test_an_error_weight_adds_the_error_of_the_mean_in_decibels():
    logits = RNG.normal(0, 2, (2, 4, 6, 313)).astype(np.float32)
    plain, weighted = (ClassificationHead(rebalancing=False, error_weight=weight) for weight in (0, 0.3))
    target = plain.encode(AB)
    truth = (BINS[target[..., :5].astype(int)] * target[..., 5:, None]).sum(axis=-2)
    squares = ((decoding.mean(logits) - truth) ** 2).sum(axis=-1).mean(axis=(1, 2))
    expected = value(plain.loss(), target, logits) + 0.3 * (10 * np.log10(squares + 4)).mean()
    assert value(weighted.loss(), target, logits) == pytest.approx(expected, rel=1e-5)


def test_rebalancing_without_a_prior_is_refused():
    with pytest.raises(ValueError, match="needs the prior"):
        ClassificationHead().loss()
