import numpy as np
import pytest

from fusioncolor.video.frames import Frame
from fusioncolor.video.shots import marked

SIZE = (45, 80)


def scene(seed):
    rng = np.random.default_rng(seed)
    return np.kron(rng.uniform(0.1, 0.9, (5, 8)), np.ones((9, 10))).astype(np.float32)


def shots_of(pictures) -> list[int]:
    frames = [Frame(index, index, None, small=picture) for index, picture in enumerate(pictures)]
    done = list(marked(iter(frames)))
    assert [frame.index for frame in done] == list(range(len(pictures)))
    starts = [frame.index for frame in done if frame.first]
    assert [frame.index + 1 for frame in done if frame.last] == [*starts[1:], len(pictures)]
    for frame in done:
        assert frame.position == frame.index - max(start for start in starts if start <= frame.index)
    return starts


def test_a_cut_begins_a_shot():
    assert shots_of([scene(0)] * 5 + [scene(1)] * 4) == [0, 5]


@pytest.mark.parametrize("count", [1, 2, 3])
def test_a_few_frames_are_a_shot(count):
    assert shots_of([scene(0)] * count) == [0]


def test_the_last_frame_may_be_a_shot_of_its_own():
    assert shots_of([scene(0)] * 3 + [scene(1)]) == [0, 3]


def test_lamp_flicker_and_grain_are_no_cuts():
    rng = np.random.default_rng(0)
    pictures = [scene(0) * rng.uniform(0.6, 1) + rng.normal(0, 0.05, SIZE).astype(np.float32) for _ in range(20)]
    assert shots_of(pictures) == [0]


def test_a_pan_is_no_cut():
    wide = np.concatenate([scene(0), scene(1)], axis=1)
    assert shots_of([wide[:, step : step + 80] for step in range(0, 80, 4)]) == [0]


def test_a_flash_is_no_cut():
    flash = np.ones(SIZE, np.float32) - 0.3 * scene(1)
    assert shots_of([scene(0)] * 4 + [flash] + [scene(0)] * 4) == [0]


def test_a_stretch_in_which_every_frame_is_far_from_the_one_before_is_no_cut():
    """As while something passes close to the camera."""
    pictures = [scene(0)] * 3
    for seed in range(1, 8):
        pictures.append(0.5 + 0.55 * (pictures[-1] - 0.5) + np.sqrt(1 - 0.55**2) * (scene(seed) - 0.5))
    assert shots_of(pictures) == [0]


def test_every_picture_of_a_slide_show_is_a_shot():
    assert shots_of([scene(seed) for seed in range(6)]) == list(range(6))


def test_a_fade_through_black_begins_a_shot_after_black():
    down = [scene(0) * level for level in np.linspace(1, 0, 8)]
    up = [scene(1) * level for level in np.linspace(0, 1, 8)]
    starts = shots_of(down + up)
    assert any(7 <= start <= 10 for start in starts)
    assert len(starts) <= 3
