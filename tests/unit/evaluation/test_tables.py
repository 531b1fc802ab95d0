import numpy as np
import pytest

from fusioncolor.evaluation import tables
from fusioncolor.evaluation.catalog import METRICS, columns
from fusioncolor.evaluation.scores import Scores


@pytest.fixture
def scores():
    values = np.full((2, 3, len(columns())), np.nan, np.float32)
    names = list(columns())
    values[..., names.index("psnr")] = [[25, 26, 27], [20, 21, 22]]
    values[..., names.index("pa")] = [[90, np.nan, 70], [80, 20, 60]]
    nothing = np.zeros(0)
    return Scores(["mine", "gray"], ["a", "b", "c"], values, {}, nothing, nothing, nothing, {})


def test_titles_carry_the_unit_and_an_arrow_to_the_better_side():
    assert tables.with_unit(METRICS["psnr"]) == "PSNR (dB) ↑"
    assert tables.with_unit(METRICS["delta_colorfulness"]) == "difference of colorfulness →0"
    assert tables.with_unit(METRICS["colorfulness"]) == "colorfulness"


def test_the_summary_shows_the_gain_over_gray_of_every_other_model(scores):
    truth, mine, gray = tables.summary_rows(scores)
    assert tables.headings(scores) == ["PSNR (dB) ↑"]
    assert truth == ("truth", [""])
    assert mine == ("mine", ["26.00 (+5.00 [+5.00, +5.00])"])
    assert gray == ("gray", ["21.00"])


def test_photographs_without_a_value_are_counted_in_the_cell(scores):
    assert tables.cells(scores, "pa") == ["80.00 (without 1 photographs)", "53.33"]


def test_comparisons_of_every_pair_are_ready_for_json(scores):
    psnr = next(one for one in tables.comparisons(scores) if one["name"] == "psnr")
    assert psnr["values"] == [26, 21]
    assert psnr["pairs"][0][1] == [5, 5, 5]
    assert psnr["pairs"][1][0] == [-5, -5, -5]


def test_figures_that_are_not_finite_are_a_dash_or_nothing():
    assert tables.number(float("nan"), 2) == "-"
    assert tables.finite(float("inf")) is None
    assert tables.finite(1 / 3) == 0.333333
