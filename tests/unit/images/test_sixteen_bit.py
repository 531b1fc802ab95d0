import imagecodecs
import numpy as np
import pytest
import tifffile
from PIL import Image

from fusioncolor import images
from fusioncolor.errors import InputError
from fusioncolor.images import metadata

RNG = np.random.default_rng(0)
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
    assert b"garden" in read.xmp
    with Image.open(tmp_path / f"a{suffix}") as written:
        written.verify()


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
def test_floats_of_every_precision_keep_their_tones(tmp_path, dtype):
    ramp = np.linspace(0, 1, 200, dtype=dtype).reshape(10, 20)
    tifffile.imwrite(tmp_path / "a.tif", ramp)
    read = images.read(tmp_path / "a.tif").rgb[..., 0]
    np.testing.assert_allclose(read, np.rint(ramp.astype(np.float64) * 65535), atol=1)


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ([0, 255], "values from 0 to 255, not from 0 to 1"),
        ([0, np.nan], "floating-point values from nan"),
        ([0, np.inf], "values from 0 to inf"),
        ([0, 1e-7], "leave no contrast; scale them to 0..1"),
    ],
)
def test_floats_that_would_become_black_or_white_are_refused(tmp_path, values, sentence):
    tifffile.imwrite(tmp_path / "a.tif", np.array([values, values], np.float32))
    with pytest.raises(InputError, match=rf"a\.tif: .*{sentence}"):
        images.read(tmp_path / "a.tif")


RGB16 = np.random.default_rng(1).integers(0, 65536, (6, 8, 3), dtype=np.uint16)


@pytest.mark.parametrize("kinds", [[0], [0, 0], [0, 2], [2], [1]])
def test_only_samples_that_say_so_are_transparency(tmp_path, kinds):
    """0 is unspecified, 1 a transparency that the colors were multiplied with, 2 one that they were not."""
    alpha = np.full(RGB16.shape[:2], 40_000, np.uint16)
    colors = (RGB16.astype(np.uint64) * 40_000 // 65535).astype(np.uint16) if kinds == [1] else RGB16
    samples = [alpha if kind else np.full_like(alpha, 7) for kind in kinds]
    tifffile.imwrite(tmp_path / "a.tif", np.dstack([colors, *samples]), photometric="rgb", extrasamples=kinds)
    photograph = images.read(tmp_path / "a.tif")
    np.testing.assert_allclose(photograph.rgb, RGB16, atol=2 if kinds == [1] else 0)
    if any(kinds):
        np.testing.assert_array_equal(photograph.alpha, alpha)
    else:
        assert photograph.alpha is None


def test_12_bits_are_scaled_to_the_full_range(tmp_path):
    levels = np.linspace(0, 4095, 60).astype(np.uint16).reshape(6, 10)
    tifffile.imwrite(tmp_path / "a.tif", levels, bitspersample=12, photometric="minisblack")
    np.testing.assert_allclose(images.read(tmp_path / "a.tif").rgb[..., 0], levels / 4095 * 65535, atol=1)


@pytest.mark.parametrize("kind", [b"IHDR", b"PLTE", b"IDAT"])
def test_a_wrong_checksum_in_a_png_is_noticed(tmp_path, kind):
    picture = Image.fromarray((DEEP >> 8).astype(np.uint8)).convert("P" if kind == b"PLTE" else "RGB")
    picture.save(tmp_path / "a.png", dpi=(300, 300))  # a chunk more, of another length
    content = bytearray((tmp_path / "a.png").read_bytes())
    start = content.index(kind)
    content[start + 4 + int.from_bytes(content[start - 4 : start], "big")] ^= 1
    (tmp_path / "a.png").write_bytes(content)
    with pytest.raises(InputError, match=r"a\.png: (damaged, a checksum|not an image, or a damaged one)"):
        images.read(tmp_path / "a.png")
