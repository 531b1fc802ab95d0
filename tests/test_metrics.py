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
    assert metrics.rmse(np.array([[2.0, 0.0]]), np.array([[0.0, 4.0]])) == pytest.approx(np.sqrt(10))
