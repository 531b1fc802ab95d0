import numpy as np
import pytest
from PIL import Image

from fusioncolor import images
from fusioncolor.errors import InputError

RGB = np.random.default_rng(0).integers(0, 256, (6, 9, 3), dtype=np.uint8)


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (RGB, RGB),
        (RGB[..., 0], RGB[..., :1].repeat(3, axis=-1)),
        (RGB[..., :1], RGB[..., :1].repeat(3, axis=-1)),
        (np.dstack([RGB, RGB[..., 0]]), RGB),
        (RGB.astype(np.uint16) * 257, RGB.astype(np.uint16) * 257),
        (RGB / np.float32(255), RGB / np.float32(255)),
        (Image.fromarray(RGB), RGB),
        (
            Image.fromarray(RGB).convert("L"),
            np.asarray(Image.fromarray(RGB).convert("L"))[..., None].repeat(3, axis=-1),
        ),
        (Image.fromarray(np.dstack([RGB, RGB[..., 0]])), RGB),
        (
            Image.fromarray(RGB).convert("LA"),
            np.asarray(Image.fromarray(RGB).convert("L"))[..., None].repeat(3, axis=-1),
        ),
    ],
)
def test_everything_that_is_taken_for_a_photograph_becomes_an_array(given, expected):
    found = images.as_rgb(given)
    assert found.shape == RGB.shape
    assert found.dtype == expected.dtype
    np.testing.assert_array_equal(found, expected)


def test_a_path_is_read_within_its_limit(tmp_path):
    images.write(tmp_path / "a.png", RGB)
    np.testing.assert_array_equal(images.as_rgb(tmp_path / "a.png"), RGB)
    np.testing.assert_array_equal(images.as_rgb(str(tmp_path / "a.png")), RGB)
    with pytest.raises(InputError, match="exceed the limit"):
        images.as_rgb(tmp_path / "a.png", max_pixels=50)


@pytest.mark.parametrize(
    ("given", "kind", "received"),
    [
        ([[1, 2], [3, 4]], TypeError, "list"),
        (None, TypeError, "NoneType"),
        (b"bytes", TypeError, "bytes"),
        (RGB[None], ValueError, r"shape \(1, 6, 9, 3\)"),
        (RGB[..., :2], ValueError, r"shape \(6, 9, 2\)"),
        (RGB[:0], ValueError, r"shape \(0, 9, 3\)"),
        (RGB.astype(int), ValueError, "dtype int64"),
        (RGB > 5, ValueError, "dtype bool"),
        (RGB.astype(float), ValueError, "values from 0 to 2"),
        (np.full((2, 2), 1.5), ValueError, "values from 1.5 to 1.5"),
        (RGB * np.float32(np.nan), ValueError, "values from nan"),
    ],
)
def test_anything_else_is_refused_in_one_sentence_that_says_what_is_expected(given, kind, received):
    with pytest.raises(kind, match=f"^a photograph is a path, .* Received: {received}") as caught:
        images.as_rgb(given)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("level", [0.0, 0.4, 1.0])
def test_a_picture_of_one_level_is_a_picture(level):
    assert images.as_rgb(np.full((3, 4), level)).shape == (3, 4, 3)
