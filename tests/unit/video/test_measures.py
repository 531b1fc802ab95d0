import numpy as np
import pytest
from scipy.spatial.distance import jensenshannon

from fusioncolor.video.measures import divergence, flicker, histogram, warping_error

RNG = np.random.default_rng(0)


def test_flicker_is_the_mean_distance_of_ab_where_both_frames_show_something():
    before, now = np.zeros((2, 2, 2)), np.zeros((2, 2, 2))
    now[0, 0], now[1, 1] = (3, 4), (100, 0)
    mask = np.array([[True, True], [False, False]])
    assert flicker(now, before, mask) == pytest.approx(2.5)


def test_warping_error_sums_over_the_channels():
    assert warping_error(np.full((2, 2, 3), 0.5), np.full((2, 2, 3), 0.6), np.ones((2, 2), bool)) == pytest.approx(0.03)


def test_the_divergence_of_histograms_agrees_with_scipy():
    one, other = (RNG.integers(0, most, (20, 30, 3)).astype(np.uint8) for most in (200, 220))
    wanted = [jensenshannon(*pair) ** 2 for pair in zip(histogram(one), histogram(other), strict=True)]
    assert divergence(histogram(one), histogram(other)) == pytest.approx(np.mean(wanted))


def test_equal_pictures_do_not_diverge():
    same = histogram(np.full((4, 4, 3), 7, np.uint8))
    assert same[:, 7].tolist() == [1, 1, 1]
    assert divergence(same, same) == 0
