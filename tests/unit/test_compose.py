import numpy as np
import pytest

from fusioncolor import color, compose, images
from fusioncolor.compose import finish, finish_in_bands
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


def test_chroma_that_is_not_a_number_is_no_picture():
    with pytest.raises(InputError, match="predicts NaN"):
        finish(np.full((4, 4, 1), 50, np.float32), np.full((2, 2, 2), np.nan, np.float32))
