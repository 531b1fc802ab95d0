import numpy as np
import pytest

from fusioncolor import color
from fusioncolor.data import emulsions

PATCHES = np.array([[[255, 0, 0], [0, 255, 0], [0, 0, 255], [128, 128, 128]]], np.uint8).repeat(40, 0).repeat(10, 1)


def test_lightness_stays_in_its_range_and_shape_whatever_is_drawn():
    for seed in range(200):
        tone = emulsions.record(PATCHES, np.random.default_rng(seed))
        assert tone.shape == (40, 40, 1)
        assert tone.dtype == np.float32
        assert 0 <= tone.min() <= tone.max() <= 100
        assert tone.std() > 0


def test_the_same_draw_gives_the_same_photograph():
    one, other = (emulsions.record(PATCHES, np.random.default_rng(4)) for _ in range(2))
    np.testing.assert_array_equal(one, other)
    assert not np.array_equal(one, emulsions.record(PATCHES, np.random.default_rng(5)))


def test_kinds_of_emulsions_come_in_the_stated_shares():
    drawn = [emulsions.sensitivity(np.random.default_rng(seed)) for seed in range(2000)]
    shares = np.array([np.full(3, np.nan) if one is None else one / np.sum(one) for one in drawn])
    assert np.isnan(shares[:, 0]).mean() == pytest.approx(0.1, abs=0.02)
    blue = shares[:, 2] > 0.8
    assert blue.mean() == pytest.approx(0.35, abs=0.03)


def test_a_blue_plate_shows_red_black_and_blue_white():
    light = color.filtered_lightness(PATCHES, [0, 0, 1])[0, ::10, 0]
    np.testing.assert_allclose(light, [0, 0, 100, color.rgb_to_lightness(PATCHES)[0, -1, 0]], atol=1e-3)


@pytest.mark.parametrize("change", ["_expose_unevenly", "_blur", "_grain", "_scratch", "_develop"])
def test_every_kind_of_wear_occurs(change):
    tone = color.rgb_to_lightness(PATCHES)[..., 0] / 100
    worn = [getattr(emulsions, change)(tone, np.random.default_rng(seed)) for seed in range(60)]
    assert 0 < np.mean([np.array_equal(tone, one) for one in worn]) < 1
