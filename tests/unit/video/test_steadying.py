import itertools

import numpy as np
import pytest

from fusioncolor.video.flow import Flow
from fusioncolor.video.frames import Frame, Motion
from fusioncolor.video.steadying import Memory, Steadying

SIZE = (20, 30)
STILL = Motion(*[np.zeros((*SIZE, 2), np.float32)] * 2, *[np.ones(SIZE, np.float32)] * 2)
UNKNOWN = Motion(*[np.zeros((*SIZE, 2), np.float32)] * 2, *[np.zeros(SIZE, np.float32)] * 2)


def flat(a, b=0.0):
    return np.full((*SIZE, 2), (a, b), np.float32)


def shot(predicted, *, every=1, motion=STILL, luma=None):
    """Frames of one shot, the network seeing every so many."""
    frames = []
    for index in range((len(predicted) - 1) * every + 1):
        small = np.full(SIZE, 0.5, np.float32) if luma is None else luma[index]
        is_key = index % every == 0
        ab = predicted[index // every] if is_key else None
        frames.append(Frame(index, index, None, small=small, first=index == 0, is_key=is_key, predicted=ab))
        frames[-1].motion = None if index == 0 else motion
    frames[-1].last = True
    return frames


def steadied(frames, steadiness=0.9):
    return [frame.ab for frame in Steadying(steadiness).through(frames)]


def test_without_steadiness_predictions_stay_as_they_are():
    predicted = [flat(10), flat(30), flat(-5)]
    for ab, wanted in zip(steadied(shot(predicted), 0), predicted, strict=True):
        np.testing.assert_allclose(ab, wanted, atol=1e-5)


def test_full_steadiness_gives_the_mean_of_the_predictions_so_far():
    result = steadied(shot([flat(10), flat(20), flat(60)]), 1)
    np.testing.assert_allclose([ab[0, 0, 0] for ab in result], [10, 15, 30], rtol=1e-4)


def test_noise_of_predictions_falls_to_a_fraction():
    rng = np.random.default_rng(0)
    predicted = [flat(20) + rng.normal(0, 5, (*SIZE, 2)).astype(np.float32) for _ in range(30)]
    result = steadied(shot(predicted))
    before = np.mean([np.abs(b - a).mean() for a, b in itertools.pairwise(predicted[10:])])
    after = np.mean([np.abs(b - a).mean() for a, b in itertools.pairwise(result[10:])])
    assert after < before / 5


def test_where_motion_is_unknown_the_newest_prediction_counts():
    result = steadied(shot([flat(10), flat(30)], motion=UNKNOWN))
    np.testing.assert_allclose(result[1], flat(30), atol=1e-3)


def test_where_luma_is_another_the_newest_prediction_counts():
    dark, bright = np.full(SIZE, 0.4, np.float32), np.full(SIZE, 0.4, np.float32)
    bright[:, 20:] = 0.9
    second = flat(10)
    second[:, 20:] = 30
    result = steadied(shot([flat(10), second], luma=[dark, bright]))
    assert result[1][10, 25, 0] > 29
    assert result[1][10, 5, 0] < 11


def test_a_lamp_that_flickers_changes_nothing():
    rng = np.random.default_rng(0)
    picture = rng.uniform(0.3, 0.6, SIZE).astype(np.float32)
    result = steadied(shot([flat(10), flat(30)], luma=[picture, picture * 1.3]))
    assert result[1].mean() < 15


def test_nothing_is_remembered_across_a_cut():
    frames = shot([flat(10)] * 5) + shot([flat(40)] * 3)
    np.testing.assert_allclose(steadied(frames)[5], flat(40), atol=1e-6)


def test_frames_between_key_frames_lie_between_their_colors():
    result = [ab[5, 5, 0] for ab in steadied(shot([flat(10), flat(30)], every=4), 0)]
    np.testing.assert_allclose(result, [10, 15, 20, 25, 30], atol=0.1)


def test_colors_move_with_the_picture_between_key_frames():
    rng = np.random.default_rng(1)
    wide = np.kron(rng.uniform(0, 1, (8, 20)), np.ones((8, 8))).astype(np.float32)
    colors = np.zeros((64, 160, 2), np.float32)
    colors[:, 60:80] = 50
    frames, flow = [], Flow()
    for index in range(5):
        view = np.s_[:, 2 * index : 2 * index + 96]
        is_key = index % 4 == 0
        frame = Frame(index, index, None, small=wide[view], first=index == 0, is_key=is_key)
        frame.predicted = colors[view].copy() if is_key else None
        frame.motion = flow.between(frames[-1].small, frame.small) if frames else None
        frames.append(frame)
    middle = steadied(frames)[2]
    columns = np.flatnonzero(middle[32, :, 0] > 25)
    assert abs(columns.mean() - (69.5 - 4)) < 1.5


def test_a_memory_survives_being_saved():
    memory = Memory(flat(3), np.full(SIZE, 0.2, np.float32), np.full(SIZE, 7, np.float32), 9)
    again = Memory.unpacked(memory.packed(), 9)
    for name in ("ab", "luma", "age"):
        np.testing.assert_array_equal(getattr(again, name), getattr(memory, name))
    assert again.count == pytest.approx(9)


def test_a_shot_that_is_continued_goes_on_as_if_it_had_not_been_broken_off():
    rng = np.random.default_rng(0)
    predicted = [flat(20) + rng.normal(0, 5, (*SIZE, 2)).astype(np.float32) for _ in range(9)]
    whole = steadied(shot(predicted, every=2))
    first = Steadying(0.9)
    list(first.through(shot(predicted, every=2)[:9]))
    second = Steadying(0.9)
    second.memory = Memory.unpacked(first.memory.packed(), first.memory.count)
    rest = [frame.ab for frame in second.through(shot(predicted, every=2)[9:])]
    for ab, wanted in zip(rest, whole[9:], strict=True):
        np.testing.assert_array_equal(ab, wanted)
