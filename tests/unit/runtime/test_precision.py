import numpy as np
import pytest
from skimage import data

from fusioncolor import color
from fusioncolor.models import factory
from fusioncolor.models.predictor import Source
from fusioncolor.runtime.precision import precision


@pytest.mark.slow
def test_bfloat16_changes_colors_invisibly():
    """`--precision auto` chooses bfloat16 on some processors: a mean ab difference under 0.5 on real photographs."""
    pictures = [color.rgb_to_lightness(photograph) for photograph in (data.astronaut(), data.coffee(), data.rocket())]
    answers = []
    for name in ("float32", "bfloat16"):
        with precision(name):
            colorizer = factory.load("weights/fusion.landscapes")
        answers.append(colorizer.predict_ab(np.stack([colorizer.prepare(Source(lightness)) for lightness in pictures])))
    difference = np.abs(answers[0] - answers[1])
    assert 0 < difference.mean() < 0.5
