import numpy as np
import pytest

from fusioncolor import color
from fusioncolor.bins import BINS, count_bins, nearest_bins, prior, rebalancing_weights, soft_encode

COLORS = np.random.default_rng(0).uniform(-115, 115, (5000, 2)).astype(np.float32)


def squared_distances(ab: np.ndarray) -> np.ndarray:
    return ((BINS - ab[:, None]) ** 2).sum(axis=-1)


def test_there_are_313_bins_ordered_by_a_then_b():
    assert BINS.shape == (313, 2)
    assert sorted(map(tuple, BINS)) == list(map(tuple, BINS))
    assert len(set(map(tuple, BINS))) == 313
    np.testing.assert_array_equal(BINS % 10, 0)


def test_every_cell_that_holds_an_srgb_color_has_its_bin():
    levels = np.unique(np.append(np.arange(0, 256, 3), 255)).astype(np.uint8)
    rgb = np.stack(np.meshgrid(levels, levels, levels, indexing="ij"), axis=-1).reshape(-1, 3)
    cells = np.unique(np.round(color.rgb_to_lab(rgb)[:, 1:] / 10) * 10, axis=0)
    assert set(map(tuple, cells)) <= set(map(tuple, BINS))
    assert len(cells) > 250  # 262 with all 16.7 million colors


def test_the_five_nearest_bins_are_those_of_a_search_through_all():
    found = np.take_along_axis(squared_distances(COLORS), nearest_bins(COLORS).astype(int), axis=1)
    np.testing.assert_array_equal(found, np.sort(squared_distances(COLORS), axis=1)[:, :5])


def test_soft_encoding_is_a_gaussian_over_five_bins_with_sum_1():
    bins, weights = soft_encode(COLORS)
    expected = np.exp(-np.sort(squared_distances(COLORS).astype(np.float64), axis=1)[:, :5] / (2 * 5**2))
    inside = expected[:, 0] > 1e-3
    expected /= expected.sum(axis=1, keepdims=True)
    np.testing.assert_allclose(weights[inside], expected[inside], atol=1e-5)  # float32
    np.testing.assert_allclose(weights.sum(axis=1), 1, atol=1e-6)
    assert (np.diff(weights, axis=1) <= 1e-6).all()
    assert bins.shape == (5000, 5)


def test_a_color_on_a_bin_gets_it_with_its_four_neighbors_alike():
    bins, weights = soft_encode(np.array([[0.0, 0.0]], np.float32))
    assert tuple(BINS[bins[0, 0]]) == (0, 0)
    side = np.exp(-100 / 50)
    np.testing.assert_allclose(weights[0], np.array([1, side, side, side, side]) / (1 + 4 * side), rtol=1e-5)


def test_counting_and_smoothing_give_a_prior_that_sums_to_1():
    counts = count_bins(np.array([[0, 0], [1, 1], [50, 40]], np.float32))
    assert counts.sum() == 3
    assert counts[nearest_bins(np.zeros((1, 2), np.float32), 1)[0, 0]] == 2
    shares = prior(counts)
    assert shares.sum() == pytest.approx(1)
    assert shares.argmax() == counts.argmax()
    assert (shares > 0).sum() > (counts > 0).sum()  # smoothing reaches the neighbors


def test_a_prior_of_nothing_is_refused():
    with pytest.raises(ValueError, match="not all 0"):
        prior(np.zeros(313, int))


def test_rebalancing_weights_follow_the_formula_and_average_to_1_under_the_prior():
    shares = prior(count_bins(COLORS[:100] / 3))
    weights = rebalancing_weights(shares)
    assert (shares * weights).sum() == pytest.approx(1)
    common, rare = shares.argmax(), shares.argmin()
    assert shares[common] > 10 * shares[rare]
    for mix, given in ((0.5, ()), (0.2, (0.2,))):
        found = rebalancing_weights(shares, *given)
        expected = ((1 - mix) * shares[common] + mix / 313) / ((1 - mix) * shares[rare] + mix / 313)
        assert found[rare] / found[common] == pytest.approx(expected)
    np.testing.assert_allclose(rebalancing_weights(shares, 1.0), 1)


def test_bins_at_the_same_distance_come_in_the_order_of_their_indices():
    halfway = np.array([[5, 0], [5, 5], [-15, 20], [0, 0]], np.float32)
    found = nearest_bins(halfway).astype(int)
    expected = np.argsort(squared_distances(halfway), axis=1, kind="stable")[:, :5]
    np.testing.assert_array_equal(found, expected)
    assert found.dtype.kind == "i"
    assert nearest_bins(halfway).dtype == np.uint16


def test_the_prior_is_smoothed_by_a_gaussian_of_5_units_that_keeps_each_bins_total():
    counts = np.random.default_rng(2).integers(0, 50, 313)
    expected = np.zeros(313)
    for source, share in zip(BINS.astype(float), counts / counts.sum(), strict=True):
        weights = np.exp(-((BINS - source) ** 2).sum(axis=1) / (2 * 5**2))
        expected += share * weights / weights.sum()
    np.testing.assert_allclose(prior(counts), expected, rtol=1e-6)
