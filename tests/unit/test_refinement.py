import numpy as np
import pytest

from fusioncolor import refinement
from fusioncolor.errors import InputError
from fusioncolor.registries import REFINEMENTS

RNG = np.random.default_rng(0)


def halves(height: int = 20, width: int = 30) -> np.ndarray:
    """Lightness: the left half dark, the right half light."""
    lightness = np.full((height, width, 1), 20, np.float32)
    lightness[:, width // 2 :] = 80
    return lightness


def test_two_flat_halves_are_two_regions():
    labels = refinement.regions(halves()[..., 0], 3)
    assert len(np.unique(labels)) == 2
    assert len(np.unique(labels[:, :15])) == 1


def test_a_slow_ramp_is_cut_into_regions_of_about_the_threshold():
    ramp = np.tile(np.linspace(0, 100, 400), (4, 1))
    labels = refinement.regions(ramp, 3)
    spans = [np.ptp(ramp[labels == label]) for label in np.unique(labels)]
    # means of merged neighbors differ by less than 3, so a region of two equal parts spans less than 6
    assert max(spans) < 6.5
    assert 20 < len(spans) < 120


def test_neighboring_regions_that_are_left_differ_by_the_threshold_or_more():
    values = RNG.uniform(0, 100, (30, 40))
    labels = refinement.regions(values, 10)
    means = np.bincount(labels.ravel(), values.ravel()) / np.bincount(labels.ravel())
    for first, second in [(labels[:, 1:], labels[:, :-1]), (labels[1:], labels[:-1])]:
        apart = first != second
        assert np.abs(means[first] - means[second])[apart].min() >= 10


def test_means_that_come_to_differ_by_the_threshold_are_not_merged():
    np.testing.assert_array_equal(refinement.regions(np.array([[0, 1, 3.5]]), 3), [[0, 0, 1]])


def test_a_region_is_connected():
    from skimage.measure import label

    labels = refinement.regions(RNG.uniform(0, 100, (30, 40)), 20)
    for name in np.unique(labels):
        assert label(labels == name, connectivity=1).max() == 1


def test_segment_gives_each_region_its_mean_color():
    lightness = halves()
    ab = RNG.normal(0, 10, (20, 30, 2)).astype(np.float32)
    ab[:, 15:] += 40
    result = refinement.segment(lightness, ab)
    np.testing.assert_allclose(result[3, 4], ab[:, :15].mean((0, 1)), atol=1e-3)
    np.testing.assert_allclose(result[3, 20], ab[:, 15:].mean((0, 1)), atol=1e-3)


def test_segment_weights_by_confidence():
    lightness = np.full((2, 2, 1), 50, np.float32)
    ab = np.array([[[10, 0], [0, 0]], [[0, 0], [0, 0]]], np.float32)
    sure = np.array([[[1], [0]], [[0], [0]]], np.float32)
    np.testing.assert_allclose(refinement.segment(lightness, ab, sure)[1, 1], [10, 0], atol=1e-3)
    np.testing.assert_allclose(refinement.segment(lightness, ab)[1, 1], [2.5, 0], atol=1e-3)


def test_chrominance_keeps_the_ratio_and_puts_the_mean_at_the_lightness():
    lightness = np.full((1, 1, 1), 40, np.float32)  # 102 of 255
    ab = np.array([[[12.0, -28.0]]], np.float32)  # 140 and 100 of 255
    x, y = refinement.chrominance(lightness, ab)[0, 0] + 128
    assert x / y == pytest.approx(1.4, rel=1e-4)
    assert (x + y) / 2 == pytest.approx(102, rel=1e-4)


def test_chrominance_clips_to_255_and_leaves_zero_alone():
    ab = np.array([[[127.0, -128.0], [-128.0, -128.0], [-127.5, -127.75], [300.0, -26.0]]], np.float32)
    result = refinement.chrominance(np.full((1, 4, 1), 40, np.float32), ab) + 128  # 102 of 255
    np.testing.assert_allclose(result[0], [[204, 0], [0, 0], [136, 68], [204 * 5 / 7, 204 * 2 / 7]], rtol=1e-5)
    result = refinement.chrominance(np.full((1, 4, 1), 90, np.float32), ab)[0, :3] + 128
    np.testing.assert_allclose(result, [[255, 0], [0, 0], [255, 153]], rtol=1e-5)


def test_stretched_lightness_reaches_from_0_to_100():
    np.testing.assert_allclose(refinement.stretch(np.array([20.0, 30.0, 70.0])), [0, 20, 100])
    np.testing.assert_array_equal(refinement.stretch(np.full(3, 40.0)), 0)


def test_peaks_keep_the_colors_of_the_surest_pixels():
    lightness = halves(32, 32)
    ab = np.where(lightness < 50, [30.0, -10.0], [-20.0, 40.0]).astype(np.float32)
    noisy = ab + RNG.normal(0, 30, ab.shape).astype(np.float32)
    confidence = np.full((32, 32, 1), 0.1, np.float32)
    for row in range(1, 32, 2):
        for column in range(1, 32, 2):
            confidence[row, column] = 0.9
            noisy[row, column] = ab[row, column]
    result = refinement.peaks(lightness, noisy, confidence)
    assert np.abs(result - ab).mean() < np.abs(noisy - ab).mean() / 5


def test_peaks_without_a_confidence_are_refused():
    with pytest.raises(InputError, match="classification"):
        refinement.peaks(halves(), np.zeros((20, 30, 2), np.float32), None)


@pytest.mark.parametrize("size", [(1, 1), (1, 7), (5, 1), (37, 53)])
@pytest.mark.parametrize("name", sorted(REFINEMENTS))
def test_every_refinement_takes_any_size(name, size):
    ab = RNG.normal(0, 20, (*size, 2)).astype(np.float32)
    lightness, confidence = RNG.uniform(0, 100, (*size, 1)), RNG.uniform(0, 1, (*size, 1))
    result = REFINEMENTS[name](lightness.astype(np.float32), ab, confidence.astype(np.float32))
    assert result.shape == ab.shape
    assert np.isfinite(result).all()


def test_there_is_one_peak_in_each_square_of_a_16th_of_the_longer_side(monkeypatch):
    seen = []
    monkeypatch.setattr(refinement, "spread", lambda lightness, points, colors: seen.append((points, colors)))
    confidence = RNG.uniform(0, 1, (40, 64, 1)).astype(np.float32)
    ab = RNG.normal(0, 20, (40, 64, 2)).astype(np.float32)
    refinement.peaks(np.zeros((40, 64, 1), np.float32), ab, confidence)
    [(points, colors)] = seen
    squares = [(row // 4, column // 4) for row, column in points]
    assert sorted(squares) == [(row, column) for row in range(10) for column in range(16)]
    for (row, column), (down, right) in zip(points, squares, strict=True):
        square = confidence[4 * down : 4 * down + 4, 4 * right : 4 * right + 4, 0]
        assert confidence[row, column, 0] == square.max()
    np.testing.assert_array_equal(colors, ab[points[:, 0], points[:, 1]])
