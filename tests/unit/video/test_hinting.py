import numpy as np
import pytest

from fusioncolor.errors import InputError
from fusioncolor.hints import Hint
from fusioncolor.video.frames import Frame
from fusioncolor.video.hinting import applied, followed, parse

RED = (200, 30, 30)


def pan(count, step=2, size=(60, 90)):
    """Frames that move over a pattern, `step` pixels to the right at a time."""
    rng = np.random.default_rng(0)
    blocks = rng.uniform(0, 1, (12, 40))
    wide = np.kron(blocks, np.ones((size[0] // 12, 8))).astype(np.float32)
    return [
        Frame(
            index, index, None, small=wide[:, step * index : step * index + size[1]], first=index == 0, position=index
        )
        for index in range(count)
    ]


def test_a_hint_names_its_frame_or_means_the_first():
    assert parse(["7:10,20,#c81e1e", "1,2,#c81e1e"]) == {7: [Hint(10, 20, RED)], 0: [Hint(1, 2, RED)]}
    with pytest.raises(InputError, match="not a hint"):
        parse(["7:red"])


def test_a_hint_follows_the_motion_both_ways():
    found = followed({4: [Hint(60, 30, RED)]}, pan(9), (60, 90))
    assert sorted(found) == list(range(9))
    for index, hints in found.items():
        [hint] = hints
        assert abs(hint.x - (60 + 2 * (4 - index))) <= 2
        assert abs(hint.y - 30) <= 2


def test_a_hint_comes_down_to_the_working_size():
    found = followed({0: [Hint(120, 80, RED)]}, pan(1), (120, 180))
    assert found == {0: [Hint(60, 40, RED)]}


def test_a_hint_ends_at_a_cut():
    frames = pan(8)
    frames[5].first = True
    assert sorted(followed({3: [Hint(50, 30, RED)]}, frames, (60, 90))) == [0, 1, 2, 3, 4]


def test_hints_where_nothing_is_are_refused():
    with pytest.raises(InputError, match="lies outside the video, which is 90x60"):
        followed({0: [Hint(90, 0, RED)]}, pan(2), (60, 90))
    with pytest.raises(InputError, match="the video ends with frame 1"):
        followed({2: [Hint(9, 0, RED)]}, pan(2), (60, 90))


def test_hints_color_their_surroundings():
    lightness = np.full((40, 60, 1), 50, np.float32)
    ab = applied(lightness, np.zeros((40, 60, 2), np.float32), [Hint(30, 20, RED), Hint(999, 5, RED)])
    assert ab[20, 30, 0] > 40
    assert ab[20, 30, 0] > ab[0, 0, 0]
