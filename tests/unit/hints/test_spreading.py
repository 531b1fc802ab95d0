import numpy as np
import pytest

from fusioncolor import color, images
from fusioncolor.hints import spreading

RED = color.rgb_to_lab(np.array([(200, 30, 30)], np.uint8))[0, 1:]
GRAY = np.zeros((100, 200, 2), np.float32)


def discs() -> np.ndarray:
    """Lightness: two light discs on a dark ground, with a little texture."""
    y, x = np.mgrid[:100, :200]
    inside = (np.hypot(x - 50, y - 50) < 35) | (np.hypot(x - 150, y - 50) < 35)
    noise = np.random.default_rng(0).normal(0, 0.3, (100, 200))
    return (np.where(inside, 75, 25) + noise)[..., None].astype(np.float32)


def test_a_color_fills_its_object_and_stops_at_its_edge():
    ab = spreading.carry(discs(), GRAY, np.array([[50, 50]]), RED[None])
    share = np.linalg.norm(ab, axis=-1) / np.linalg.norm(RED)
    assert share[50, 50] > 0.8
    assert share[50, 75] > 0.7
    assert share[50, 95] < 0.05
    assert share[50, 150] < 0.2  # an object like it, which it reaches over two edges only


def test_texture_does_not_stop_a_color():
    rng = np.random.default_rng(0)
    roof = np.clip(60 + rng.normal(0, 4, (90, 120, 1)), 0, 100).astype(np.float32)
    ab = spreading.carry(roof, np.zeros((90, 120, 2), np.float32), np.array([[45, 10]]), RED[None])
    assert np.linalg.norm(ab[45, 110]) > 0.4 * np.linalg.norm(RED)


def test_what_the_network_tells_apart_is_not_colored_alike():
    predicted = GRAY.copy()
    predicted[:, 100:] = (-40, 40)
    flat = np.full((100, 200, 1), 60, np.float32)
    ab = spreading.carry(flat, predicted, np.array([[50, 80]]), RED[None])
    assert np.linalg.norm(ab[50, 70]) > 0.7 * np.linalg.norm(RED)
    assert np.linalg.norm(ab[50, 130] - predicted[50, 130]) < 0.15 * np.linalg.norm(RED - predicted[50, 130])


def test_a_point_of_the_predicted_color_changes_nothing():
    given = np.full((100, 200, 2), [-20.0, 30.0], np.float32)
    ab = spreading.carry(discs(), given, np.array([[50, 50]]), given[50, 50][None])
    np.testing.assert_allclose(ab, given, atol=1e-4)


def test_points_that_contradict_each_other_are_averaged():
    flat = np.full((40, 40, 1), 50, np.float32)
    ab = spreading.carry(flat, np.zeros((40, 40, 2), np.float32), np.array([[20, 20], [20, 20]]), np.stack([RED, -RED]))
    assert np.abs(ab).max() < 1e-3


def test_a_scribble_of_many_pixels_is_as_one_point_and_takes_no_longer():
    rows, columns = np.mgrid[40:60, 40:60]
    points = np.stack([rows.ravel(), columns.ravel()], axis=1)
    many = spreading.carry(discs(), GRAY, points, np.tile(RED, (len(points), 1)))
    one = spreading.carry(discs(), GRAY, np.array([[50, 50]]), RED[None])
    assert np.linalg.norm(many[50, 50] - RED) < np.linalg.norm(one[50, 50] - RED)
    assert np.linalg.norm(many[50, 95]) < 0.1 * np.linalg.norm(RED)


@pytest.mark.parametrize("size", [(1, 1), (1, 40), (40, 1), (300, 200), (37, 53)])
def test_pictures_of_every_shape_are_colored(size):
    lightness = np.random.default_rng(0).uniform(0, 100, (*size, 1)).astype(np.float32)
    ab = spreading.carry(lightness, np.zeros((*size, 2), np.float32), np.array([[0, 0]]), RED[None])
    assert ab.shape == (*size, 2)
    assert np.isfinite(ab).all()


def test_a_correction_keeps_the_edges_of_a_large_picture():
    large = images.resize(discs(), (800, 1600), bilinear=True)
    large = np.where(large > 50, 75, 25).astype(np.float32)
    ab = spreading.carry(large, np.zeros((800, 1600, 2), np.float32), np.array([[400, 400]]), RED[None])
    share = np.linalg.norm(ab, axis=-1) / np.linalg.norm(RED)
    edge = int(np.flatnonzero(np.diff(large[400, :800, 0]) < 0)[0])
    assert share[400, edge - 8] > 0.5
    assert share[400, edge + 8] < 0.15


def test_two_spread_colors_share_a_picture_between_them():
    colors = np.array([[50.0, 0.0], [-50.0, 0.0]])
    ab = spreading.spread(discs(), np.array([[50, 50], [50, 150]]), colors)
    assert ab[40, 60, 0] > 40
    assert ab[40, 160, 0] < -40


def test_spreading_satisfies_levins_equation_at_every_pixel_without_a_hint():
    light = np.random.default_rng(1).uniform(0, 100, (9, 11, 1)).astype(np.float32)
    points = np.array([[2, 3], [7, 8]])
    ab = spreading.spread(light, points, np.array([[40.0, -10.0], [-30.0, 20.0]])).reshape(-1, 2)
    rows, columns, weights = spreading._neighbor_weights(light[..., 0].astype(np.float64))
    mean = np.stack([np.bincount(rows, weights * ab[columns, channel], 99) for channel in (0, 1)], axis=1)
    free = np.setdiff1d(np.arange(99), points[:, 0] * 11 + points[:, 1])
    np.testing.assert_allclose(ab[free], mean[free], atol=1e-3)


def test_affinities_are_those_of_levins_equation_for_every_neighbor():
    """Pixel by pixel: the variance of the window of nine, 0.6 of it in the exponent, and rows that sum to 1."""
    light = np.random.default_rng(0).uniform(0, 100, (4, 5))
    rows, columns, weights = spreading._neighbor_weights(light)
    found = np.zeros((20, 20))
    found[rows, columns] = weights
    expected = np.zeros((20, 20))
    for y in range(4):
        for x in range(5):
            window = [(v, u) for v in range(max(y - 1, 0), min(y + 2, 4)) for u in range(max(x - 1, 0), min(x + 2, 5))]
            spread = max(0.6 * np.var([light[one] for one in window]), 1e-4)
            for v, u in window:
                if (v, u) != (y, x):
                    expected[y * 5 + x, v * 5 + u] = np.exp(-((light[y, x] - light[v, u]) ** 2) / spread) + 1e-9
    expected /= expected.sum(axis=1, keepdims=True)
    np.testing.assert_allclose(found, expected, rtol=1e-6)


def test_points_are_reduced_with_the_picture_and_stay_inside():
    light = np.zeros((1000, 2, 1), np.float32)
    small, at = spreading._at_size(light, np.array([(0, 0), (999, 1), (500, 1)]), 256)
    assert small.shape == (256, 1)
    assert at.tolist() == [[0, 0], [999 * 256 // 1000, 0], [256 // 2, 0]]


def test_likeness_falls_with_distance_lightness_and_chroma():
    """By hand; lengths of paths are in pixels, of a picture 40 pixels wide."""
    flat, colorless = np.full((30, 40), 50.0), np.zeros((30, 40, 2))

    def likeness(light=flat, chroma=colorless, start=(10, 5)):
        return spreading._likeness(light, chroma, np.array([start]))[0]

    alike = likeness()
    assert alike[10, 5] == 1
    assert alike[10, 35] == pytest.approx(np.exp(-30 / 40 / 1.5))
    assert alike[15, 10] == pytest.approx(np.exp(-5 * np.sqrt(2) / 40 / 1.5))
    ramp = likeness(flat + 0.5 * np.arange(40))
    assert ramp[10, 35] == pytest.approx(np.exp(-30 / 40 / 1.5 - 1 / 2))  # 15 lighter, without an edge
    assert ramp[10, 0] == pytest.approx(np.exp(-5 / 40 / 1.5 - (2.5 / 15) ** 2 / 2))
    tinted = colorless.copy()
    tinted[10, 35] = (12, -16)
    assert likeness(chroma=tinted)[10, 35] == pytest.approx(np.exp(-30 / 40 / 1.5 - 1 / 2))
    step = likeness(flat + 10 * (np.arange(40) >= 20))  # the pixels at the edge, of steepness 5, are 33 long
    assert step[10, 35] == pytest.approx(np.exp(-(28 + 17 + 33 + 17 - 1) / 40 / 1.5 - (10 / 15) ** 2 / 2))


def test_likeness_along_thin_pictures():
    along = spreading._likeness(np.zeros((1, 9)), np.zeros((1, 9, 2)), np.array([[0, 4]]))[0, 0]
    np.testing.assert_allclose(along, np.exp(-np.abs(np.arange(9) - 4) / 9 / 1.5))
    rows = np.array([[50.0] * 9, [60.0] * 9])
    across = spreading._likeness(rows, np.zeros((2, 9, 2)), np.array([[0, 4]]))[0, 1, 4]
    assert across == pytest.approx(np.exp(-73 / 9 / 1.5 - (10 / 15) ** 2 / 2))  # a step of 10 is 73 long


def test_the_nearest_positive_matrix():
    """Optimal if neither it nor what it adds has negative eigenvalues, and the two are orthogonal."""
    given = np.random.default_rng(0).normal(size=(6, 6))
    given += given.T
    nearest = spreading._positive(given)
    added = nearest - given
    assert np.linalg.eigvalsh(given).min() < -1
    assert min(np.linalg.eigvalsh(nearest).min(), np.linalg.eigvalsh(added).min()) > -1e-9
    assert np.trace(added @ nearest) == pytest.approx(0, abs=1e-9)
