import io

import imagecodecs
import numpy as np
import pytest
import tifffile
from PIL import Image, ImageCms

from fusioncolor import images

RNG = np.random.default_rng(0)
RGB = RNG.integers(0, 256, (12, 20, 3), dtype=np.uint8)


def profile_of(space: str) -> bytes:
    if space == "gray":
        return imagecodecs.cms_profile("gray", gamma=1.0)
    return imagecodecs.cms_profile(space)


@pytest.mark.parametrize("suffix", [".jpg", ".png", ".tif", ".webp"])
def test_an_adobe_rgb_photograph_is_converted_and_tagged_as_srgb(tmp_path, suffix):
    green = np.full((16, 16, 3), (60, 180, 60), np.uint8)
    adobe = profile_of("adobergb")
    options = {"lossless": True} if suffix == ".webp" else {}
    Image.fromarray(green).save(tmp_path / f"a{suffix}", icc_profile=adobe, **options)
    photograph = images.read(tmp_path / f"a{suffix}")
    source, target = ImageCms.ImageCmsProfile(io.BytesIO(adobe)), ImageCms.createProfile("sRGB")
    expected = np.asarray(ImageCms.profileToProfile(Image.fromarray(green), source, target))
    assert np.abs(photograph.rgb.astype(int) - expected).max() <= 2  # JPEG
    assert photograph.rgb[0, 0, 0] < 30  # more saturated than its numbers say
    images.write(tmp_path / f"b{suffix}", photograph.rgb, metadata=photograph.metadata)
    with Image.open(tmp_path / f"b{suffix}") as written:
        written_profile = ImageCms.ImageCmsProfile(io.BytesIO(written.info["icc_profile"]))
    assert "sRGB" in ImageCms.getProfileDescription(written_profile)
    again = images.read(tmp_path / f"b{suffix}").rgb
    assert np.abs(again.astype(int) - photograph.rgb).max() <= 2


@pytest.mark.parametrize("deep", [False, True])
def test_a_gray_profile_changes_the_tones(tmp_path, deep):
    level = 128 * 257 if deep else 128
    gray = np.full((8, 8), level, np.uint16 if deep else np.uint8)
    linear = profile_of("gray")
    if deep:
        tifffile.imwrite(tmp_path / "a.tif", gray, photometric="minisblack", iccprofile=linear)
    else:
        Image.fromarray(gray).save(tmp_path / "a.tif", icc_profile=linear)
    rgb = images.read(tmp_path / "a.tif").rgb
    assert rgb.dtype == gray.dtype
    # linear 0.502 is 0.737 in sRGB
    np.testing.assert_allclose(rgb / np.iinfo(rgb.dtype).max, 0.737, atol=0.01)
    assert np.ptp(rgb.astype(int), axis=-1).max() <= (300 if deep else 1)


@pytest.mark.parametrize("profile", [b"", b"no profile", b"\0" * 200, "gray", "srgb"])
def test_a_profile_that_says_nothing_about_the_pixels_leaves_them(tmp_path, profile):
    profile = profile if isinstance(profile, bytes) else profile_of(profile)
    Image.fromarray(RGB).save(tmp_path / "a.png", icc_profile=profile)
    np.testing.assert_array_equal(images.read(tmp_path / "a.png").rgb, RGB)
