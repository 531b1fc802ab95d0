import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from fusioncolor.evaluation import gallery
from fusioncolor.evaluation.catalog import columns
from fusioncolor.evaluation.gallery import Gallery, extremes

MODELS = ["mine", "gray"]


def values_of(**given) -> np.ndarray:
    """Figures `(M, N, K)` of which some columns `(M, N)` are given; the others are nan."""
    values = np.full((*np.shape(next(iter(given.values()))), len(columns())), np.nan, np.float32)
    for name, column in given.items():
        values[..., list(columns()).index(name)] = column
    return values


def test_the_best_and_worst_of_every_model_and_its_worst_failures_are_picked():
    auc = [[1, 5, 9, 5, 5, 5], [5, 1, 5, 9, 5, 5]]
    values = values_of(auc=auc, bleeding=[[0, 0, 0, 0, 8, 0], [0, 0, 0, 0, 0, 8]])
    assert extremes(values, MODELS, 1) == [0, 1, 2, 3, 4]  # of gray, failures do not count


def test_too_much_of_what_should_be_0_is_as_bad_as_too_little():
    auc = [[1.0, 2, 3, 4], [4.0, 3, 2, 1]]
    values = values_of(auc=auc, deficiency=[[0, 5, -50, 0], [0, 0, 0, 0]])
    assert 2 in extremes(values, MODELS, 1)


@pytest.mark.parametrize("count", [1, 3, 60])
def test_what_is_kept_on_the_way_are_the_extremes_of_all(count):
    """100 photographs with many equal figures, seen one after another."""
    rng = np.random.default_rng(count)
    values = rng.integers(0, 12, (2, 100, len(columns()))).astype(np.float32)
    kept = Gallery(MODELS, count)
    for index in range(100):
        kept.add(Path(str(index)), values[:, index], [np.full((4, 5, 3), index, np.uint8)] * 3)
    expected = extremes(values, MODELS, count)
    assert [int(one.path.name) for one in kept.examples()] == expected
    assert len(kept._kept) + len(kept._pending) <= len(expected)
    for one in kept.examples():
        assert len(one.predicted) == 2
        assert np.asarray(Image.open(io.BytesIO(one.actual))).mean() == pytest.approx(int(one.path.name), abs=1)


@pytest.mark.slow
def test_pictures_that_cannot_be_shown_are_let_go_at_once():
    kept = Gallery(MODELS, 1)
    for index in range(1000):
        auc = np.full((2, 1), 50 if index % 500 else index, float)
        kept.add(Path(str(index)), values_of(auc=auc)[:, 0], [np.zeros((600, 300, 3), np.uint8)] * 3)
        assert len(kept._pending) < gallery._PENDING
        assert len(kept._kept) <= 2
    assert Image.open(io.BytesIO(kept.examples()[0].actual)).size == (128, 256)


def test_without_a_gallery_nothing_is_kept():
    kept = Gallery(MODELS, 0)
    kept.add(Path("a"), values_of(auc=np.ones((2, 1)))[:, 0], [])
    assert kept.examples() == []
