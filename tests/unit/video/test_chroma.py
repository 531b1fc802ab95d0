import numpy as np
import pytest
from skimage import color as reference

from fusioncolor import color
from fusioncolor.video.chroma import chroma_of, chroma_planes, lightness_of
from fusioncolor.video.coding import Coding

WEIGHTS = {1: (0.2126, 0.7152, 0.0722), 6: (0.299, 0.587, 0.114), 9: (0.2627, 0.678, 0.0593)}  # of the standards


def decoded(luma, planes, matrix, full, bits):
    """RGB `(h, w, 3)` in [0, 1] of codes, by the formulas of the standards."""
    scale = 2 ** (bits - 8)
    y = luma / (255 * scale + scale - 1) if full else (luma / scale - 16) / 219
    spans = (2**bits - 1) if full else 224 * scale
    cb, cr = ((plane - 128 * scale) / spans for plane in planes.astype(float))
    red, green, blue = WEIGHTS[matrix]
    r, b = y + 2 * (1 - red) * cr, y + 2 * (1 - blue) * cb
    return np.stack([r, (y - red * r - blue * b) / green, b], axis=-1)


@pytest.mark.parametrize("matrix", [1, 6, 9])
@pytest.mark.parametrize(("full", "bits"), [(False, 8), (True, 8), (False, 10), (True, 10)])
def test_decoded_as_the_standard_says_the_codes_are_the_predicted_color_at_the_same_luma(matrix, full, bits):
    rng = np.random.default_rng(0)
    coding = Coding(matrix=matrix, full=full, bits=bits, primaries=1)
    black, span = coding.black_and_span
    luma = np.rint(black + span * rng.uniform(0.25, 0.85, (40, 50))).astype(coding.dtype)
    ab = rng.uniform(-20, 20, (40, 50, 2)).astype(np.float32)
    rgb = decoded(luma.astype(float), chroma_planes(ab, luma, coding, (1, 1)), matrix, full, bits)
    inside = ((rgb > 0.01) & (rgb < 0.99)).all(axis=-1)
    assert inside.mean() > 0.95
    missed = np.abs(reference.rgb2lab(rgb.clip(0, 1))[..., 1:] - ab)[inside]
    assert missed.mean() < (0.45 if bits == 8 else 0.15)  # half a code is about 0.4 units of ab
    assert np.quantile(missed, 0.999) < (1.6 if bits == 8 else 0.75)


def test_colors_that_rgb_does_not_hold_keep_luma_and_hue_and_lose_chroma():
    coding = Coding(primaries=1)
    luma, ab = np.full((1, 1), 0.9, np.float32), np.array([[[20.0, -90.0]]], np.float32)
    cb, cr = chroma_of(luma, ab, coding)
    _, _, blue = coding.luma_weights
    red = coding.luma_weights[0]
    rgb = np.array([0.9 + 2 * (1 - red) * cr[0, 0], 0.9, 0.9 + 2 * (1 - blue) * cb[0, 0]])
    assert rgb.max() == pytest.approx(1, abs=1e-5)
    assert cb > 0


def test_no_color_is_the_neutral_code_at_every_luma():
    luma = np.arange(256, dtype=np.uint8).reshape(16, 16)
    planes = chroma_planes(np.zeros((16, 16, 2), np.float32), luma, Coding(), (1, 1))
    np.testing.assert_array_equal(planes, 128)


@pytest.mark.parametrize(
    ("subsampling", "size"), [((2, 2), (4, 6)), ((1, 2), (7, 6)), ((1, 1), (7, 11)), ((1, 4), (7, 3))]
)
def test_planes_have_the_size_of_the_chroma_of_odd_frames(subsampling, size):
    planes = chroma_planes(np.ones((3, 4, 2), np.float32), np.full((7, 11), 100, np.uint8), Coding(), subsampling)
    assert planes.shape == (2, *size)


def test_black_and_white_stay_without_color():
    luma = np.array([[16, 235]], np.uint8)
    planes = chroma_planes(np.full((1, 2, 2), 40, np.float32), luma, Coding(), (1, 1))
    np.testing.assert_array_equal(planes, 128)


def test_lightness_of_gray_is_that_of_the_same_gray_in_srgb():
    levels = np.arange(256, dtype=np.uint8).reshape(16, 16)
    wanted = color.rgb_to_lightness(np.repeat(levels[..., None], 3, axis=2))[..., 0]
    np.testing.assert_allclose(lightness_of(levels / np.float32(255)), wanted, atol=0.05)  # rounded white point
