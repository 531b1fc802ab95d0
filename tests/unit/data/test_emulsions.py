import numpy as np
import pytest
from PIL import Image
from scipy import ndimage

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


class Drawn:
    """Stands in for a generator: `random` gives the listed numbers, and all else the ends of its ranges."""

    def __init__(self, *chances: float, high: bool = False) -> None:
        self.chances, self.high = list(chances), high

    def random(self) -> float:
        return self.chances.pop(0)

    def uniform(self, low, high, size=None):
        value = high if self.high else low
        return value if size is None else np.full(size, value)

    def integers(self, low, high):
        if np.ndim(high):
            return np.array(high) // 2
        return high - 1 if self.high else low

    def choice(self, options):
        return options[-1 if self.high else 0]

    def dirichlet(self, concentration):
        return np.divide(concentration, np.sum(concentration))

    def standard_normal(self, shape, dtype):
        return np.random.default_rng(0).standard_normal(shape, dtype)


TONE = np.random.default_rng(1).uniform(0.2, 0.8, (20, 40)).astype(np.float32)


def blurred(values: np.ndarray, sigma: float) -> np.ndarray:
    return ndimage.gaussian_filter(values, sigma, mode="mirror", truncate=4)


@pytest.mark.parametrize(
    ("chance", "lowest", "highest"),
    [
        (0.34, [0, 0, 1], [0.05, 0.2, 1]),
        (0.36, [0, 0.4, 0.2], [0.1, 1, 0.8]),
        (0.64, [0, 0.4, 0.2], [0.1, 1, 0.8]),
        (0.66, [4 / 13, 6 / 13, 3 / 13], [4 / 13, 6 / 13, 3 / 13]),
    ],
)
def test_emulsions_see_light_in_the_stated_ranges(chance, lowest, highest):
    np.testing.assert_allclose(emulsions.sensitivity(Drawn(chance)), lowest)
    np.testing.assert_allclose(emulsions.sensitivity(Drawn(chance, high=True)), highest)
    assert emulsions.sensitivity(Drawn(0.91)) is None


@pytest.mark.parametrize(
    ("change", "chances"),
    [("develop", (0.6, 0.5)), ("expose_unevenly", (0.3, 0.15)), ("blur", (0.3, 0.2)), ("grain", (0.5,)),
     ("scratch", (0.08,))],
)  # fmt: skip
def test_wear_comes_in_the_stated_shares(change, chances):
    """Not at the listed chances, and each alone just below."""
    function = getattr(emulsions, f"_{change}")
    np.testing.assert_array_equal(function(TONE, Drawn(*chances)), TONE)
    for index in range(len(chances)):
        below = [chance - 0.001 * (place == index) for place, chance in enumerate(chances)]
        assert not np.array_equal(function(TONE, Drawn(*below, 1, high=change == "grain")), TONE)


def test_development_changes_gamma_contrast_and_blacks():
    tone = np.array([[0.5]], np.float32)
    assert emulsions._develop(tone, Drawn(0, 1)) == pytest.approx(0.5 ** np.exp(-0.45))
    assert emulsions._develop(tone, Drawn(0, 1, high=True)) == pytest.approx(0.5 ** np.exp(0.45))
    assert emulsions._develop(tone, Drawn(1, 0)) == pytest.approx(0.55 * 0.5)
    assert emulsions._develop(tone, Drawn(1, 0, high=True)) == pytest.approx(0.5 + 0.15)


@pytest.mark.parametrize(
    ("chances", "high", "factors"),
    [
        ((0, 1), False, {(0, 0): 0.95, (4, 6): 0.95, (2, 3): 1, (2, 0): 0.975, (4, 3): 0.975}),
        ((0, 1), True, {(0, 0): 0.65, (4, 6): 0.65, (2, 3): 1, (2, 0): 0.825, (4, 3): 0.825}),
        ((1, 0), False, {(0, 0): 1.3, (4, 6): 0.7, (0, 6): 1, (2, 3): 1, (2, 0): 1.15, (4, 3): 0.85}),
        ((1, 0), True, {(0, 0): 0.7, (4, 6): 1.3, (0, 6): 1, (2, 3): 1, (2, 0): 0.85, (4, 3): 1.15}),
    ],
)
def test_corners_or_one_side_are_darker(chances, high, factors):
    exposed = emulsions._expose_unevenly(np.full((5, 7), 0.5, np.float32), Drawn(*chances, high=high))
    for place, factor in factors.items():
        assert exposed[place] == pytest.approx(0.5 * factor)


def averaging(count: int, fewer: int) -> np.ndarray:
    """The share of each of `count` equal parts of a line in the means over `fewer` equal parts."""
    starts, ends = (np.arange(fewer)[:, None] + one for one in (0, 1))
    overlap = np.minimum(ends * count / fewer, np.arange(count) + 1) - np.maximum(
        starts * count / fewer, np.arange(count)
    )
    return (np.maximum(overlap, 0) * fewer / count).astype(np.float32)


def test_blur_is_a_gaussian_or_a_small_scan_that_was_enlarged():
    """By SciPy, by hand, and by Pillow."""
    for high, sigma, (height, width) in ((False, 0.5, (7, 14)), (True, 2, (18, 36))):
        np.testing.assert_allclose(emulsions._blur(TONE, Drawn(0, 1, high=high)), blurred(TONE, sigma), atol=1e-5)
        small = Image.fromarray(averaging(20, height) @ TONE @ averaging(40, width).T)
        enlarged = np.asarray(small.resize((40, 20), Image.Resampling.BILINEAR))
        np.testing.assert_allclose(emulsions._blur(TONE, Drawn(1, 0, high=high)), enlarged, atol=1e-5)
    dots = np.array([[0.1, 0.3], [0.5, 0.7]], np.float32)
    np.testing.assert_allclose(emulsions._blur(dots, Drawn(1, 0)), 0.4)  # scanned with one pixel


def test_grain_is_noise_of_the_stated_strength_and_size():
    noise = np.random.default_rng(0).standard_normal(TONE.shape, np.float32)
    np.testing.assert_allclose(emulsions._grain(TONE, Drawn(0)), TONE + 0.008 * noise, atol=1e-6)
    coarse = blurred(noise, 1.3)
    expected = TONE + 0.07 * coarse / coarse.std()
    np.testing.assert_allclose(emulsions._grain(TONE, Drawn(0, high=True)), expected, atol=1e-5)


def test_scratches_are_a_few_thin_lines():
    """From the middle, by at most six pixels to a side where upright, which ends at the same height here."""
    dark, light = (emulsions._scratch(TONE, Drawn(0, *[0] * 5, high=high)) - TONE for high in (False, True))
    expected = np.zeros_like(TONE)
    expected[10, 14:21] = -0.4
    np.testing.assert_allclose(dark, expected, atol=1e-6)
    expected = np.zeros_like(TONE)
    expected[10, 20:27] = 5 * 0.5
    np.testing.assert_allclose(light, expected, atol=1e-6)
    leaning = emulsions._scratch(TONE, Drawn(0, *[0.6] * 5, high=True)) - TONE
    assert np.flatnonzero(leaning).tolist() == [10 * 40 + 20]  # begins and ends in the middle


def test_three_of_ten_are_scans_in_jpeg_of_quality_30_to_90(monkeypatch):
    qualities = []
    monkeypatch.setattr(emulsions, "_jpeg", lambda tone, quality: qualities.append(quality) or tone)
    for seed in range(1000):
        emulsions.record(PATCHES[:4, :4], np.random.default_rng(seed))
    assert len(qualities) == pytest.approx(300, abs=60)  # four standard deviations
    assert 30 <= min(qualities) < 35
    assert 85 < max(qualities) <= 90


def test_jpeg_of_less_quality_is_coarser():
    smooth = blurred(TONE, 2)
    worse, better = (np.abs(emulsions._jpeg(smooth, quality) - smooth).max() for quality in (30, 90))
    assert better < 0.02 < worse


def test_nothing_drawn_leaves_the_lightness(monkeypatch):
    for change in ("_develop", "_expose_unevenly", "_blur", "_grain", "_scratch"):
        monkeypatch.setattr(emulsions, change, lambda tone, rng: tone)
    kept = emulsions.record(PATCHES, Drawn(0.95, 0.3))
    np.testing.assert_allclose(kept, color.rgb_to_lightness(PATCHES), atol=1e-3)
