import numpy as np
import pytest

from fusioncolor.video.coding import Coding, guessed_matrix, luma_codes, unit_luma


@pytest.mark.parametrize(
    ("full", "bits", "black", "white"), [(False, 8, 16, 235), (True, 8, 0, 255), (False, 10, 64, 940)]
)
def test_black_and_white_have_the_codes_of_the_standards(full, bits, black, white):
    coding = Coding(full=full, bits=bits)
    codes = np.array([[black, white]], coding.dtype)
    np.testing.assert_allclose(unit_luma(codes, coding), [[0, 1]], atol=1e-6)  # rounding of float32
    pixels = np.array([[[0, 0, 0], [255, 255, 255]]], np.uint8)
    np.testing.assert_array_equal(luma_codes(pixels, coding), codes)


def test_codes_beyond_black_and_white_are_clipped():
    np.testing.assert_allclose(unit_luma(np.array([[0, 255]], np.uint8), Coding()), [[0, 1]])


def test_primaries_of_bt709_give_the_matrix_of_srgb():
    """As printed in IEC 61966-2-1, to its four digits."""
    wanted = [[3.2406, -1.5372, -0.4986], [-0.9689, 1.8758, 0.0415], [0.0557, -0.2040, 1.0570]]
    np.testing.assert_allclose(Coding(primaries=1).rgb_from_xyz(), wanted, atol=4e-4)  # of the rounded white point


def test_unmarked_primaries_are_those_that_go_with_the_matrix():
    np.testing.assert_array_equal(Coding(matrix=6).rgb_from_xyz(), Coding(primaries=1).rgb_from_xyz())
    np.testing.assert_array_equal(Coding(matrix=9).rgb_from_xyz(), Coding(primaries=9).rgb_from_xyz())


def test_small_pictures_are_taken_for_bt601():
    assert (guessed_matrix(576), guessed_matrix(720)) == (6, 1)


def test_luma_weights_add_up_to_one():
    assert sum(Coding(matrix=9).luma_weights) == pytest.approx(1)
