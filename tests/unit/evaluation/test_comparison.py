import numpy as np
import pytest

from fusioncolor import color
from fusioncolor.evaluation.comparison import DENSITY_CELL, DENSITY_REACH, Comparison, Truth, density

RED, GRAY = (np.full((16, 16, 3), value, np.uint8) for value in ((200, 30, 30), (90, 90, 90)))


def truth_of(rgb: np.ndarray, weights: np.ndarray | None = None) -> Truth:
    return Truth.of(rgb, color.rgb_to_lab(rgb), np.ones(313) if weights is None else weights)


def test_a_picture_compared_with_itself_has_no_error():
    same = Comparison.of(RED, truth_of(RED))
    assert (same.mse_rgb, same.mse_ab) == (0, 0)
    assert same.auc == same.auc_rebalanced == pytest.approx(100)
    assert same.missing_colorfulness == pytest.approx(0)


def test_errors_of_flat_pictures_are_those_of_their_colors():
    found = Comparison.of(GRAY, truth_of(RED))
    red, gray = (color.rgb_to_lab(rgb[:1, :1])[0, 0] for rgb in (RED, GRAY))
    distance = np.hypot(*(red - gray)[1:])
    np.testing.assert_allclose(found.error, distance, rtol=1e-4)
    assert found.mse_ab == pytest.approx(distance**2 / 2, rel=1e-4)
    assert found.mse_rgb == pytest.approx((110**2 + 60**2 + 60**2) / 3)
    assert found.missing_colorfulness > 0.9


def test_a_truth_without_color_misses_none():
    assert Comparison.of(RED, truth_of(GRAY)).missing_colorfulness == 0


def test_pixels_count_by_the_weight_of_their_true_color():
    weights = np.linspace(0, 2, 313)
    half = np.concatenate([RED[:8], GRAY[8:]])
    truth = truth_of(half, weights)
    assert len(np.unique(truth.weights)) == 2
    found = Comparison.of(GRAY, truth)
    assert found.auc_rebalanced != pytest.approx(found.auc)


def test_densities_count_pixels_in_cells_of_the_ab_plane():
    counts = density(np.array([[0.5, 0.5], [0.5, 1.5], [-109.5, 109.5], [500, 0.5]], np.float32))
    middle = int(DENSITY_REACH / DENSITY_CELL)
    assert counts.sum() == 4
    assert counts[middle, middle] == 2
    assert counts[0, -1] == 1
    assert counts[-1, middle] == 1  # beyond the plane: its edge
