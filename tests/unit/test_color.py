import sys
from types import ModuleType

import cv2
import numpy as np
import pytest
import skimage.color

from fusioncolor import color

RANDOM_RGB = np.random.default_rng(0).integers(0, 256, (97, 61, 3), dtype=np.uint8)


@pytest.fixture(params=["OpenCV", "NumPy"], autouse=True)
def library(request, monkeypatch):
    """What computes Lab, because OpenCV is not everywhere."""
    if request.param == "NumPy":
        monkeypatch.setattr(color, "_cv2", lambda: None)


def lattice(step: int) -> np.ndarray:
    levels = np.unique(np.append(np.arange(0, 256, step), 255)).astype(np.uint8)
    return np.stack(np.meshgrid(levels, levels, levels, indexing="ij"), axis=-1).reshape(-1, 3)


def far_colors(count: int) -> tuple[np.ndarray, np.ndarray]:
    lab = np.random.default_rng(1).uniform([0, -110, -110], [100, 110, 110], (count, 3)).astype(np.float32)
    return color.split(lab)


@pytest.mark.parametrize("rgb", [RANDOM_RGB, RANDOM_RGB.astype(np.uint16) * 257, RANDOM_RGB / np.float32(255)])
def test_lab_agrees_with_scikit_image(rgb):
    expected = skimage.color.rgb2lab(RANDOM_RGB)
    np.testing.assert_allclose(color.rgb_to_lab(rgb), expected, atol=1e-3)  # float32 against float64


def test_lightness_of_grays_agrees_with_scikit_image():
    grays = np.repeat(np.arange(256, dtype=np.uint8).reshape(16, 16, 1), 3, axis=2)
    color._lightness_of_grays.cache_clear()  # the other library may have filled it
    np.testing.assert_allclose(color.rgb_to_lightness(grays), skimage.color.rgb2lab(grays)[..., :1], atol=1e-3)


@pytest.mark.parametrize("other", [0, 1, 2])
def test_lightness_where_one_channel_differs_everywhere(other):
    rgb = RANDOM_RGB[..., [0, 0, 0]]
    rgb[..., other] = 255 - rgb[..., other]
    np.testing.assert_allclose(color.rgb_to_lightness(rgb), skimage.color.rgb2lab(rgb)[..., :1], atol=1e-3)


@pytest.mark.parametrize("library", ["OpenCV"], indirect=True)
def test_lightness_while_another_thread_is_importing_opencv(monkeypatch):
    half_imported = ModuleType("cv2")  # it has no `__spec__` for a moment
    vars(half_imported).update(LUT=cv2.LUT, transform=cv2.transform, pow=cv2.pow)
    monkeypatch.setitem(sys.modules, "cv2", half_imported)
    monkeypatch.setattr(color, "_cv2", color._cv2.__wrapped__)
    np.testing.assert_allclose(color.rgb_to_lightness(RANDOM_RGB), color.rgb_to_lab(RANDOM_RGB)[..., :1], atol=1e-4)


def test_rgb_agrees_with_scikit_image_inside_and_outside_the_gamut():
    lab = color.join(*far_colors(20_000))
    with np.errstate(invalid="ignore"):
        expected = skimage.color.lab2rgb(lab.astype(np.float64)[None])[0]
    # where Z would be negative both clip it, with the gamma curve's steep start magnifying float32 rounding
    np.testing.assert_allclose(color.lab_to_rgb(lab, np.float32), expected, atol=2e-4)


def test_a_byte_round_trip_is_exact_on_a_lattice():
    rgb = lattice(5)
    np.testing.assert_array_equal(color.lab_to_rgb(color.rgb_to_lab(rgb)), rgb)


@pytest.mark.slow
def test_a_byte_round_trip_is_exact_for_all_colors():
    for red in range(0, 256, 16):
        levels = [np.arange(red, red + 16), np.arange(256), np.arange(256)]
        rgb = np.stack(np.meshgrid(*levels, indexing="ij"), axis=-1).astype(np.uint8)
        lab = color.rgb_to_lab(rgb)
        np.testing.assert_array_equal(color.lab_to_rgb(lab), rgb)
        np.testing.assert_array_equal(color.join_in_gamut(*color.split(lab)), rgb)


def test_a_16_bit_round_trip_stays_within_one_level_of_65535():
    rgb = np.random.default_rng(2).integers(0, 65536, (50_000, 3), dtype=np.uint16)
    back = color.lab_to_rgb(color.rgb_to_lab(rgb), np.uint16)
    assert np.abs(back.astype(int) - rgb.astype(int)).max() <= 2  # float32 has 24 bits, three of them lost on the way


def test_lightness_alone_equals_the_first_channel_of_lab():
    np.testing.assert_allclose(color.rgb_to_lightness(RANDOM_RGB), color.rgb_to_lab(RANDOM_RGB)[..., :1], atol=1e-4)


def test_white_black_and_gray_have_no_chroma():
    lab = color.rgb_to_lab(np.array([[0, 0, 0], [128, 128, 128], [255, 255, 255]], np.uint8))
    np.testing.assert_allclose(lab[:, 0], [0, 53.585, 100], atol=1e-3)  # CIE formula for 128/255
    np.testing.assert_allclose(lab[:, 1:], 0, atol=0.02)  # the published matrix rows do not sum exactly to the white


def test_ab_scale_covers_every_srgb_color():
    assert np.abs(color.rgb_to_lab(lattice(15))[:, 1:]).max() < color.AB_SCALE


def test_joining_in_gamut_keeps_lightness_of_the_most_extreme_colors():
    lightness, ab = far_colors(50_000)
    back = color.rgb_to_lab(color.join_in_gamut(lightness, ab, np.float32))
    np.testing.assert_allclose(back[:, :1], lightness, atol=0.1)


def test_joining_in_gamut_keeps_hue():
    lightness, ab = far_colors(50_000)
    back = color.rgb_to_lab(color.join_in_gamut(lightness, ab, np.float32))[:, 1:]
    colored = np.linalg.norm(back, axis=1) > 5
    turned = np.angle((back[:, 0] + 1j * back[:, 1]) / (ab[:, 0] + 1j * ab[:, 1]))[colored]
    assert np.abs(turned).max() < 0.03  # radians; the inverse of the published matrix is not exactly its inverse


def test_joining_in_gamut_leaves_colors_inside_alone():
    lightness, ab = color.split(color.rgb_to_lab(RANDOM_RGB))
    np.testing.assert_array_equal(color.join_in_gamut(lightness, ab), RANDOM_RGB)


def test_plain_clipping_would_not_keep_lightness():
    lightness, ab = far_colors(5_000)
    clipped = color.rgb_to_lab(color.lab_to_rgb(color.join(lightness, ab), np.float32))
    assert np.abs(clipped[:, :1] - lightness).max() > 5


def test_large_images_in_threads_equal_small_ones():
    rgb = np.random.default_rng(3).integers(0, 256, (1100, 1000, 3), dtype=np.uint8)
    whole = color.rgb_to_lab(rgb)
    parts = np.concatenate([color.rgb_to_lab(rgb[:500]), color.rgb_to_lab(rgb[500:])])
    np.testing.assert_allclose(whole, parts, atol=1e-4)  # blocks start elsewhere: another order of additions


@pytest.mark.parametrize("dtype", [np.int64, bool])
def test_a_type_whose_range_is_unknown_is_refused(dtype):
    with pytest.raises(ValueError, match="expected uint8, uint16 or float"):
        color.rgb_to_lab(np.ones((4, 4, 3), dtype))


def test_byte_order_makes_no_difference():
    rgb = np.random.default_rng(4).integers(0, 65536, (9, 3), dtype=np.uint16)
    np.testing.assert_array_equal(color.rgb_to_lab(rgb.astype(">u2")), color.rgb_to_lab(rgb.astype("<u2")))


def test_a_picture_without_three_channels_is_refused():
    with pytest.raises(ValueError, match=r"Received: \(4, 4, 1\)"):
        color.rgb_to_lab(np.zeros((4, 4, 1), np.uint8))


def test_joining_in_gamut_keeps_the_largest_chroma_that_srgb_holds():
    lightness, ab = far_colors(20_000)
    back = color.rgb_to_lab(color.join_in_gamut(lightness, ab, np.float32))[:, 1:]
    kept = np.linalg.norm(back, axis=1) / np.linalg.norm(ab, axis=1)
    moved = (kept < 0.98) & (kept > 0.05)
    assert moved.sum() > 5_000
    more = skimage.color.lab2xyz(color.join(lightness, ab * (kept[:, None] + 0.01))[moved].astype(np.float64)[None])[0]
    linear = more @ skimage.color.colorconv.rgb_from_xyz.T
    outside = (linear < 0).any(axis=1) | (linear > 1).any(axis=1)
    assert outside.mean() > 0.999  # 1/100 more of the wanted chroma would leave the gamut


def test_lightness_beyond_its_range_becomes_black_or_white():
    ab = np.array([[0, 0], [60, 20], [-40, 70], [10, -90]], np.float32)
    for lightness, level in ((-20, 0), (-0.1, 0), (100.1, 255), (130, 255)):
        np.testing.assert_array_equal(color.join_in_gamut(np.full((4, 1), lightness, np.float32), ab), level)


def test_filtered_lightness_of_the_eyes_sensitivity_is_lightness():
    eye = [0.212671, 0.715160, 0.072169]
    np.testing.assert_allclose(
        color.filtered_lightness(RANDOM_RGB, np.multiply(eye, 7)), color.rgb_to_lightness(RANDOM_RGB), atol=1e-3
    )


def test_exposing_doubles_linear_light_for_a_stop_until_it_clips():
    linear = np.where(RANDOM_RGB / 255 > 0.04045, ((RANDOM_RGB / 255 + 0.055) / 1.055) ** 2.4, RANDOM_RGB / 255 / 12.92)
    for stops in (-1, 0, 0.5, 1):
        light = np.clip(linear * 2**stops, 0, 1)
        expected = 255 * np.where(light > 0.0031308, 1.055 * light ** (1 / 2.4) - 0.055, 12.92 * light)
        assert np.abs(color.expose(RANDOM_RGB, stops) - expected).max() <= 0.51


def test_a_single_color_and_a_row_of_colors_are_images_too():
    red = np.array([255, 0, 0], np.uint8)
    one = color.rgb_to_lab(red)
    assert one.shape == (3,)
    np.testing.assert_allclose(one, (53.24, 80.09, 67.2), atol=0.02)  # the published values have two decimals
    np.testing.assert_array_equal(color.rgb_to_lab(red[None])[0], one)
    np.testing.assert_array_equal(color.lab_to_rgb(one), red)
    with pytest.raises(ValueError, match="expected an image of shape"):
        color.rgb_to_lab(np.uint8(3))
