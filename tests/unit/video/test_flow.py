import cv2
import numpy as np
import pytest

from fusioncolor.video.flow import Flow, trust, warped

RNG = np.random.default_rng(0)
PICTURE = cv2.GaussianBlur(RNG.uniform(0, 1, (120, 160)), (0, 0), 3).astype(np.float32)
PICTURE = (PICTURE - PICTURE.min()) / np.ptp(PICTURE)
INNER = np.s_[20:-20, 20:-20]


def test_a_shift_is_measured_both_ways_and_trusted():
    now = np.roll(PICTURE, (2, 3), axis=(0, 1))
    motion = Flow().between(PICTURE, now)
    np.testing.assert_allclose(motion.forth[INNER].mean(axis=(0, 1)), [3, 2], atol=0.2)
    np.testing.assert_allclose(motion.back[INNER].mean(axis=(0, 1)), [-3, -2], atol=0.2)
    assert motion.back_trust[INNER].mean() > 0.9
    assert np.abs(warped(PICTURE, motion.back) - now)[INNER].mean() < 0.02


def test_pictures_that_have_nothing_in_common_are_not_trusted():
    other = np.ascontiguousarray(PICTURE[::-1, ::-1])
    assert Flow().between(PICTURE, other).back_trust.mean() < 0.5


def test_what_comes_from_outside_is_not_trusted():
    step = np.zeros((30, 40, 2), np.float32)
    step[..., 0] = -50
    assert trust(step, -step).max() == 0


@pytest.mark.parametrize("size", [(1, 1), (3, 200), (15, 15)])
def test_tiny_pictures_do_not_move(size):
    small = np.full(size, 0.5, np.float32)
    motion = Flow().between(small, small)
    assert motion.back.shape == (*size, 2)
    assert not motion.back.any()
    assert motion.back_trust.min() == 1
