import json

import numpy as np
import pytest
from support import Recorder

from fusioncolor import images
from fusioncolor.config import PredictConfig
from fusioncolor.errors import InputError
from fusioncolor.prediction.hint_preview import preview_hints


@pytest.fixture
def photographs(tmp_path):
    for name in ("a.jpg", "deep/b.png", "c.png"):
        images.write(tmp_path / "in" / name, np.full((40, 60, 3), 120, np.uint8))
    (tmp_path / "in" / "deep" / "b.hint.json").write_text(json.dumps([{"x": 9, "y": 9, "color": "red"}]))
    return tmp_path / "in"


def test_photographs_with_hints_get_a_picture_of_them(photographs, tmp_path):
    config = PredictConfig(photographs=[photographs], output=tmp_path / "out", weights=["gray"])
    assert preview_hints(config) == [tmp_path / "out" / "hints" / "deep" / "b.png"]
    assert tuple(images.read(tmp_path / "out" / "hints" / "deep" / "b.png").rgb[9, 9]) == (255, 0, 0)
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["hints"]


def test_without_any_hint_there_is_nothing_to_show(photographs, tmp_path):
    with pytest.raises(InputError, match="no photograph has hints"):
        preview_hints(photographs / "c.png", output=tmp_path / "out", weights="gray")


def test_an_unreadable_photograph_is_told_and_the_others_go_on(photographs, tmp_path):
    (photographs / "a.jpg").write_text("no picture")
    (photographs / "a.hint.json").write_text(json.dumps([{"x": 9, "y": 9, "color": "red"}]))
    told = Recorder()
    config = PredictConfig(photographs=[photographs], output=tmp_path / "out", weights=["gray"])
    assert len(preview_hints(config, reporter=told)) == 1
    assert "a.jpg" in told.errors[0]
