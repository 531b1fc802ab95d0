from functools import partial

import numpy as np
import pytest
from PIL import Image

from fusioncolor.config import EvaluateConfig
from fusioncolor.errors import InputError
from fusioncolor.evaluation import photographs
from fusioncolor.evaluation.photographs import at_protocol_size, looks_in_threads


def survey(config, found):
    return photographs.survey(config, found, partial(looks_in_threads, config))


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
    seen = survey(EvaluateConfig(photographs=[folder]), found)
    assert seen.paths == [folder / "color.png"]
    assert seen.gray == 1
    assert len(seen.problems) == 1
    assert "broken.png" in seen.problems[0]
    assert seen.counts.sum() == 64 * 64


def test_without_a_photograph_in_color_there_is_nothing_to_judge(folder):
    with pytest.raises(InputError, match="no photograph in color to judge: 1 without color"):
        survey(EvaluateConfig(photographs=[folder]), [folder / "gray.png"])


def test_a_limit_draws_the_same_photographs_every_time(folder):
    found = [folder / "color.png", *(folder / f"{index}.png" for index in range(9))]
    for path in found[1:]:
        path.write_bytes(found[0].read_bytes())
    config = EvaluateConfig(photographs=[folder], limit=3)
    drawn = survey(config, found).paths
    assert len(drawn) == 3
    assert drawn == survey(config, found).paths


def test_a_survey_keeps_the_order_of_the_photographs_in_whatever_order_they_were_looked_at(folder):
    found = [folder / name for name in ("b.png", "broken.png", "a.png", "gray.png", "color.png", "missing.png")]
    for path in (found[0], found[2]):
        path.write_bytes((folder / "color.png").read_bytes())
    config = EvaluateConfig(photographs=[folder])
    backwards = photographs.survey(config, found, lambda paths: reversed(list(looks_in_threads(config, paths))))
    in_order = survey(config, found)
    assert backwards.paths == in_order.paths == [found[0], found[2], found[4]]
    assert backwards.problems == in_order.problems
    assert backwards.gray == in_order.gray == 1
    np.testing.assert_array_equal(backwards.counts, in_order.counts)


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
