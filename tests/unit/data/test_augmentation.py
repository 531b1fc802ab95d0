import numpy as np
import pytest

from fusioncolor.data.augmentation import Augmentation, augment, random_box


def test_augmentation_fills_borders_by_reflection_never_black():
    stripes = np.full((40, 60, 3), 100, np.uint8)
    stripes[:, ::4] = 200  # repeating the edge would show wide flat areas
    for seed in range(20):
        rgb, _ = augment(stripes, Augmentation(180, 1), np.random.default_rng(seed))
        assert rgb.shape == stripes.shape
        assert rgb.min() >= 100
        corners = [rgb[:10, :10], rgb[:10, -10:], rgb[-10:, :10], rgb[-10:, -10:]]
        assert min(corner.std() for corner in corners) > 10


def test_rotation_turns_about_the_center_by_at_most_the_given_angle():
    picture = np.zeros((101, 101, 3), np.uint8)
    picture[50, 50:90] = 255  # a ray to the right
    angles = []
    for seed in range(40):
        rgb, _ = augment(picture, Augmentation(20, 0, False), np.random.default_rng(seed))
        y, x = np.nonzero(rgb[..., 0] > 100)
        angles.append(np.degrees(np.arctan2(y.mean() - 50, x.mean() - 50)))
        assert np.hypot(x.mean() - 50, y.mean() - 50) == pytest.approx(19.5, abs=1)
    assert max(np.abs(angles)) <= 20.5
    assert max(np.abs(angles)) > 10


def test_shear_moves_rows_sideways_in_proportion_to_their_height():
    picture = np.zeros((101, 101, 3), np.uint8)
    picture[:, 50] = 255  # a vertical line
    rgb, _ = augment(picture, Augmentation(0, 0.2, False), np.random.default_rng(3))
    shear = np.random.default_rng(3)
    shear.uniform(0, 0)
    tangent = shear.uniform(-0.2, 0.2)
    y, x = np.nonzero(rgb[..., 0] > 100)
    slope = np.polyfit(y, x, 1)[0]
    assert slope == pytest.approx(-tangent, abs=0.01)


def test_no_augmentation_leaves_the_photograph_alone():
    picture = np.random.default_rng(0).integers(0, 256, (20, 30, 3), dtype=np.uint8)
    rgb, flipped = augment(picture, Augmentation(0, 0, False), np.random.default_rng(0))
    np.testing.assert_array_equal(rgb, picture)
    assert not flipped


def test_a_random_part_has_the_share_and_shape_asked_for():
    boxes = np.array([random_box(0.25, np.random.default_rng(seed)) for seed in range(300)])
    width, height = boxes[:, 2] - boxes[:, 0], boxes[:, 3] - boxes[:, 1]
    np.testing.assert_allclose(width, height)
    assert boxes.min() >= 0
    assert boxes.max() <= 1
    assert 0.25 <= (width * height).min() < 0.3
    assert 0.9 < (width * height).max() <= 1
    assert random_box(1.0, np.random.default_rng(0)) == (0, 0, 1, 1)


def test_every_second_picture_is_mirrored():
    ramp = np.arange(30, dtype=np.uint8).reshape(1, 10, 3)
    flips = []
    for seed in range(400):
        rgb, flipped = augment(ramp, Augmentation(0, 0, True), np.random.default_rng(seed))
        np.testing.assert_array_equal(rgb, ramp[:, ::-1] if flipped else ramp)
        flips.append(flipped)
    assert np.mean(flips) == pytest.approx(0.5, abs=0.1)  # four standard deviations
