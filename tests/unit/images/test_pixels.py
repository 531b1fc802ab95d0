import io

import numpy as np
import pytest
from PIL import Image
from skimage import data

from fusioncolor import color, images

RGB = np.random.default_rng(0).integers(0, 256, (13, 29, 3), dtype=np.uint8)


def test_gray_pictures_are_told_from_colored_ones(tmp_path):
    gray = np.repeat(RGB[..., :1], 3, axis=-1)
    images.write(tmp_path / "gray.jpg", gray)
    assert images.is_gray(images.read(tmp_path / "gray.jpg").rgb)
    assert images.is_gray(gray.astype(np.uint16) * 257)
    assert not images.is_gray(RGB)
    one_red_corner = np.full((20, 20, 3), 90, np.uint8)
    one_red_corner[:4, :4] = (160, 60, 60)
    assert not images.is_gray(one_red_corner)


def test_resizing_a_ramp_keeps_it_a_ramp():
    ramp = np.linspace(0, 100, 64, dtype=np.float32)[None, :, None].repeat(8, axis=0)
    small = images.resize(ramp, (4, 16))
    np.testing.assert_allclose(small[0, 2:-2, 0], np.linspace(0, 100, 64).reshape(16, 4).mean(1)[2:-2], atol=0.1)
    assert small.dtype == np.float32


def toned(lightness: np.ndarray, chroma: float, hue: float) -> np.ndarray:
    """A print of one hue, strongest at middle lightness."""
    strength = chroma * (1 - ((lightness - 55) / 65) ** 2)
    return color.join_in_gamut(lightness, np.concatenate([strength * np.cos(hue), strength * np.sin(hue)], axis=-1))


@pytest.mark.parametrize("hue", [0.0, 1.2, 3.6])
def test_a_print_of_one_hue_is_toned_whatever_it_shows(hue):
    for picture in (data.astronaut(), data.coffee(), data.rocket()):
        sepia = toned(color.rgb_to_lightness(picture), 20, hue)
        assert images.is_toned(sepia)
        assert images.is_toned(sepia.astype(np.uint16) * 257)
        encoded = io.BytesIO()
        Image.fromarray(sepia).save(encoded, "JPEG", quality=85)
        assert images.is_toned(np.asarray(Image.open(encoded)))


def test_photographs_in_color_and_gray_ones_are_not_toned():
    for picture in (data.astronaut(), data.coffee(), data.rocket(), data.chelsea()):
        assert not images.is_toned(picture)
        assert not images.is_toned(np.repeat(picture[..., :1], 3, axis=-1))
    halves = np.zeros((20, 20, 3), np.uint8)
    halves[:10], halves[10:] = (40, 60, 140), (230, 220, 150)  # two hues
    assert not images.is_toned(halves)
    assert not images.is_toned(np.full((9, 9, 3), (200, 100, 50), np.uint8))  # no print of anything


def test_shrinking_keeps_the_aspect_ratio_and_never_enlarges():
    assert images.shrink(np.zeros((100, 300, 3), np.uint8), 60).shape == (20, 60, 3)
    assert images.shrink(np.zeros((300, 100, 3), np.uint8), 60).shape == (60, 20, 3)
    assert images.shrink(np.zeros((2, 300, 3), np.uint8), 30).shape == (1, 30, 3)
    assert images.shrink(np.zeros((10, 30, 3), np.uint8), 60).shape == (10, 30, 3)


def test_a_picture_is_gray_if_99_of_100_pixels_are_within_4_levels():
    rgb = np.full((10, 20, 3), 100, np.uint8)
    rgb[..., 0] += 4
    assert images.is_gray(rgb)
    rgb[0, :2, 0] = 200
    assert images.is_gray(rgb)
    rgb[0, 2, 0] = 200  # the third of 200 pixels
    assert not images.is_gray(rgb)
    assert not images.is_gray(np.full((10, 20, 3), (100, 105, 100), np.uint8))
    assert not images.is_gray(np.full((10, 20, 3), (25700, 25700 + 5 * 257, 25700), np.uint16))
    assert images.is_gray(np.full((10, 20, 3), (25700, 25700 + 4 * 257, 25700), np.uint16))


def test_16_bits_are_rounded_to_8():
    levels = np.array([[[0, 128, 129], [257, 385, 386], [65406, 65407, 65535]]], np.uint16)
    assert images.to_bytes(levels).ravel().tolist() == [0, 0, 1, 1, 1, 2, 254, 255, 255]
    same = np.ones((2, 2, 3), np.uint8)
    assert images.to_bytes(same) is same


@pytest.mark.parametrize("dtype", [np.uint8, np.float32])
def test_a_box_is_left_top_right_bottom_and_interpolation_cubic(dtype):
    rgb = np.random.default_rng(0).integers(0, 256, (40, 80, 3)).astype(dtype)
    part = images.resize(rgb, (10, 20), box=(0.25, 0.5, 0.75, 1))  # columns 20 to 60, rows 20 to 40
    alone = images.resize(rgb[20:40, 20:60], (10, 20))
    np.testing.assert_array_equal(part[2:-2, 2:-2], alone[2:-2, 2:-2])  # at its border a box sees what is around it
    plane = rgb[..., 0].astype(np.float32)
    for bilinear, method in ((False, Image.Resampling.BICUBIC), (True, Image.Resampling.BILINEAR)):
        expected = np.asarray(Image.fromarray(plane).resize((30, 20), method))
        options = {"bilinear": True} if bilinear else {}
        found = images.resize(rgb, (20, 30), **options)[..., 0]
        np.testing.assert_allclose(found, expected.clip(0, 255) if dtype == np.uint8 else expected, atol=1)


def test_one_hue_whose_strength_has_nothing_to_do_with_the_light_is_no_print():
    rng = np.random.default_rng(0)
    lightness = np.linspace(20, 90, 64 * 64).reshape(64, 64, 1).astype(np.float32)
    chroma = np.kron(rng.uniform(5, 40, (16, 16, 1)), np.ones((4, 4, 1)))  # patches, one hue
    ab = chroma * np.array([np.cos(1.2), np.sin(1.2)])
    assert not images.is_toned(color.join_in_gamut(lightness, ab.astype(np.float32)))
    ab = np.broadcast_to(20 * np.array([np.cos(1.2), np.sin(1.2)]), (64, 64, 2)).astype(np.float32)
    assert images.is_toned(color.join_in_gamut(lightness, ab))
