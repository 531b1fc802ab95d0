from fractions import Fraction
from pathlib import Path

import pytest

from fusioncolor.video.coding import Coding
from fusioncolor.video.frames import Clip


@pytest.mark.parametrize(
    ("size", "wanted"),
    [((480, 854), (144, 256)), ((1080, 1920), (144, 256)), ((64, 48), (64, 48)), ((2000, 1), (256, 1))],
)
def test_the_working_size_keeps_the_shape_and_never_enlarges(size, wanted):
    clip = Clip(Path("a"), size, Coding(), (2, 2), Fraction(1, 25), Fraction(25))
    assert clip.working_size == wanted
