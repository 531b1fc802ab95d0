import io
import struct
import zlib

import imagecodecs
import numpy as np
import pytest
import tifffile
from PIL import Image, ImageCms

from fusioncolor import images
from fusioncolor.errors import InputError
from fusioncolor.images import icc

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


def named(profile: bytes, name: str) -> bytes:
    """The same profile under another name of the same length, as profiles carry it in ASCII."""
    old = ImageCms.ImageCmsProfile(io.BytesIO(profile)).profile.profile_description
    return profile.replace(old.encode("utf-16-be"), name.ljust(len(old))[: len(old)].encode("utf-16-be"))


def test_a_profile_is_judged_by_its_colors_not_by_its_name(tmp_path):
    primaries = [0.64, 0.33, 1, 0.3, 0.6, 1, 0.15, 0.06, 1]
    linear = imagecodecs.cms_profile("rgb", whitepoint=[0.3127, 0.329, 1], primaries=primaries, gamma=1.0)
    for profile in (linear, named(linear, "sRGB")):
        Image.fromarray(RGB).save(tmp_path / "a.png", icc_profile=profile)
        source, target = ImageCms.ImageCmsProfile(io.BytesIO(profile)), ImageCms.createProfile("sRGB")
        expected = np.asarray(ImageCms.profileToProfile(Image.fromarray(RGB), source, target)).astype(int)
        assert np.abs(images.read(tmp_path / "a.png").rgb - expected).max() <= 1
        assert np.abs(RGB - expected).max() > 20


@pytest.mark.parametrize("profile", [imagecodecs.cms_profile("srgb"), icc.srgb()])
def test_profiles_of_srgb_leave_the_pixels_alone(tmp_path, profile):
    Image.fromarray(RGB).save(tmp_path / "a.png", icc_profile=profile)
    np.testing.assert_array_equal(images.read(tmp_path / "a.png").rgb, RGB)


def png_with(*chunks: tuple[bytes, bytes]) -> bytes:
    """A PNG with chunks after its header."""
    plain = io.BytesIO()
    Image.fromarray(RGB).save(plain, "PNG")
    content = plain.getvalue()
    made = b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data)) for kind, data in chunks
    )
    return content[:33] + made + content[33:]


def gamma_chunk(gamma: float) -> tuple[bytes, bytes]:
    return b"gAMA", struct.pack(">I", round(gamma * 100_000))


def encoded(linear: np.ndarray) -> np.ndarray:
    """Linear light -> sRGB, 0 to 255, by the equations of IEC 61966-2-1."""
    return 255 * np.where(linear > 0.0031308, 1.055 * linear ** (1 / 2.4) - 0.055, 12.92 * linear)


def test_the_gamma_of_a_png_is_applied(tmp_path):
    (tmp_path / "a.png").write_bytes(png_with(gamma_chunk(1.0)))
    assert np.abs(images.read(tmp_path / "a.png").rgb - encoded(RGB / 255)).max() <= 1
    (tmp_path / "b.png").write_bytes(png_with(gamma_chunk(1.0), (b"sRGB", b"\0")))
    np.testing.assert_array_equal(images.read(tmp_path / "b.png").rgb, RGB)  # sRGB overrules
    (tmp_path / "c.png").write_bytes(png_with((b"cICP", bytes([1, 13, 0, 1]))))
    np.testing.assert_array_equal(images.read(tmp_path / "c.png").rgb, RGB)


def test_the_primaries_of_a_png_are_applied(tmp_path):
    (tmp_path / "a.png").write_bytes(png_with((b"cICP", bytes([12, 13, 0, 1]))))  # Display P3
    linear = np.where(RGB / 255 > 0.04045, ((RGB / 255 + 0.055) / 1.055) ** 2.4, RGB / 255 / 12.92)
    srgb_of_p3 = [[1.2249, -0.2247, 0], [-0.0420, 1.0419, 0], [-0.0197, -0.0786, 1.0979]]
    expected = encoded(np.clip(linear @ np.transpose(srgb_of_p3), 0, 1))
    assert np.abs(images.read(tmp_path / "a.png").rgb - expected).max() <= 2


def test_a_png_of_a_high_dynamic_range_is_refused(tmp_path):
    (tmp_path / "a.png").write_bytes(png_with((b"cICP", bytes([9, 16, 0, 1]))))
    with pytest.raises(InputError, match=r"a\.png: colors of a high dynamic range"):
        images.read(tmp_path / "a.png")


@pytest.mark.parametrize(("curve", "gamma"), [(4, 2.2), (5, 2.8), (8, 1.0)])
def test_the_curve_that_a_png_names_is_applied(tmp_path, curve, gamma):
    (tmp_path / "a.png").write_bytes(png_with((b"cICP", bytes([1, curve, 0, 1]))))
    assert np.abs(images.read(tmp_path / "a.png").rgb - encoded((RGB / 255) ** gamma)).max() <= 1


def test_a_profile_of_wider_primaries_is_applied_though_it_leaves_gray_alone(tmp_path):
    """Display P3, whose curve is that of sRGB."""
    profile = icc._profile(icc._WHITE, icc._PRIMARIES[12], None)
    Image.fromarray(RGB).save(tmp_path / "a.png", icc_profile=profile)
    linear = np.where(RGB / 255 > 0.04045, ((RGB / 255 + 0.055) / 1.055) ** 2.4, RGB / 255 / 12.92)
    srgb_of_p3 = [[1.2249, -0.2247, 0], [-0.0420, 1.0419, 0], [-0.0197, -0.0786, 1.0979]]
    expected = encoded(np.clip(linear @ np.transpose(srgb_of_p3), 0, 1))
    assert np.abs(images.read(tmp_path / "a.png").rgb - expected).max() <= 2


def test_gray_pixels_under_a_profile_of_rgb_take_its_curve(tmp_path):
    primaries = [0.64, 0.33, 1, 0.3, 0.6, 1, 0.15, 0.06, 1]
    linear = imagecodecs.cms_profile("rgb", whitepoint=[0.3127, 0.329, 1], primaries=primaries, gamma=1.0)
    Image.fromarray(RGB[..., 0]).save(tmp_path / "a.png", icc_profile=linear)
    found = images.read(tmp_path / "a.png").rgb
    assert np.abs(found - encoded(RGB[..., :1] / 255)).max() <= 1
