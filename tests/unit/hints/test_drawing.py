import numpy as np
import pytest

from fusioncolor import images
from fusioncolor.errors import InputError
from fusioncolor.hints import Hint, drawing

GRAY = np.full((120, 200, 3), 120, np.uint8)


def test_a_hint_is_a_dot_of_its_color_in_a_ring_with_a_tint_around_it():
    picture = drawing.preview(GRAY, [Hint(60, 40, (200, 30, 30))])
    assert tuple(picture[40, 60]) == (200, 30, 30)
    assert (picture[40, 55:65] == 255).all(axis=-1).any()
    assert picture[60, 60, 0] > picture[60, 60, 2] + 20


def test_without_hints_nothing_is_tinted():
    assert images.is_gray(drawing.preview(GRAY, [Hint(60, 40, (90, 90, 90))])[60:])


def test_many_hints_of_a_scribble_are_small_dots_without_text():
    scribble = [Hint(x, 50, (200, 30, 30)) for x in range(50, 110)]
    picture = drawing.preview(GRAY, scribble)
    assert tuple(picture[50, 80]) == (200, 30, 30)
    assert not (picture[:40] == 255).all(axis=-1).any()


def test_a_label_stays_in_the_picture():
    picture = drawing.preview(GRAY, [Hint(199, 0, (200, 30, 30)), Hint(0, 119, (30, 30, 200))])
    assert picture.shape == GRAY.shape
    assert picture[:12, 60:180].min(axis=-1).max() > 200  # white letters


def test_a_hint_outside_is_refused():
    with pytest.raises(InputError, match="lies outside"):
        drawing.preview(GRAY, [Hint(200, 0, (200, 30, 30))])
