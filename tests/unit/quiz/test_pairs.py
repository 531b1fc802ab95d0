import io

import numpy as np
import pytest
from PIL import Image

from fusioncolor import color
from fusioncolor.config import QuizConfig
from fusioncolor.errors import InputError
from fusioncolor.quiz import pairs

pytestmark = pytest.mark.keras


def picture(png: bytes) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(png)))


def test_a_pair_differs_in_color_only(scenes, weights, tmp_path):
    one = next(iter(sorted(scenes.glob("*"))))
    [pair] = pairs.make(QuizConfig(photographs=[one], weights=[weights], output=tmp_path, vividness=2))
    true, predicted = picture(pair.true), picture(pair.predicted)
    np.testing.assert_array_equal(true, np.asarray(Image.open(one).convert("RGB")))
    assert (true != predicted).any()
    lightness = [color.rgb_to_lightness(each) for each in (true, predicted)]
    assert np.abs(lightness[0] - lightness[1]).mean() < 0.3  # 8 bits; colors outside sRGB lose chroma only


def test_gray_photographs_are_left_out_and_nothing_else_is_an_error(tmp_path, weights):
    Image.fromarray(np.arange(4096, dtype=np.uint16).reshape(64, 64).astype(np.uint8)).save(tmp_path / "gray.png")
    with pytest.raises(InputError, match="none of the photographs is in color"):
        pairs.make(QuizConfig(photographs=[tmp_path], weights=[weights], output=tmp_path / "quiz"))
