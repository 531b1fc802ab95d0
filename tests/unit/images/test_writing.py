import numpy as np
import pytest
from PIL import Image

from fusioncolor import images
from fusioncolor.errors import InputError

RGB = np.random.default_rng(0).integers(0, 256, (13, 29, 3), dtype=np.uint8)


@pytest.mark.parametrize("suffix", [".png", ".tif", ".bmp", ".webp"])
def test_lossless_formats_come_back_unchanged(tmp_path, suffix):
    images.write(tmp_path / f"a{suffix}", RGB)
    np.testing.assert_array_equal(images.read(tmp_path / f"a{suffix}").rgb, RGB)


def test_jpeg_keeps_full_chroma_resolution(tmp_path):
    images.write(tmp_path / "a.jpg", RGB)
    with Image.open(tmp_path / "a.jpg") as image:
        assert {component[1:3] for component in image.layer} == {(1, 1)}


def test_a_suffix_that_names_no_format_is_refused(tmp_path):
    with pytest.raises(InputError, match="its suffix must be one of"):
        images.write(tmp_path / "scan", RGB)


def test_transparency_is_kept_where_the_format_has_it(tmp_path):
    alpha = np.arange(13 * 29, dtype=np.uint8).reshape(13, 29)
    images.write(tmp_path / "a.png", RGB, alpha)
    np.testing.assert_array_equal(images.read(tmp_path / "a.png").alpha, alpha)
    images.write(tmp_path / "a.jpg", RGB, alpha)
    assert images.read(tmp_path / "a.jpg").alpha is None


def test_a_picture_too_long_for_its_format_is_refused_and_nothing_is_left(tmp_path):
    for name, side in (("a.webp", 16_384), ("a.jpg", 65_501)):
        with pytest.raises(InputError, match=f"{side}x1; choose another `format`"):
            images.write(tmp_path / name, np.zeros((1, side, 3), np.uint8))
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("suffix", [".png", ".webp", ".tif"])
def test_transparency_comes_back_as_pillow_reads_it(tmp_path, suffix):
    rng = np.random.default_rng(3)
    rgb, alpha = rng.integers(0, 256, (9, 14, 3), dtype=np.uint8), rng.integers(0, 256, (9, 14), dtype=np.uint8)
    images.write(tmp_path / f"a{suffix}", rgb, alpha)
    stored = np.asarray(Image.open(tmp_path / f"a{suffix}"))
    np.testing.assert_array_equal(stored, np.dstack([rgb, alpha]))


@pytest.mark.parametrize(
    ("picture", "error", "received"),
    [
        (np.zeros((4, 5, 3)), TypeError, "dtype float64"),
        ([[1]], TypeError, "list"),
        (np.zeros((4, 5), np.uint8), ValueError, r"shape \(4, 5\)"),
    ],
)
def test_only_a_picture_is_saved(picture, error, received, tmp_path):
    with pytest.raises(error, match=f"expected a picture of shape .* Received: {received}"):
        images.save(tmp_path / "a.png", picture)
    assert not list(tmp_path.iterdir())


def test_a_saved_picture_has_the_photographs_metadata_and_says_what_it_is(tmp_path):
    exif = Image.Exif()
    exif[0x010E] = "Grandmother"
    rgba = np.full((6, 8, 4), 120, np.uint8)
    Image.fromarray(rgba).save(tmp_path / "old.png", exif=exif)
    for like in (tmp_path / "old.png", images.read(tmp_path / "old.png")):
        images.save(tmp_path / "new.png", rgba[..., :3], like=like, model="mine")
        saved = images.read(tmp_path / "new.png")
        assert saved.metadata.exif[0x010E] == "Grandmother"
        assert saved.metadata.exif[0x0131].endswith("(mine)")
        assert b"compositeWithTrainedAlgorithmicMedia" in saved.metadata.xmp
        np.testing.assert_array_equal(saved.alpha, 120)
    images.save(tmp_path / "plain.jpg", rgba[..., :3], mark=False)
    assert not images.read(tmp_path / "plain.jpg").metadata.exif
