import json

import numpy as np
import pytest
from support import Recorder

from fusioncolor import images
from fusioncolor.config import PredictConfig
from fusioncolor.errors import InputError
from fusioncolor.hints import Hint
from fusioncolor.prediction import photographs, plan


@pytest.fixture
def task(tmp_path):
    rgb = np.random.default_rng(0).integers(0, 256, (6, 8, 3), dtype=np.uint8)
    images.write(tmp_path / "a.png", rgb)
    return plan.Task(tmp_path / "a.png", tmp_path / "out" / "a.png")


def read(task, **options):
    chosen = {"with_actual": True, "reporter": Recorder()} | options
    return photographs.read(task, PredictConfig(), **chosen)


def test_colors_of_the_photograph_are_the_actual_ones_where_they_are_asked_for(task):
    np.testing.assert_array_equal(read(task).actual, images.read(task.source).rgb)
    assert read(task, with_actual=False).actual is None


def test_a_gray_photograph_has_no_actual_colors(task):
    images.write(task.source, np.full((6, 8, 3), 99, np.uint8))
    assert read(task).actual is None


def test_an_original_that_cannot_be_read_is_a_warning(task, tmp_path):
    told = Recorder()
    (tmp_path / "truth.png").write_text("no picture")
    bad = plan.Task(task.source, task.target, truth=tmp_path / "truth.png")
    assert read(bad, reporter=told).actual is None
    assert "truth.png" in told.warnings[0]


def test_hints_of_the_options_come_before_those_beside_the_photograph(task):
    beside = task.source.with_name("a.hint.json")
    beside.write_text(json.dumps([{"x": 1, "y": 2, "color": "#0000ff"}]))
    with_file = plan.Task(task.source, task.target, hints=(beside,))
    given = [Hint(0, 0, (255, 0, 0))]
    assert read(with_file, given=given).hints == (*given, Hint(1, 2, (0, 0, 255)))


def test_a_photograph_above_the_limit_is_refused(task):
    with pytest.raises(InputError, match="exceed the limit"):
        photographs.read(task, PredictConfig(max_megapixels=1e-6), with_actual=False, reporter=Recorder())
