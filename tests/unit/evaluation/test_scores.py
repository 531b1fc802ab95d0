"""Figures of single photographs, combined."""

from pathlib import Path

import numpy as np
import pytest

from fusioncolor import metrics
from fusioncolor.evaluation.catalog import columns
from fusioncolor.evaluation.scores import Scores

RNG = np.random.default_rng(0)


def scores_of(**given) -> Scores:
    """Scores whose columns `(M, N)` are given; the others are nan."""
    shape = np.shape(next(iter(given.values())))
    values = np.full((*shape, len(columns())), np.nan, np.float32)
    for name, column in given.items():
        values[..., list(columns()).index(name)] = column
    models = ["mine", "gray", "mean"][: shape[0]]
    paths = [Path(f"{index}.jpg") for index in range(shape[1])]
    nothing = np.zeros(1)
    return Scores(models, paths, values, {}, nothing, nothing, nothing, {})


def test_both_ways_to_average_the_psnr():
    errors = np.array([[1.0, 100.0]])
    scores = scores_of(psnr=metrics.decibels(errors), mse_rgb=errors, pixels=[[10, 30]])
    assert scores.value("psnr")[0] == pytest.approx(np.mean([metrics.decibels(1), metrics.decibels(100)]), abs=1e-4)
    assert scores.value("psnr_pooled")[0] == pytest.approx(metrics.decibels((1 * 10 + 100 * 30) / 40), abs=1e-4)


def test_photographs_without_a_value_are_left_out_and_counted():
    scores = scores_of(pa=[[50, np.nan, 100]])
    assert scores.value("pa")[0] == 75
    assert scores.left_out("pa")[0] == 1
    assert scores.measured() == ["pa"]


def test_the_gain_over_gray_is_paired():
    gray = RNG.normal(22, 5, 200)
    scores = scores_of(psnr=np.stack([gray + RNG.normal(1, 0.1, 200), gray]))
    gain, low, high = scores.gain("psnr", 0, 1)
    assert gain == pytest.approx(1, abs=0.05)
    assert low < gain < high
    assert high - low < 0.05  # though the photographs themselves spread by 5 dB
    assert scores.gain("psnr", 1, 0)[0] == -gain


def test_the_interval_is_that_of_the_normal_approximation():
    values = RNG.normal(0, 1, (1, 400))
    scores = scores_of(psnr=np.concatenate([values, np.zeros((1, 400))]))
    _, low, high = scores.gain("psnr", 0, 1)
    assert high - low == pytest.approx(2 * 1.96 * values.std() / 20, rel=0.1)


def test_a_photograph_that_one_of_two_has_no_value_of_does_not_count_in_their_difference():
    scores = scores_of(pa=[[90, np.nan, 70], [80, 20, 60]])
    gain, low, high = scores.gain("pa", 0, 1)
    assert gain == pytest.approx(10)
    assert low == high == pytest.approx(10)
    assert scores.value("pa")[1] == pytest.approx(160 / 3, abs=1e-4)


def test_one_photograph_has_no_interval():
    gain, low, high = scores_of(psnr=[[25], [20]]).gain("psnr", 0, 1)
    assert gain == 5
    assert np.isnan([low, high]).all()


def test_the_same_scores_give_the_same_intervals():
    values = RNG.normal(0, 1, (2, 50))
    assert scores_of(auc=values).gain("auc", 0, 1) == scores_of(auc=values).gain("auc", 0, 1)
