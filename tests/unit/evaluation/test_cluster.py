"""An evaluation on a cluster that is a loop in this process; tests/robustness/test_cluster.py uses Ray."""

import pickle
import shutil

import numpy as np
import pytest
from support import content

import fusioncolor
from fusioncolor import images
from fusioncolor.evaluation.cluster import MeasuringWorker
from fusioncolor.evaluation.evaluate import Evaluation
from fusioncolor.evaluation.photographs import LookingWorker


class Loop:
    """Does jobs in this process, the last one first; a worker of some kind that reads a photograph of some name dies.

    Attributes:
        sizes: number of photographs in each job so far.
    """

    workers, cpus, all_cpus = 2, 1, 2

    def __init__(self, killed: tuple[type, ...] = (), by: str = "") -> None:
        self.sizes: list[int] = []
        self.killed, self.by = killed, by

    def answers(self, start, jobs, *, stopped):
        work = pickle.loads(pickle.dumps(start))()
        for job in reversed(list(jobs)):
            self.sizes.append(len(job))
            if not (isinstance(work, self.killed) and any(path.name == self.by for _, path in job)):
                yield from pickle.loads(pickle.dumps(list(work(pickle.loads(pickle.dumps(job))))))


@pytest.fixture
def folder(scenes, tmp_path):
    """Twelve scenes, a gray photograph, and a broken file."""
    for path in images.find_in(scenes)[:12]:
        (tmp_path / "judged").mkdir(exist_ok=True)
        shutil.copy(path, tmp_path / "judged")
    images.write(tmp_path / "judged" / "gray.png", np.full((9, 9, 3), 90, np.uint8))
    (tmp_path / "judged" / "broken.jpg").write_text("no picture")
    return tmp_path / "judged"


def evaluate(folder, output, **options) -> Evaluation:
    defaults = {"models": ["welsh"], "image_size": 48, "examples": 2, "batch_size": 4}
    return fusioncolor.evaluate(folder, output=output, **defaults, **options)


@pytest.mark.slow
def test_the_report_is_that_of_a_single_process(folder, tmp_path, on_a_loop):
    loop = on_a_loop(Loop())
    alone = evaluate(folder, tmp_path / "alone")
    shared = evaluate(folder, tmp_path / "shared", cluster="ray")
    assert content(tmp_path / "shared") == content(tmp_path / "alone")
    assert len(shared.scores.paths) == 12
    assert [problem.split(":")[0] for problem in alone.scores.problems] == [str(folder / "broken.jpg")]
    looked, measured = loop.sizes[:-3], loop.sizes[-3:]
    assert sum(looked) == 14
    assert measured == [4, 4, 4]


@pytest.mark.slow
def test_a_photograph_that_kills_workers_is_left_out_alone(folder, tmp_path, on_a_loop):
    [killer, *others] = [path.name for path in images.find_in(folder) if path.stem not in ("gray", "broken")]
    on_a_loop(Loop(killed=(MeasuringWorker,), by=killer))
    scores = evaluate(folder, tmp_path / "out", cluster="ray").scores
    assert sorted(path.name for path in scores.paths) == sorted(others)
    assert f"{killer}: each worker that tried to read it died" in " ".join(scores.problems)
    assert "11 in color; left out: 1 without color, 2 unreadable" in scores.protocol["photographs"]


@pytest.mark.slow
def test_a_photograph_that_kills_workers_at_first_sight_is_left_out_too(folder, tmp_path, on_a_loop):
    on_a_loop(Loop(killed=(LookingWorker,), by="broken.jpg"))
    scores = evaluate(folder, tmp_path / "out", cluster="ray").scores
    assert len(scores.paths) == 12
    assert "broken.jpg: each worker that tried to read it died" in scores.problems[0]


@pytest.mark.slow
def test_figures_that_come_twice_count_once(folder, tmp_path, on_a_loop, monkeypatch):
    loop = on_a_loop(Loop())
    once = loop.answers
    monkeypatch.setattr(loop, "answers", lambda *given, **named: (a for b in once(*given, **named) for a in (b, b)))
    evaluate(folder, tmp_path / "twice", cluster="ray")
    evaluate(folder, tmp_path / "alone")
    assert content(tmp_path / "twice") == content(tmp_path / "alone")
