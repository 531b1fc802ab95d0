import json
import os

import numpy as np
import pytest

from fusioncolor import files, images
from fusioncolor.config import DEFAULT_WEIGHTS, PredictConfig
from fusioncolor.models import saving
from fusioncolor.prediction.companions import Companions, sidecar_of
from fusioncolor.prediction.plan import Task


@pytest.fixture
def task(tmp_path) -> Task:
    """A photograph and its result, an hour old."""
    rgb = np.random.default_rng(0).integers(0, 256, (30, 40, 3), dtype=np.uint8)
    done = Task(tmp_path / "a.png", tmp_path / "out" / "deep" / "a.png")
    for path in (done.source, done.target):
        images.write(path, rgb)
        os.utime(path, (1_700_000_000, 1_700_000_000))
    return done


def config(task: Task, **options) -> PredictConfig:
    return PredictConfig(output=task.target.parents[1], **options)


def test_a_sidecar_names_everything_that_made_the_result(task):
    Companions(config(task, sidecar=True, vividness=1.2)).complete(task)
    told = json.loads(sidecar_of(task).read_text())
    assert sidecar_of(task).name == "a.png.json"
    assert told["photograph_sha256"] == files.sha256(task.source)
    assert told["result_sha256"] == files.sha256(task.target)
    assert told["date"] == "2023-11-14T22:13:20+00:00"
    weights = saving.read_description(saving.find_folder(DEFAULT_WEIGHTS)).weights
    assert told["settings"]["predictor"]["weights"] == weights.as_json()
    assert told["settings"]["predictor"]["vividness"] == 1.2
    assert told["digital_source_type"] == "compositeWithTrainedAlgorithmicMedia"


def test_a_rule_is_not_called_learned(task):
    Companions(config(task, sidecar=True, weights=["gray"])).complete(task)
    assert json.loads(sidecar_of(task).read_text())["digital_source_type"] == "algorithmicallyEnhanced"


def test_a_pair_shows_the_photograph_in_gray_and_the_result_over_their_labels(task):
    Companions(config(task, side_by_side=True)).complete(task)
    pair = images.read(task.target.parents[1] / "side-by-side" / "deep" / "a.png").rgb
    assert pair.shape[1] > 80
    assert pair.shape[0] > 30
    assert images.is_gray(np.ascontiguousarray(pair[:30, :40]))
    np.testing.assert_array_equal(pair[:30, -40:], images.read(task.target).rgb)
    assert pair[30:].min() < 128  # letters


def test_what_is_there_is_made_again_only_for_a_new_result(task):
    made = Companions(config(task, sidecar=True))
    made.complete(task)
    before = sidecar_of(task).stat().st_mtime_ns
    made.complete(task)
    assert sidecar_of(task).stat().st_mtime_ns == before
    images.write(task.target, images.read(task.source).rgb)
    os.utime(task.target, (4_000_000_000, 4_000_000_000))
    made.complete(task)
    assert sidecar_of(task).stat().st_mtime_ns != before


def test_nothing_is_written_unless_it_is_asked_for(task):
    Companions(config(task)).complete(task)
    assert {path.name for path in task.target.parents[1].rglob("*") if path.is_file()} == {"a.png"}
