import numpy as np
import pytest

from fusioncolor import color, compose, images
from fusioncolor.compose import finish, finish_in_bands, follow_edges, gray_picture
from fusioncolor.errors import InputError

RNG = np.random.default_rng(0)


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
@pytest.mark.parametrize("suffix", [".png", ".tif", ".webp", ".bmp"])
def test_the_most_extreme_predictions_keep_lightness_in_lossless_files(tmp_path, suffix, dtype):
    gray = np.linspace(0, np.iinfo(dtype).max, 64 * 64).astype(dtype).reshape(64, 64, 1).repeat(3, axis=-1)
    angles = RNG.uniform(0, 2 * np.pi, (16, 16))
    ab = (np.stack([np.cos(angles), np.sin(angles)], axis=-1) * 200).astype(np.float32)
    images.write(tmp_path / f"a{suffix}", finish_in_bands(color.rgb_to_lightness(gray), ab, dtype))
    written = images.read(tmp_path / f"a{suffix}").rgb
    assert np.ptp(written.astype(int), axis=-1).max() > 0.5 * np.iinfo(written.dtype).max  # vivid
    change = np.abs(color.rgb_to_lightness(written) - color.rgb_to_lightness(gray))
    assert change.max() < 1


def test_bands_are_seamless(monkeypatch):
    gray = RNG.integers(0, 256, (150, 40, 1), dtype=np.uint8).repeat(3, axis=-1)
    ab = RNG.normal(0, 30, (32, 32, 2)).astype(np.float32)
    whole = finish(color.rgb_to_lightness(gray), ab)
    monkeypatch.setattr(compose, "_BAND", 37)
    banded = finish_in_bands(color.rgb_to_lightness(gray), ab)
    assert np.abs(banded.astype(int) - whole).max() <= 1  # weights of the interpolation are rounded


def test_coarse_chroma_changes_where_the_lightness_does():
    dark, light = (30, 20, -10), (80, -30, 40)
    lab = np.empty((256, 256, 3), np.float32)
    lab[:, :100], lab[:, 100:] = dark, light  # through the middle of a column of cells
    lightness, ab = color.split(lab)
    coarse = images.resize(ab, (32, 32))
    ways = follow_edges(lightness, coarse), coarse
    errors = [np.abs(images.resize(one, (256, 256)) - ab)[:, 84:116].mean() for one in ways]
    assert errors[0] < errors[1] / 4
    assert np.abs(color.rgb_to_lab(finish(lightness, coarse))[:, 84:116, 1:] - ab[:, 84:116]).mean() < 2


def test_each_pixel_takes_the_mean_of_the_places_near_it_that_are_as_light():
    lightness = RNG.uniform(0, 100, (20, 30, 1)).astype(np.float32)
    ab = RNG.normal(0, 20, (4, 6, 2)).astype(np.float32)
    found, mean = follow_edges(lightness, ab), images.resize(lightness, (4, 6))
    levels = np.linspace(0, 100, 17)
    for row, column in ((0, 0), (7, 13), (19, 29)):
        total, weights = np.zeros(2), 0.0
        for y in range(4):
            for x in range(6):
                distance = ((row + 0.5) / 5 - y - 0.5) ** 2 + ((column + 0.5) / 5 - x - 0.5) ** 2
                alike = np.exp(-((mean[y, x, 0] - levels) ** 2) / 50) + 1e-3  # standard deviation 5
                weight = np.exp(-distance / 8) * np.interp(lightness[row, column, 0], levels, alike)  # and 2 places
                total, weights = total + weight * ab[y, x], weights + weight
        np.testing.assert_allclose(found[row, column], total / weights, atol=1e-3)


def test_chroma_of_one_color_or_as_fine_as_the_photograph_stays_as_it_is():
    lightness = RNG.uniform(0, 100, (40, 300, 1)).astype(np.float32)
    for size in ((1, 1), (64, 300), (40, 128)):
        ab = RNG.normal(0, 20, (*size, 2)).astype(np.float32)
        assert follow_edges(lightness, ab) is ab
    flat = np.broadcast_to(np.float32([7, -9]), (16, 16, 2))
    np.testing.assert_allclose(follow_edges(lightness, flat), np.broadcast_to([7, -9], (40, 128, 2)), atol=1e-4)


def test_chroma_that_is_not_a_number_is_no_picture():
    with pytest.raises(InputError, match="predicts NaN"):
        finish(np.full((4, 4, 1), 50, np.float32), np.full((2, 2, 2), np.nan, np.float32))


def test_refinements_follow_each_other_at_the_size_of_the_photograph():
    lightness, ab = np.full((6, 8, 1), 50, np.float32), np.full((3, 4, 2), 10, np.float32)
    confidence = np.zeros((3, 4, 1), np.float32)
    confidence[:, 2:] = 1
    seen = []

    def twice(light, chroma, certainty):
        seen.append((light, chroma, certainty))
        return 2 * chroma

    for given in (confidence, None):
        picture = finish(lightness, ab, given, [twice, twice])
        np.testing.assert_allclose(color.rgb_to_lab(picture)[..., 1:], 40, atol=0.5)  # 8 bits
    (_, first, certain), (_, second, _), (_, _, uncertain), _ = seen
    np.testing.assert_array_equal(second, np.full((6, 8, 2), 20))
    assert first.shape == (6, 8, 2)
    np.testing.assert_allclose(certain[0, :, 0], [0, 0, 0, 0.25, 0.75, 1, 1, 1])  # linear between the middles
    assert uncertain is None


def test_a_gray_picture_has_the_lightness_and_no_color():
    levels = np.arange(256, dtype=np.uint8).reshape(16, 16, 1).repeat(3, axis=-1)
    np.testing.assert_array_equal(gray_picture(color.rgb_to_lightness(levels)), levels)
