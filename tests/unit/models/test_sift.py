import numpy as np
import pytest

from fusioncolor.models.sift import dense_sift

cv2 = pytest.importorskip("cv2")


def test_every_pixel_has_a_descriptor_and_its_lightness():
    lightness = np.random.default_rng(0).uniform(0, 100, (20, 33, 1)).astype(np.float32)
    features = dense_sift(lightness)
    assert features.shape == (20, 33, 129)
    assert features.dtype == np.float32
    np.testing.assert_array_equal(features[..., -1:], lightness)
    assert 0 <= features[..., :-1].min() < features[..., :-1].max() <= 1


def test_a_flat_picture_has_no_gradients():
    assert not dense_sift(np.full((16, 16, 1), 50, np.float32))[..., :-1].any()


def test_descriptors_tell_an_upright_edge_from_a_level_one():
    upright = np.zeros((32, 32, 1), np.float32)
    upright[:, 16:] = 100
    one, other = (dense_sift(picture)[16, 16, :-1] for picture in (upright, upright.transpose(1, 0, 2)))
    assert one @ other < 0.5 * np.linalg.norm(one) * np.linalg.norm(other)


def test_a_picture_smaller_than_a_step_is_described():
    assert dense_sift(np.full((1, 3, 1), 50, np.float32)).shape == (1, 3, 129)


def test_descriptors_lie_where_the_picture_has_what_they_describe():
    lightness = np.empty((32, 64, 1), np.float32)
    lightness[:16] = 100 * (np.arange(64) // 4 % 2)[:, None]  # upright stripes above level ones
    lightness[16:] = 100 * (np.arange(16) // 4 % 2)[:, None, None]
    features = dense_sift(lightness)[..., :-1]
    features /= np.linalg.norm(features, axis=-1, keepdims=True)
    above, below = features[4, 4:60], features[28, 4:60]
    assert (above @ above[28]).min() > 0.7 > 0.5 > (above @ below.T).max()
    assert (below @ below[28]).min() > 0.7


@pytest.mark.parametrize(("size", "brightest"), [((8, 8), 100), ((5, 7), 100), ((12, 9), 3)])
def test_a_cell_is_described_from_its_middle(size, brightest):
    """Pictures with one position, by OpenCV."""
    lightness = np.random.default_rng(0).uniform(0, brightest, (*size, 1)).astype(np.float32)
    levels = np.rint(lightness[..., 0] * 255 / 100).astype(np.uint8)
    _, [expected] = cv2.SIFT_create().compute(levels, [cv2.KeyPoint(4.0, 4.0, 16.0, 0.0)])
    for descriptor in dense_sift(lightness)[..., :-1].reshape(-1, 128):
        np.testing.assert_allclose(descriptor, expected / 255, atol=1e-6)
