import numpy as np
import pytest
from scipy import fft

from fusioncolor import images
from fusioncolor.data import duplicates


@pytest.fixture(scope="module")
def pictures(scenes):
    return [images.read(path).rgb for path in images.find_in(scenes)]


def hashes_of(pictures) -> np.ndarray:
    return np.array([duplicates.perceptual_hashes(picture) for picture in pictures])


@pytest.mark.parametrize(
    "change",
    [
        lambda rgb: rgb.copy(),
        lambda rgb: images.resize(rgb, (150, 131)),
        lambda rgb: rgb[:, ::-1],
        lambda rgb: rgb[1:-1, 1:-1],
        lambda rgb: (rgb * 0.8 + 20).astype(np.uint8),
    ],
    ids=["copy", "resized", "mirrored", "cropped", "brighter"],
)
def test_a_changed_copy_is_nearly_the_same(pictures, change):
    for picture in pictures:
        one, other = hashes_of([picture, change(picture)])
        assert duplicates.near(one, other[None]).all()


def test_hashes_are_those_of_the_definition(pictures):
    """By SciPy: is each of the 8x8 lowest frequencies above the median of all but the lowest?"""
    for picture in pictures:
        gray = images.resize(picture, (32, 32)).mean(axis=-1)
        for found, one in zip(duplicates.perceptual_hashes(picture), (gray, gray[:, ::-1]), strict=True):
            low = fft.dctn(one, norm="ortho")[:8, :8].ravel()
            bits = np.unpackbits(np.array([found]).view(np.uint8))
            np.testing.assert_array_equal(bits, low > sorted(low[1:])[31])


def test_unrelated_pictures_are_not_nearly_the_same():
    """Pictures of random blots: 64 random bits differ in 32, give or take 4."""
    rng = np.random.default_rng(0)
    blots = [images.resize(rng.integers(0, 256, (9, 9, 3), dtype=np.uint8), (64, 64)) for _ in range(60)]
    assert len(set(duplicates.group(hashes_of(blots)))) == 60


def test_groups_reach_as_far_as_there_is_a_next_one():
    """Hashes a, b, c, a ~ b and b ~ c though not a ~ c; d apart."""
    bits = np.zeros((4, 64), bool)
    bits[1, :8] = bits[2, :16] = bits[3, 32:] = True
    upright = np.packbits(bits, axis=1).view(np.uint64)[:, 0]
    far = np.packbits(np.random.default_rng(0).random((4, 64)) < 0.5, axis=1).view(np.uint64)[:, 0]
    groups = duplicates.group(np.stack([upright, far], axis=1)[[0, 3, 2, 1]])
    np.testing.assert_array_equal(groups, [0, 1, 0, 0])


def test_near_any_asks_all_others(pictures):
    hashes = hashes_of(pictures[:4])
    np.testing.assert_array_equal(duplicates.near_any(hashes, hashes[:1])[:1], [True])
    np.testing.assert_array_equal(duplicates.near_any(hashes, []), [False] * 4)
