import numpy as np
import pytest
from scipy.spatial.distance import jensenshannon

from fusioncolor.video.measures import color_distribution_consistency, flicker, warping_error

RNG = np.random.default_rng(0)


def test_flicker_is_the_mean_distance_of_ab_where_both_frames_show_something():
    before, now = np.zeros((2, 2, 2)), np.zeros((2, 2, 2))
    now[0, 0], now[1, 1] = (3, 4), (100, 0)
    mask = np.array([[True, True], [False, False]])
    assert flicker(now, before, mask) == pytest.approx(2.5)


def test_warping_error_sums_over_the_channels():
    assert warping_error(np.full((2, 2, 3), 0.5), np.full((2, 2, 3), 0.6), np.ones((2, 2), bool)) == pytest.approx(0.03)


def test_cdc_agrees_with_scipy():
    frames = [RNG.integers(0, 200 + 10 * index, (20, 30, 3)).astype(np.uint8) for index in range(6)]
    wanted = []
    for lag in (1, 2, 4):
        pairs = zip(frames[:-lag], frames[lag:], strict=True)
        wanted.append(
            np.mean(
                [
                    jensenshannon(*[np.bincount(one[..., channel].ravel(), minlength=256) for one in pair]) ** 2
                    for pair in pairs
                    for channel in range(3)
                ]
            )
        )
    assert color_distribution_consistency(frames) == pytest.approx(np.mean(wanted))


def test_a_still_video_is_steady():
    frames = [np.full((4, 4, 3), 7, np.uint8)] * 5
    assert color_distribution_consistency(frames) == 0
