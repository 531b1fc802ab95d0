import numpy as np
import pytest
import skimage.metrics

from fusioncolor import metrics

RNG = np.random.default_rng(0)
A, B = RNG.integers(0, 256, (2, 20, 30, 3), dtype=np.uint8)


def test_psnr_agrees_with_scikit_image():
    assert metrics.psnr(A, B) == pytest.approx(skimage.metrics.peak_signal_noise_ratio(B, A), abs=1e-6)


def test_psnr_of_equal_pictures_is_infinite():
    assert metrics.psnr(A, A) == float("inf")


def test_auc_of_a_perfect_prediction_is_100():
    assert metrics.auc(np.zeros((4, 4, 2)), np.zeros((4, 4, 2))) == 100


def test_auc_of_a_constant_error_is_the_area_right_of_it():
    predicted, actual = np.zeros((4, 4, 2)), np.full((4, 4, 2), [30.0, 40.0])  # an error of 50 everywhere
    assert metrics.auc(predicted, actual) == pytest.approx(100 * (150 - 50 + 0.5) / 150)  # trapezoid at the step


def test_colorfulness_of_gray_is_0_and_of_one_color_its_mean_part():
    assert metrics.colorfulness(np.full((5, 5, 3), 77, np.uint8)) == 0
    red = np.zeros((5, 5, 3), np.uint8)
    red[..., 0] = 100  # rg = 100, yb = 50, no spread
    assert metrics.colorfulness(red) == pytest.approx(0.3 * np.hypot(100, 50))


def test_colorfulness_of_two_halves_by_hand():
    halves = np.zeros((2, 2, 3), np.uint8)
    halves[0, :, 0] = 100  # rg 100 and 0: mean 50, deviation 50; yb 50 and 0: mean 25, deviation 25
    assert metrics.colorfulness(halves) == pytest.approx(np.hypot(50, 25) + 0.3 * np.hypot(50, 25))


def test_the_root_mean_squared_error_of_two_and_four_is_that_of_their_squares():
    assert metrics.mse(np.array([[2.0, 0.0]]), np.array([[0.0, 4.0]])) == 10


# Lab, Lab, difference: the published test data of Sharma, Wu, Dalal 2005
PAIRS = np.array([
    [50, 2.6772, -79.7751, 50, 0, -82.7485, 2.0425], [50, 3.1571, -77.2803, 50, 0, -82.7485, 2.8615],
    [50, 2.8361, -74.0200, 50, 0, -82.7485, 3.4412], [50, -1.3802, -84.2814, 50, 0, -82.7485, 1.0000],
    [50, -1.1848, -84.8006, 50, 0, -82.7485, 1.0000], [50, -0.9009, -85.5211, 50, 0, -82.7485, 1.0000],
    [50, 0, 0, 50, -1, 2, 2.3669], [50, -1, 2, 50, 0, 0, 2.3669],
    [50, 2.4900, -0.0010, 50, -2.4900, 0.0009, 7.1792], [50, 2.4900, -0.0010, 50, -2.4900, 0.0010, 7.1792],
    [50, 2.4900, -0.0010, 50, -2.4900, 0.0011, 7.2195], [50, 2.4900, -0.0010, 50, -2.4900, 0.0012, 7.2195],
    [50, -0.0010, 2.4900, 50, 0.0009, -2.4900, 4.8045], [50, -0.0010, 2.4900, 50, 0.0010, -2.4900, 4.8045],
    [50, -0.0010, 2.4900, 50, 0.0011, -2.4900, 4.7461], [50, 2.5, 0, 50, 0, -2.5, 4.3065],
    [50, 2.5, 0, 73, 25, -18, 27.1492], [50, 2.5, 0, 61, -5, 29, 22.8977],
    [50, 2.5, 0, 56, -27, -3, 31.9030], [50, 2.5, 0, 58, 24, 15, 19.4535],
    [50, 2.5, 0, 50, 3.1736, 0.5854, 1.0000], [50, 2.5, 0, 50, 3.2972, 0, 1.0000],
    [50, 2.5, 0, 50, 1.8634, 0.5757, 1.0000], [50, 2.5, 0, 50, 3.2592, 0.3350, 1.0000],
    [60.2574, -34.0099, 36.2677, 60.4626, -34.1751, 39.4387, 1.2644],
    [63.0109, -31.0961, -5.8663, 62.8187, -29.7946, -4.0864, 1.2630],
    [61.2901, 3.7196, -5.3901, 61.4292, 2.2480, -4.9620, 1.8731],
    [35.0831, -44.1164, 3.7933, 35.0232, -40.0716, 1.5901, 1.8645],
    [22.7233, 20.0904, -46.6940, 23.0331, 14.9730, -42.5619, 2.0373],
    [36.4612, 47.8580, 18.3852, 36.2715, 50.5065, 21.2231, 1.4146],
    [90.8027, -2.0831, 1.4410, 91.1528, -1.6435, 0.0447, 1.4441],
    [90.9257, -0.5406, -0.9208, 88.6381, -0.8985, -0.7239, 1.5381],
    [6.7747, -0.2908, -2.4247, 5.8714, -0.0985, -2.2286, 0.6377],
    [2.0776, 0.0795, -1.1350, 0.9033, -0.0636, -0.5514, 0.9082],
])  # fmt: skip


def test_ciede2000_gives_the_34_published_values():
    assert len(PAIRS) == 34
    np.testing.assert_allclose(metrics.ciede2000(PAIRS[:, :3], PAIRS[:, 3:6]), PAIRS[:, 6], atol=1e-4)


def test_ssim_agrees_with_scikit_image():
    smooth = (B.astype(float) * 0.5 + A * 0.5).astype(np.uint8)
    for predicted in (B, smooth):
        expected = skimage.metrics.structural_similarity(
            A, predicted, gaussian_weights=True, sigma=1.5, use_sample_covariance=False, data_range=255, channel_axis=-1
        )
        assert metrics.ssim(predicted, A) == pytest.approx(expected, abs=1e-4)  # float32 against float64
    assert metrics.ssim(A, A) == pytest.approx(1)


def test_a_picture_smaller_than_the_window_has_no_ssim():
    assert np.isnan(metrics.ssim(A[:10], B[:10]))


def test_the_weights_of_the_rebalanced_auc_count_pixels_more_than_once():
    actual = np.zeros((3, 2))
    predicted = np.array([[0.0, 0], [30, 0], [90, 0]])
    repeated = metrics.auc(predicted[[0, 1, 1, 1]], actual[:1])
    assert metrics.auc(predicted[:2], actual[:2], np.array([1.0, 3.0])) == pytest.approx(repeated)


def test_pooled_areas_are_those_of_the_added_counts():
    one, other = metrics.error_counts(np.array([0.0, 10.0])), metrics.error_counts(np.array([150.5, 3.0]))
    together = metrics.error_counts(np.array([0.0, 10.0, 150.5, 3.0]))
    np.testing.assert_array_equal(one + other, together)
    np.testing.assert_allclose(metrics.area_under(np.stack([one, other])).mean(), metrics.area_under(together))


def test_pixels_agree_where_truth_and_prediction_are_flat():
    actual = np.zeros((4, 4, 2))
    actual[:, 2:] = 20  # columns 1 and 2 are not flat
    flat = metrics.flat_pixels(actual)
    np.testing.assert_array_equal(flat, np.tile([True, False, False, True], (4, 1)))
    predicted = np.zeros((4, 4, 2))
    assert metrics.pixel_agreement(predicted, flat) == 100
    predicted[0, 0] = 50  # this pixel and the one below are off
    assert metrics.pixel_agreement(predicted, flat) == pytest.approx(100 * 6 / 8)
    assert np.isnan(metrics.pixel_agreement(predicted, np.zeros((4, 4), bool)))


def test_one_pixel_is_flat():
    assert metrics.flat_pixels(np.zeros((1, 1, 2))).all()


def test_color_that_shifts_inside_a_region_of_one_true_color_is_inconsistent():
    actual = np.zeros((20, 20, 2))
    regions = metrics.regions_of_one_color(actual)
    assert metrics.inconsistency(np.full((20, 20, 2), 30.0), regions) == pytest.approx(0, abs=1e-6)
    predicted = np.zeros((20, 20, 2))
    predicted[:10, :, 0] = 10  # half of the region is 10 off: 5 from the mean
    assert metrics.inconsistency(predicted, regions) == pytest.approx(5)


def test_two_true_colors_may_be_colored_differently():
    actual = np.zeros((20, 20, 2))
    actual[:10] = 40
    assert metrics.inconsistency(actual, metrics.regions_of_one_color(actual)) == pytest.approx(0, abs=1e-6)
    assert np.isnan(metrics.inconsistency(actual[:4, :4], metrics.regions_of_one_color(actual[:4, :4])))


def test_edge_pollution_is_the_error_of_the_frame_less_that_inside():
    error = np.ones((32, 64))
    error[[0, 1, -2, -1]] = 4
    error[:, [0, 1, -2, -1]] = 4
    assert metrics.edge_pollution(error) == pytest.approx(3)
    assert np.isnan(metrics.edge_pollution(np.ones((2, 2))))


def test_chroma_that_changes_away_from_lightness_edges_bleeds():
    lightness = np.full((40, 40, 1), 30.0, np.float32)
    lightness[:, 20:] = 70
    edges = metrics.near_edges(lightness)
    along, across = np.zeros((40, 40, 2), np.float32), np.zeros((40, 40, 2), np.float32)
    along[:, 20:] = 40
    across[20:] = 40
    assert metrics.bleeding(along, edges) == 0
    # two of 40 rows change by 20 a pixel in a and in b
    assert metrics.bleeding(across, edges) == pytest.approx(2 * 20 * 2**0.5 / 40)
    assert metrics.bleeding(np.zeros((40, 40, 2)), edges) == 0
    assert np.isnan(metrics.bleeding(across, np.ones((40, 40), bool)))


def test_flatness_looks_both_ways_along_both_axes():
    for axis in (0, 1):
        ab = np.zeros((5, 5, 2))
        ab[(slice(None),) * axis + (slice(3, None),)] = (30, 40)  # an edge of 50 after the third row or column
        expected = np.ones((5, 5), bool)
        expected[(slice(None),) * axis + (slice(2, 4),)] = False
        np.testing.assert_array_equal(metrics.flat_pixels(ab, threshold=50), expected)
        np.testing.assert_array_equal(metrics.flat_pixels(ab, threshold=51), True)


def test_the_error_near_edges_is_that_within_8_pixels_of_steep_ones():
    lightness = np.full((60, 80, 1), 20.0)
    lightness[:, 40:] = 90  # central differences are steep at columns 39 and 40
    error = np.zeros((60, 80))
    error[:, 31:49] = 7
    assert metrics.error_near_edges(error, lightness) == 7
    error[:, 31:49], error[:, :31], error[:, 49:] = 0, 5, 5
    assert metrics.error_near_edges(error, lightness) == 0
    gentle = np.tile(np.linspace(20, 90, 80), (60, 1))[..., None]
    assert np.isnan(metrics.error_near_edges(error, gentle))


def test_errors_are_counted_from_0_to_150_and_beyond():
    assert metrics.error_counts(np.array([0.0, 0.5, 1.0, 150.0, 150.5, 900.0])).tolist() == [1, 2] + [0] * 148 + [1, 2]


def test_decibels_of_a_number_are_a_number_and_of_an_array_an_array():
    assert type(metrics.decibels(1.0)) is float
    assert metrics.decibels(1.0) == pytest.approx(48.1308, abs=1e-4)
    np.testing.assert_allclose(metrics.decibels(np.array([1.0, 100.0])), [48.1308, 28.1308], atol=1e-4)


def test_regions_touch_along_sides_and_have_64_pixels_or_more():
    ab = np.zeros((16, 16, 2), np.float32)
    ab[:8, :8] = ab[8:, 8:] = (40, 0)  # two squares of 64 pixels that touch at a corner only
    labels = metrics.regions_of_one_color(ab)
    assert len(set(np.unique(labels)) - {0}) == 4
    assert labels[0, 0] not in (0, labels[8, 8])
    ab[0, 0] = (-40, 0)  # now 63
    assert metrics.regions_of_one_color(ab)[4, 4] == 0


def test_what_is_worse_than_gray_is_said_to_be():
    assert metrics.beside_gray(1.5) == "+1.50 dB over gray"
    assert metrics.beside_gray(-0.2) == "0.20 dB below gray"
