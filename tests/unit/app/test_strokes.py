import numpy as np
import pytest

from fusioncolor.app import strokes
from fusioncolor.app.strokes import Stroke, parse, to_hints
from fusioncolor.errors import InputError


def test_a_dot_is_one_hint_at_its_pixel():
    [hint] = to_hints([Stroke(((0.5, 0.25),), "#102030")], (101, 201))
    assert (hint.x, hint.y, hint.rgb) == (100, 25, (16, 32, 48))


@pytest.mark.parametrize("size", [(1, 1), (3, 400), (3000, 2000)])
def test_hints_lie_inside_photographs_of_any_shape(size):
    corners = [Stroke(((x, y),), "#ffffff") for x in (0, 1) for y in (0, 1)]
    for hint in to_hints(corners, size):
        assert 0 <= hint.x < size[1]
        assert 0 <= hint.y < size[0]


def test_a_line_has_no_gaps():
    hints = to_hints([Stroke(((0, 0), (1, 1)), "#ffffff", 0.01)], (2048, 2048))
    rows = {hint.y * strokes.GRID // 2048 for hint in hints}
    assert rows == set(range(strokes.GRID))


def test_the_later_stroke_wins():
    both = [Stroke(((0.5, 0.5),), "#ff0000"), Stroke(((0.5, 0.5),), "#0000ff")]
    assert [hint.rgb for hint in to_hints(both, (64, 64))] == [(0, 0, 255)]


def test_a_wider_stroke_covers_more():
    line = ((0.2, 0.5), (0.8, 0.5))
    counts = [len(to_hints([Stroke(line, "#ff0000", width)], (256, 256))) for width in (0, 0.02, 0.05)]
    assert counts == sorted(set(counts))


def test_what_the_page_sends_is_read():
    [stroke] = parse([{"points": [[0.1, 0.2], [3, -1]], "color": "#AAbb00", "width": 9}])
    assert stroke == Stroke(((0.1, 0.2), (1, 0)), "#AAbb00", 0.2)


@pytest.mark.parametrize(
    "entries",
    [
        None,
        [None],
        [{}],
        [{"points": [], "color": "#aabbcc"}],
        [{"points": [[0, 0]], "color": "red"}],
        [{"points": [[0, 0]], "color": "#aabbcc'; alert(1)"}],
        [{"points": [[0]], "color": "#aabbcc"}],
        [{"points": [[float("nan"), 0]], "color": "#aabbcc"}],
        [{"points": [["a", "b"]], "color": "#aabbcc"}],
        [{"points": [[0, 0]] * 5000, "color": "#aabbcc"}],
    ],
)
def test_anything_else_is_refused(entries):
    with pytest.raises(InputError, match="cannot be read"):
        parse(entries)


def test_the_number_of_strokes_is_limited():
    with pytest.raises(InputError, match="at most 300 strokes"):
        parse([{"points": [[0, 0]], "color": "#aabbcc"}] * 301)


def test_numbers_are_finite_after_clipping():
    [stroke] = parse([{"points": [[float("inf"), float("-inf")]], "color": "#aabbcc"}])
    assert np.isfinite(stroke.points).all()
