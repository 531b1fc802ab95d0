import numpy as np
import pytest

from fusioncolor import bins
from fusioncolor.models import decoding

LOGITS = np.random.default_rng(0).normal(0, 3, (2, 6, 5, 313)).astype(np.float32)


def test_annealed_mean_tends_to_the_mean_and_to_the_mode():
    np.testing.assert_allclose(decoding.annealed_mean(LOGITS, 1.0), decoding.mean(LOGITS), atol=1e-4)
    np.testing.assert_allclose(decoding.annealed_mean(LOGITS, 1e-4), decoding.mode(LOGITS), atol=1e-3)


def test_the_default_temperature_is_the_published_one():
    np.testing.assert_array_equal(decoding.annealed_mean(LOGITS), decoding.annealed_mean(LOGITS, 0.38))


def test_annealing_two_bins_by_hand():
    logits = np.full((1, 1, 1, 313), -1e4, np.float32)
    logits[..., 10], logits[..., 200] = np.log(0.8), np.log(0.2)
    share = 0.8 ** (1 / 0.38) / (0.8 ** (1 / 0.38) + 0.2 ** (1 / 0.38))
    expected = share * bins.BINS[10] + (1 - share) * bins.BINS[200]
    np.testing.assert_allclose(decoding.annealed_mean(logits)[0, 0, 0], expected, rtol=1e-4)


def test_a_certain_distribution_is_decoded_to_its_bin_by_every_decoder():
    logits = np.full((1, 2, 2, 313), -50, np.float32)
    logits[..., 77] = 50
    for decode in (decoding.mode, decoding.mean, decoding.annealed_mean, decoding.sample):
        np.testing.assert_allclose(decode(logits), np.broadcast_to(bins.BINS[77], (1, 2, 2, 2)), atol=1e-3)


def test_samples_follow_the_distribution_and_the_seed():
    logits = np.full((1, 100, 100, 313), -50, np.float32)
    logits[..., 5], logits[..., 300] = np.log(0.7), np.log(0.3)
    drawn = decoding.sample(logits, seed=1)
    share = (drawn == bins.BINS[5]).all(axis=-1).mean()
    assert share == pytest.approx(0.7, abs=0.02)  # four standard deviations of 10,000 draws
    np.testing.assert_array_equal(drawn, decoding.sample(logits, seed=1))
    assert not np.array_equal(drawn, decoding.sample(logits, seed=2))


def test_a_sample_does_not_depend_on_the_rest_of_the_batch():
    np.testing.assert_array_equal(decoding.sample(LOGITS)[1:], decoding.sample(LOGITS[1:]))


@pytest.mark.parametrize("scale", [1e-3, 1, 1e4])
def test_probabilities_sum_to_1_without_overflow(scale):
    shares = decoding.probabilities(LOGITS * np.float32(scale), 0.38)
    np.testing.assert_allclose(shares.sum(axis=-1), 1, atol=1e-5)
