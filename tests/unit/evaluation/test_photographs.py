import numpy as np
import pytest
from PIL import Image

from fusioncolor.config import EvaluateConfig
from fusioncolor.errors import InputError
from fusioncolor.evaluation.photographs import at_protocol_size, survey


@pytest.fixture
def folder(tmp_path):
    colors = np.random.default_rng(0).integers(0, 256, (20, 40, 3), dtype=np.uint8)
    colors[:, :10] = colors[:, 30:] = 0  # only the middle square has colors
    Image.fromarray(colors).save(tmp_path / "color.png")
    Image.fromarray(np.full((20, 40, 3), 90, np.uint8)).save(tmp_path / "gray.png")
    (tmp_path / "broken.png").write_text("no image")
    return tmp_path


def test_a_survey_sorts_photographs_by_what_can_be_judged(folder):
    found = [folder / name for name in ("broken.png", "color.png", "gray.png", "color.png")]
    seen = survey(EvaluateConfig(photographs=[folder]), found, workers=2)
    assert seen.paths == [folder / "color.png"]
    assert seen.gray == 1
    assert len(seen.problems) == 1
    assert "broken.png" in seen.problems[0]
    assert seen.counts.sum() == 64 * 64


def test_without_a_photograph_in_color_there_is_nothing_to_judge(folder):
    with pytest.raises(InputError, match="no photograph in color to judge: 1 without color"):
        survey(EvaluateConfig(photographs=[folder]), [folder / "gray.png"], workers=1)


def test_a_limit_draws_the_same_photographs_every_time(folder):
    found = [folder / "color.png", *(folder / f"{index}.png" for index in range(9))]
    for path in found[1:]:
        path.write_bytes(found[0].read_bytes())
    config = EvaluateConfig(photographs=[folder], limit=3)
    drawn = survey(config, found, workers=2).paths
    assert len(drawn) == 3
    assert drawn == survey(config, found, workers=1).paths


@pytest.mark.parametrize(
    ("options", "shape"),
    [
        ({}, (48, 48, 3)),
        ({"full_size": True}, (20, 40, 3)),
        ({"crop": True}, (48, 48, 3)),
        ({"crop": True, "full_size": True}, (20, 20, 3)),
    ],
)
def test_photographs_are_read_at_the_size_of_the_protocol(folder, options, shape):
    rgb = at_protocol_size(folder / "color.png", EvaluateConfig(photographs=[folder], image_size=48, **options))
    assert rgb.shape == shape
    if "crop" in options:
        assert rgb[:, 0].any()  # the black border is gone
        assert rgb[:, -1].any()
