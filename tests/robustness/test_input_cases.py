"""Every kind of file that people have: what is read is right, and what is written holds what was read."""

import io
import zlib

import imagecodecs
import numpy as np
import pytest
import tifffile
from PIL import Image, ImageCms

from fusioncolor import color, compose, images
from fusioncolor.compose import finish, finish_in_bands
from fusioncolor.errors import InputError
from fusioncolor.images import metadata

RNG = np.random.default_rng(0)
RGB = RNG.integers(0, 256, (12, 20, 3), dtype=np.uint8)
DEEP = RNG.integers(0, 65536, (12, 20, 3), dtype=np.uint16)
ALPHA = RNG.integers(0, 65536, (12, 20), dtype=np.uint16)


def saved(tmp_path, name, array):
    """Writes an array of 16 bits or floats with the codec of the name's format."""
    path = tmp_path / name
    if path.suffix == ".png":
        path.write_bytes(imagecodecs.png_encode(array))
    else:
        tifffile.imwrite(path, array, photometric="rgb" if array.ndim == 3 else "minisblack")
    return path


@pytest.mark.parametrize("name", ["a.png", "a.tif"])
def test_16_bit_color_is_read_with_every_level(tmp_path, name):
    photograph = images.read(saved(tmp_path, name, DEEP))
    assert photograph.rgb.dtype == np.uint16
    np.testing.assert_array_equal(photograph.rgb, DEEP)
    assert images.read_resized(tmp_path / name, (12, 20)).dtype == np.uint8


@pytest.mark.parametrize("name", ["a.png", "a.tif"])
def test_16_bit_transparency_is_read_and_written_with_every_level(tmp_path, name):
    images.write(tmp_path / name, DEEP, ALPHA)
    photograph = images.read(tmp_path / name)
    np.testing.assert_array_equal(photograph.rgb, DEEP)
    np.testing.assert_array_equal(photograph.alpha, ALPHA)


def test_16_bit_gray_with_transparency_is_read_with_every_level(tmp_path):
    photograph = images.read(saved(tmp_path, "a.png", np.dstack([DEEP[..., 0], ALPHA])))
    np.testing.assert_array_equal(photograph.rgb, np.stack([DEEP[..., 0]] * 3, axis=-1))
    np.testing.assert_array_equal(photograph.alpha, ALPHA)


@pytest.mark.parametrize("byteorder", ["<", ">"])
@pytest.mark.parametrize("photometric", ["minisblack", "miniswhite"])
def test_16_bit_gray_tiffs_of_either_byte_order_keep_every_level(tmp_path, byteorder, photometric):
    tifffile.imwrite(tmp_path / "a.tif", DEEP[..., 0], byteorder=byteorder, photometric=photometric)
    expected = DEEP[..., 0] if photometric == "minisblack" else 65535 - DEEP[..., 0]
    np.testing.assert_array_equal(images.read(tmp_path / "a.tif").rgb[..., 1], expected)


@pytest.mark.parametrize("options", [{"compression": "lzw"}, {"compression": "zlib"}, {"planarconfig": "separate"}])
def test_tiffs_of_every_build_are_read(tmp_path, options):
    planes = np.moveaxis(DEEP, -1, 0) if "planarconfig" in options else DEEP
    tifffile.imwrite(tmp_path / "a.tif", np.ascontiguousarray(planes), photometric="rgb", **options)
    np.testing.assert_array_equal(images.read(tmp_path / "a.tif").rgb, DEEP)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("channels", [1, 3])
def test_float_tiffs_in_0_to_1_are_read_with_16_bits(tmp_path, dtype, channels):
    levels = DEEP[..., 0] if channels == 1 else DEEP
    path = saved(tmp_path, "a.tif", (levels / 65535).astype(dtype))
    np.testing.assert_array_equal(images.read(path).rgb[..., :channels], levels.reshape(12, 20, channels))


@pytest.mark.parametrize("array", [np.full((4, 4), 1.5, np.float32), np.full((4, 4), 70_000, np.uint32)])
def test_values_that_are_no_picture_are_refused(tmp_path, array):
    with pytest.raises(InputError, match=r"a\.tif: .*save it with 8 or 16"):
        images.read(saved(tmp_path, "a.tif", array))


def test_cmyk_with_16_bits_is_read_as_ink(tmp_path):
    ink = np.zeros((4, 4, 4), np.uint16)
    ink[:2, :, 0] = 65535  # cyan
    ink[2:, :, 3] = 65535  # black
    tifffile.imwrite(tmp_path / "a.tif", ink, photometric="separated")
    rgb = images.read(tmp_path / "a.tif").rgb
    assert (rgb[:2] == (0, 65535, 65535)).all()
    assert (rgb[2:] == 0).all()


@pytest.mark.parametrize("suffix", [".png", ".tif"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_deep_pictures_are_turned_upright_too(tmp_path, suffix, orientation):
    stored = {
        1: DEEP, 2: DEEP[:, ::-1], 3: DEEP[::-1, ::-1], 4: DEEP[::-1],
        5: DEEP.transpose(1, 0, 2), 6: np.rot90(DEEP), 7: np.rot90(DEEP[::-1]), 8: np.rot90(DEEP, -1),
    }[orientation]  # fmt: skip
    path = tmp_path / f"a{suffix}"
    if suffix == ".tif":
        tags = [(274, "H", 1, orientation, True)]
        tifffile.imwrite(path, np.ascontiguousarray(stored), photometric="rgb", extratags=tags, metadata=None)
    else:
        exif = Image.Exif()
        exif[0x0112] = orientation
        images.write(path, np.ascontiguousarray(stored), metadata=metadata.Metadata(exif=dict(exif)))
    np.testing.assert_array_equal(images.read(path).rgb, DEEP)


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


def full_of_metadata(suffix: str) -> dict:
    exif = Image.Exif()
    exif[0x010E] = "Grandmother in the garden"
    exif[0x0112] = 1
    exif[0x0131] = "Scanner 3"
    exif[0x013B] = "A. Photographer"
    exif.get_ifd(0x8769)[0x9003] = "1931:05:01 12:00:00"
    exif.get_ifd(0x8825)[1] = "N"
    options = {"exif": exif.tobytes(), "dpi": (300, 300)}
    xmp = b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf tiff:Orientation="6"/>garden</x:xmpmeta>'
    if suffix in (".jpg", ".webp"):
        options["xmp"] = xmp
    elif suffix == ".png":
        from PIL import PngImagePlugin

        options["pnginfo"] = PngImagePlugin.PngInfo()
        options["pnginfo"].add_itxt("XML:com.adobe.xmp", xmp.decode())
    return options


@pytest.mark.parametrize("suffix", [".jpg", ".png", ".tif", ".webp"])
def test_metadata_is_kept_made_true_and_noted(tmp_path, suffix):
    Image.fromarray(RGB).save(tmp_path / f"a{suffix}", **full_of_metadata(suffix))
    photograph = images.read(tmp_path / f"a{suffix}")
    images.write(tmp_path / f"b{suffix}", photograph.rgb, metadata=photograph.metadata.noted())
    with Image.open(tmp_path / f"b{suffix}") as written:
        exif = written.getexif()
        assert exif[0x010E] == "Grandmother in the garden"
        assert exif[0x013B] == "A. Photographer"
        assert exif[0x0131] == f"Scanner 3; {metadata.NOTE}"
        assert exif.get(0x0112, 1) == 1
        assert exif.get_ifd(0x8769)[0x9003] == "1931:05:01 12:00:00"
        assert exif.get_ifd(0x8769)[0xA001] == 1
        assert exif.get_ifd(0x8825)[1] == "N"
        if suffix != ".webp":
            assert written.info["dpi"] == pytest.approx((300, 300), abs=0.1)
        if suffix != ".tif":
            assert b"garden" in written.info["xmp"]
            assert b'tiff:Orientation="1"' in written.info["xmp"]
    noted_twice = images.read(tmp_path / f"b{suffix}").metadata.noted().exif[0x0131]
    assert noted_twice.count("AI-colorized") == 1


@pytest.mark.parametrize("suffix", [".png", ".tif"])
def test_deep_pictures_keep_their_metadata(tmp_path, suffix):
    said = metadata.Metadata(exif={0x010E: "garden"}, xmp=b"<x>garden</x>", dpi=(300.0, 300.0), profiled=True).noted()
    images.write(tmp_path / f"a{suffix}", DEEP, metadata=said)
    photograph = images.read(tmp_path / f"a{suffix}")
    np.testing.assert_array_equal(photograph.rgb, DEEP)
    read = photograph.metadata
    assert read.exif[0x010E] == "garden"
    assert read.exif[0x0131] == metadata.NOTE
    assert read.dpi == pytest.approx((300, 300), abs=0.1)
    assert read.profiled
    with Image.open(tmp_path / f"a{suffix}") as written:
        written.verify()


def test_the_caption_of_a_press_photograph_is_kept(tmp_path):
    block = b"Photoshop 3.0\x008BIM\x04\x04\0\0\0\0\0\x0b\x1c\x02x\0\x06garden\0"
    Image.fromarray(RGB).save(tmp_path / "a.jpg", extra=b"\xff\xed" + (len(block) + 2).to_bytes(2, "big") + block)
    photograph = images.read(tmp_path / "a.jpg")
    images.write(tmp_path / "b.jpg", photograph.rgb, metadata=photograph.metadata)
    assert b"\x06garden" in (tmp_path / "b.jpg").read_bytes()
    assert images.read(tmp_path / "b.jpg").rgb.shape == RGB.shape


@pytest.mark.parametrize("exif", [b"Exif\0\0" + bytes(range(200)), b"Exif\0\0II*\0\x08\0\0\0\xff\xff"])
def test_damaged_exif_does_not_cost_the_photograph(tmp_path, exif):
    Image.fromarray(RGB).save(tmp_path / "a.jpg", exif=exif)
    photograph = images.read(tmp_path / "a.jpg")
    images.write(tmp_path / "b.jpg", photograph.rgb, metadata=photograph.metadata.noted())
    with Image.open(tmp_path / "b.jpg") as written:
        assert written.getexif()[0x0131].endswith(metadata.NOTE)


def of_format(suffix: str) -> bytes:
    file = io.BytesIO()
    if suffix == ".deep.png":
        return bytes(imagecodecs.png_encode(DEEP))
    if suffix == ".deep.tif":
        tifffile.imwrite(file, DEEP, photometric="rgb", compression="zlib")
        return file.getvalue()
    Image.fromarray(RGB).save(file, format=Image.registered_extensions()[suffix])
    return file.getvalue()


@pytest.mark.parametrize("suffix", [".jpg", ".png", ".tif", ".webp", ".bmp", ".gif", ".deep.png", ".deep.tif"])
def test_a_file_cut_anywhere_is_read_whole_or_named(tmp_path, suffix):
    content = of_format(suffix)
    path = tmp_path / f"a{suffix}"
    failed = 0
    for length in range(0, len(content), 10):
        path.write_bytes(content[:length])
        try:
            assert images.read(path).rgb.shape == RGB.shape
        except InputError as error:
            failed += 1
            assert str(error).startswith(str(path))
            assert "\n" not in str(error)
    assert failed > len(content) // 10 // 2


def test_a_small_file_that_unfolds_to_a_huge_picture_is_refused_with_the_way_out(tmp_path):
    size = 10_001

    def chunk(kind: bytes, data: bytes) -> bytes:
        return len(data).to_bytes(4, "big") + kind + data + zlib.crc32(kind + data).to_bytes(4, "big")

    header = size.to_bytes(4, "big") * 2 + bytes([8, 0, 0, 0, 0])
    rows = zlib.compress(b"\0" * (size + 1) * size, 9)
    content = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")
    assert len(content) < 200_000
    (tmp_path / "bomb.png").write_bytes(content)
    tifffile.imwrite(tmp_path / "bomb.tif", np.zeros((10_001, 10_001), np.uint16), compression="zlib")
    for name in ("bomb.png", "bomb.tif"):
        for read in (images.read, lambda path: images.read_resized(path, (8, 8))):
            with pytest.raises(InputError, match=r"10001x10001 pixels .*`max_megapixels` 101 raises it"):
                read(tmp_path / name)
    assert images.read_resized(tmp_path / "bomb.png", (8, 8), max_pixels=101_000_000).shape == (8, 8, 3)


def test_a_picture_too_long_for_its_format_is_refused_and_nothing_is_left(tmp_path):
    with pytest.raises(InputError, match="choose another --format"):
        images.write(tmp_path / "a.webp", np.zeros((1, 20_000, 3), np.uint8))
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
@pytest.mark.parametrize("suffix", [".png", ".tif", ".webp", ".bmp"])
def test_the_most_extreme_predictions_keep_lightness_in_lossless_files(tmp_path, suffix, dtype):
    gray = np.linspace(0, np.iinfo(dtype).max, 64 * 64).astype(dtype).reshape(64, 64, 1).repeat(3, axis=-1)
    angles = RNG.uniform(0, 2 * np.pi, (16, 16))
    ab = (np.stack([np.cos(angles), np.sin(angles)], axis=-1) * 200).astype(np.float32)
    images.write(tmp_path / f"a{suffix}", finish_in_bands(gray, ab, dtype))
    written = images.read(tmp_path / f"a{suffix}").rgb
    assert np.ptp(written.astype(int), axis=-1).max() > 0.5 * np.iinfo(written.dtype).max  # vivid
    change = np.abs(color.rgb_to_lightness(written) - color.rgb_to_lightness(gray))
    assert change.max() < 1


def test_bands_are_seamless(monkeypatch):
    gray = RNG.integers(0, 256, (150, 40, 1), dtype=np.uint8).repeat(3, axis=-1)
    ab = RNG.normal(0, 30, (32, 32, 2)).astype(np.float32)
    whole = finish(color.rgb_to_lightness(gray), ab)
    monkeypatch.setattr(compose, "_BAND", 37)
    banded = finish_in_bands(gray, ab)
    assert np.abs(banded.astype(int) - whole).max() <= 1  # weights of the interpolation are rounded
