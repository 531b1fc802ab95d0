import io
import os
import struct
import zlib

import numpy as np
import pytest
import tifffile
from PIL import Image, ImageOps

from fusioncolor import images
from fusioncolor.errors import InputError
from fusioncolor.images import reading

RGB = np.random.default_rng(0).integers(0, 256, (13, 29, 3), dtype=np.uint8)


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "CMYK"])
def test_every_mode_becomes_rgb_of_the_same_size(tmp_path, mode):
    path = tmp_path / ("a.tif" if mode == "CMYK" else "a.png")
    Image.fromarray(RGB).convert(mode).save(path)
    photograph = images.read(path)
    assert photograph.rgb.shape == RGB.shape
    assert photograph.rgb.dtype == np.uint8
    assert (photograph.alpha is not None) == mode.endswith("A")


def test_16_bit_gray_keeps_every_level(tmp_path):
    levels = np.arange(60_000, 60_000 + 200, dtype=np.uint16).reshape(10, 20)
    Image.fromarray(levels).save(tmp_path / "a.png")
    np.testing.assert_array_equal(images.read(tmp_path / "a.png").rgb[..., 1], levels)


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("suffix", [".jpg", ".png", ".webp", ".tif", ".lzw.tif", ".jpeg.tif"])
def test_a_photograph_is_turned_upright(tmp_path, suffix, orientation):
    """As Pillow turns the same pixels, whatever its reader of the format has turned already."""
    stored = np.zeros((16, 32, 3), np.uint8)
    stored[:8, :16] = 255, 128, 0
    stored[8:, 16:] = 0, 128, 255
    exif = Image.Exif()
    exif[0x0112] = orientation
    options = {".webp": {"lossless": True}, ".jpg": {"quality": 100, "subsampling": 0}}
    options |= {".lzw.tif": {"compression": "tiff_lzw"}, ".jpeg.tif": {"compression": "jpeg", "quality": 100}}
    path = tmp_path / f"a{suffix}"
    Image.fromarray(stored).save(path, exif=exif, **options.get(suffix, {}))
    reference = Image.fromarray(stored)
    reference.getexif()[0x0112] = orientation
    upright = np.asarray(ImageOps.exif_transpose(reference))
    assert np.abs(images.read(path).rgb.astype(int) - upright).max() <= 8  # JPEG
    size = upright.shape[:2]
    assert np.abs(images.read_resized(path, size).astype(int) - upright).max() <= 8


def test_pillows_limit_of_pixels_stays_the_hosts(tmp_path, monkeypatch):
    images.write(tmp_path / "a.png", np.zeros((40, 50, 3), np.uint8))
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 100)
    assert images.read(tmp_path / "a.png").rgb.shape == (40, 50, 3)
    assert Image.MAX_IMAGE_PIXELS == 100
    with pytest.raises(InputError, match="not an image"):
        images.decode(b"no picture", name="a")
    assert Image.MAX_IMAGE_PIXELS == 100


def test_colors_under_full_transparency_come_back(tmp_path):
    alpha = np.zeros(RGB.shape[:2], np.uint8)
    for suffix in (".webp", ".png", ".tif"):
        images.write(tmp_path / f"a{suffix}", RGB, alpha)
        np.testing.assert_array_equal(np.asarray(Image.open(tmp_path / f"a{suffix}"))[..., :3], RGB)


def test_further_pictures_of_a_multi_picture_file_are_announced(tmp_path):
    first, second = (Image.fromarray(RGB), Image.fromarray(RGB[::-1].copy()))
    first.save(tmp_path / "a.mpo", format="MPO", save_all=True, append_images=[second])
    (tmp_path / "a.jpg").write_bytes((tmp_path / "a.mpo").read_bytes())
    assert images.read(tmp_path / "a.jpg").pages == 2


@pytest.mark.parametrize("extra", [1, 2])
def test_premultiplied_transparency_of_8_bits_is_undone(tmp_path, extra):
    alpha = np.full(RGB.shape[:2], 128, np.uint8)
    stored = RGB if extra == 2 else (RGB.astype(int) * 128 // 255).astype(np.uint8)
    tifffile.imwrite(tmp_path / "a.tif", np.dstack([stored, alpha]), photometric="rgb", extrasamples=[extra])
    photograph = images.read(tmp_path / "a.tif")
    np.testing.assert_array_equal(photograph.alpha, alpha)
    assert np.abs(photograph.rgb.astype(int) - RGB).max() <= (0 if extra == 2 else 3)


@pytest.mark.parametrize("content", [b"", b"no picture", b"\xff\xd8\xff\xe0 cut"])
def test_a_file_that_is_no_image_is_named_in_one_line(tmp_path, content):
    path = tmp_path / "a.jpg"
    path.write_bytes(content)
    with pytest.raises(InputError, match=r"a\.jpg") as caught:
        images.read(path)
    assert "\n" not in str(caught.value)


def test_a_truncated_jpeg_is_refused_rather_than_half_gray(tmp_path):
    images.write(tmp_path / "whole.jpg", np.random.default_rng(1).integers(0, 256, (64, 64, 3), dtype=np.uint8))
    (tmp_path / "cut.jpg").write_bytes((tmp_path / "whole.jpg").read_bytes()[:2000])
    with pytest.raises(InputError, match=r"cut\.jpg"):
        images.read(tmp_path / "cut.jpg")


@pytest.mark.parametrize("values", [np.float32([[0, 255]]), np.float32([[-1, 1]]), np.int32([[0, 70000]])])
def test_values_whose_range_is_unknown_are_refused_rather_than_clipped(tmp_path, values):
    Image.fromarray(values).save(tmp_path / "a.tif")
    with pytest.raises(InputError, match=r"a\.tif"):
        images.read(tmp_path / "a.tif")


def test_a_float_tiff_from_0_to_1_keeps_its_tones(tmp_path):
    Image.fromarray(np.float32([[0, 0.25, 1]])).save(tmp_path / "a.tif")
    np.testing.assert_array_equal(images.read(tmp_path / "a.tif").rgb[0, :, 0], [0, 16384, 65535])


def test_16_bits_with_white_as_0_are_turned_round(tmp_path):
    Image.fromarray(np.uint16([[0, 1000]])).save(tmp_path / "a.tif", tiffinfo={262: 0})
    np.testing.assert_array_equal(images.read(tmp_path / "a.tif").rgb[0, :, 0], [65535, 64535])


def test_damaged_exif_does_not_keep_a_good_picture_from_being_read(tmp_path):
    images.write(tmp_path / "a.jpg", RGB)
    plain = (tmp_path / "a.jpg").read_bytes()
    for exif in (b"Exif\x00\x00MM\x00*\x00\x00\x00\x08\x00\x01\x01\x12\x00", b"Exif\x00\x00junk"):
        segment = b"\xff\xe1" + (len(exif) + 2).to_bytes(2, "big") + exif
        (tmp_path / "b.jpg").write_bytes(plain[:2] + segment + plain[2:])
        np.testing.assert_array_equal(images.read(tmp_path / "b.jpg").rgb, images.read(tmp_path / "a.jpg").rgb)


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(InputError, match="no such file"):
        images.read(tmp_path / "none.png")


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes here")
def test_a_pipe_named_like_a_picture_is_not_waited_for(tmp_path):
    os.mkfifo(tmp_path / "a.jpg")
    with pytest.raises(InputError, match="not a file"):
        images.read(tmp_path / "a.jpg")


def test_a_part_of_a_photograph_is_read_upright(tmp_path):
    """A turned camera file's box counts on the upright picture; a much larger JPEG is decoded at reduced size."""
    upright = np.zeros((1200, 800, 3), np.uint8)
    upright[600:, 400:] = 200
    exif = Image.Exif()
    exif[0x0112] = 6
    Image.fromarray(np.rot90(upright)).save(tmp_path / "turned.jpg", exif=exif)
    corner = images.read_resized(tmp_path / "turned.jpg", (32, 32), box=(0.55, 0.55, 1, 1))
    assert np.abs(corner.astype(int) - 200).max() <= 2
    assert images.read_resized(tmp_path / "turned.jpg", (32, 32), box=(0, 0, 0.45, 1)).max() <= 2


def test_a_large_jpeg_is_decoded_at_reduced_size_without_a_visible_difference(tmp_path):
    rng = np.random.default_rng(0)
    scene = images.resize(rng.integers(0, 256, (40, 60, 3), dtype=np.uint8), (1600, 2400))
    Image.fromarray(scene).save(tmp_path / "large.jpg", quality=92)
    whole = images.resize(images.read(tmp_path / "large.jpg").rgb, (128, 128)).astype(int)
    reduced = images.read_resized(tmp_path / "large.jpg", (128, 128)).astype(int)
    assert np.mean((whole - reduced) ** 2) < 255**2 / 10**4.5  # 45 dB
    with Image.open(tmp_path / "large.jpg") as image:
        image.draft("RGB", (160, 160))
        assert image.size == (300, 200)  # an eighth; what is tested above is not the whole way by accident


@pytest.mark.parametrize("box", [(0, 0.4, 1, 0.6), (0.4, 0, 0.6, 1)])
def test_a_part_of_a_jpeg_is_decoded_at_the_size_that_it_needs(tmp_path, box):
    """Decoded at the size that the whole would need, it has a PSNR of 30 dB to 32 dB."""
    detail = images.resize(np.random.default_rng(1).integers(0, 256, (200, 300, 3), dtype=np.uint8), (800, 1200))
    Image.fromarray(detail).save(tmp_path / "large.jpg", quality=92)
    whole = images.resize(images.read(tmp_path / "large.jpg").rgb, (32, 32), box=box).astype(int)
    part = images.read_resized(tmp_path / "large.jpg", (32, 32), box=box).astype(int)
    assert np.mean((whole - part) ** 2) < 255**2 / 10**4.5  # 45 dB


def test_pages_of_scans_and_frames_are_counted_but_not_thumbnails(tmp_path):
    pictures = [Image.new("RGB", (8, 8), color) for color in ("red", "green", "blue")]
    for name in ("a.tif", "a.gif", "a.webp", "a.png"):
        pictures[0].save(tmp_path / name, save_all=True, append_images=pictures[1:])
        photograph = images.read(tmp_path / name)
        assert photograph.pages == 3, name
        assert photograph.rgb[0, 0].argmax() == 0, name
        pictures[0].save(tmp_path / name)
        assert images.read(tmp_path / name).pages == 1, name
    with tifffile.TiffWriter(tmp_path / "b.tif") as file:
        file.write(np.zeros((32, 32, 3), np.uint8), photometric="rgb")
        file.write(np.zeros((16, 16, 3), np.uint8), photometric="rgb", subfiletype=1)
    assert images.read(tmp_path / "b.tif").pages == 1


@pytest.mark.parametrize("name", ["a.jpg", "a.png", "a.tif", "a.webp", "a.gif", "deep.png", "deep.tif"])
def test_bytes_are_decoded_as_the_file_is_which_is_opened_once(tmp_path, monkeypatch, name):
    path, opened = tmp_path / name, []
    if name.startswith("deep"):
        images.write(path, RGB.astype(np.uint16) * 257)
    else:
        Image.fromarray(RGB).save(path, dpi=(300, 300))
    content, real = path.read_bytes(), open
    monkeypatch.setattr("builtins.open", lambda *arguments: opened.append(arguments[0]) or real(*arguments))
    from_file, resized = images.read(path), images.read_resized(path, (8, 8))
    assert opened == [path, path]
    decoded = images.decode(content, name="the upload")
    assert opened == [path, path]
    np.testing.assert_array_equal(decoded.rgb, from_file.rgb)
    assert (decoded.metadata, decoded.pages) == (from_file.metadata, from_file.pages)
    assert resized.shape == (8, 8, 3)


def test_bytes_that_are_no_image_are_named():
    with pytest.raises(InputError, match="the upload: not an image"):
        images.decode(b"no picture", name="the upload")
    with pytest.raises(InputError, match="the upload: 29x13 pixels exceed the limit"):
        file = io.BytesIO()
        Image.fromarray(RGB).save(file, "PNG")
        images.decode(file.getvalue(), name="the upload", max_pixels=100)


def test_pixels_are_counted_without_decoding(tmp_path):
    images.write(tmp_path / "a.jpg", RGB)
    images.write(tmp_path / "a.tif", RGB.astype(np.uint16) * 257)
    (tmp_path / "cut.jpg").write_bytes((tmp_path / "a.jpg").read_bytes()[:700])
    counted = [images.count_pixels(tmp_path / name) for name in ("a.jpg", "a.tif", "cut.jpg", "none.jpg")]
    assert counted == [13 * 29, 13 * 29, 13 * 29, 0]


@pytest.mark.parametrize(
    ("values", "levels"),
    [(np.uint16([[0, 1000, 65535]]), [0, 1000, 65535]), (np.float32([[0, 0.25, 1]]), [0, 16384, 65535])],
)
def test_deep_gray_of_other_formats_keeps_every_level(values, levels):
    pixels = reading.pixels_of(Image.fromarray(values), "a")
    assert pixels.dtype == np.uint16
    np.testing.assert_array_equal(pixels[0, :, 0], levels)


@pytest.mark.parametrize(("mode", "transparent"), [("L", 7), ("RGB", (7, 8, 9)), ("P", 0)])
def test_a_color_that_stands_for_transparency_becomes_transparent(tmp_path, mode, transparent):
    image = Image.new(mode, (4, 2), transparent)
    image.paste(1 if mode == "P" else "white", (2, 0, 4, 2))
    if mode == "P":
        image.putpalette([10, 20, 30, 255, 255, 255])
    image.save(tmp_path / "a.png", transparency=transparent)
    photograph = images.read(tmp_path / "a.png")
    np.testing.assert_array_equal(photograph.alpha, [[0, 0, 255, 255]] * 2)
    np.testing.assert_array_equal(photograph.rgb[:, 2:], 255)


def test_ink_without_a_profile_is_multiplied_light(tmp_path):
    ink = np.random.default_rng(2).integers(0, 256, (20, 30, 4), dtype=np.uint8)
    Image.fromarray(ink, "CMYK").save(tmp_path / "a.tif")
    light = 1 - ink / 255
    expected = np.rint(255 * light[..., :3] * light[..., 3:])
    np.testing.assert_array_equal(images.read(tmp_path / "a.tif").rgb, expected)


def test_the_gamma_of_a_png_counts_as_a_profile(tmp_path):
    """Half the light is level 188 of sRGB."""
    content = io.BytesIO()
    Image.new("RGB", (3, 2), (128, 128, 128)).save(content, "PNG")
    linear = struct.pack(">I4sI", 4, b"gAMA", 100_000)
    chunk = linear + struct.pack(">I", zlib.crc32(linear[4:]))
    (tmp_path / "a.png").write_bytes(content.getvalue()[:33] + chunk + content.getvalue()[33:])
    photograph = images.read(tmp_path / "a.png")
    assert np.abs(photograph.rgb.astype(int) - 188).max() <= 1
    assert photograph.metadata.profiled
    (tmp_path / "b.png").write_bytes(content.getvalue())
    plain = images.read(tmp_path / "b.png")
    assert (plain.rgb == 128).all()
    assert not plain.metadata.profiled
