"""A folder run on a cluster that is a loop in this process; tests/robustness/test_cluster.py uses Ray."""

import pickle
import tracemalloc

import pytest
from support import Recorder, colorize, content

from fusioncolor.prediction import cluster
from fusioncolor.prediction import folder as folder_run
from fusioncolor.prediction.manifest import Manifest
from fusioncolor.prediction.merging import read_report
from fusioncolor.prediction.summary import Outcome
from fusioncolor.runtime.reporting import Reporter


class Loop:
    """Does jobs one after the other; a worker that has colorized one of `killed_by` dies before it can say so.

    Attributes:
        sizes: number of photographs in each job so far.
    """

    workers, cpus, all_cpus = 2, 1, 2

    def __init__(self, killed_by=()) -> None:
        self.sizes: list[int] = []
        self.killed_by = killed_by

    def answers(self, start, jobs, *, stopped):
        work = pickle.loads(pickle.dumps(start))()
        for job in jobs:
            self.sizes.append(len(job))
            for answer in work(pickle.loads(pickle.dumps(job))):
                if stopped():
                    return
                if any(name in answer.outcome.file for name in self.killed_by):
                    break
                yield pickle.loads(pickle.dumps(answer))


def test_results_are_those_of_a_single_process(folder, tmp_path, on_a_loop):
    (folder / "damaged.jpg").write_bytes(b"no picture")
    report = tmp_path / "r.csv"
    loop = on_a_loop(Loop())
    alone = colorize(folder, tmp_path / "alone", "gray", sidecar=True)
    shared = colorize(folder, tmp_path / "shared", "gray", cluster="ray", report=report)
    expected = {name: digest for name, digest in content(tmp_path / "alone").items() if not name.endswith(".json")}
    assert content(tmp_path / "shared") == expected
    assert [shared.count(status) for status in ("done", "failed")] == [
        alone.count(status) for status in ("done", "failed")
    ]
    reasons = {one.file: one.reason for one in alone.outcomes}
    assert {one.file: one.reason for one in read_report(report)} == reasons
    assert [one.reason for one in shared.outcomes] == [one.reason for one in alone.outcomes if one.status == "failed"]
    assert sum(loop.sizes) == len(alone.outcomes)


def test_what_is_finished_is_not_sent_again(folder, tmp_path, on_a_loop):
    loop = on_a_loop(Loop())
    first = colorize(folder, tmp_path / "out", "gray", cluster="ray")
    before = content(tmp_path / "out")
    loop.sizes.clear()
    again = colorize(folder, tmp_path / "out", "gray", cluster="ray")
    assert again.count("skipped") == first.count("done") > 1
    assert loop.sizes == []
    assert colorize(folder, tmp_path / "out", "gray").count("skipped") == first.count("done")
    assert content(tmp_path / "out") == before


def test_files_beside_finished_results_are_added(folder, tmp_path, on_a_loop):
    on_a_loop(Loop())
    first = colorize(folder, tmp_path / "out", "gray")
    report = tmp_path / "r.csv"
    again = colorize(folder, tmp_path / "out", "gray", cluster="ray", sidecar=True, report=report)
    assert again.count("skipped") == first.count("done")
    assert [one.seconds for one in read_report(report)] == [round(one.seconds, 3) for one in first.outcomes]
    assert len(list((tmp_path / "out").rglob("*.json"))) == len(first.outcomes)


def test_a_photograph_that_kills_workers_fails_alone(folder, tmp_path, on_a_loop):
    names = sorted(path.name for path in folder.rglob("*.*"))
    on_a_loop(Loop(killed_by=[names[1]]))
    recorder = Recorder()
    result = colorize(folder, tmp_path / "out", "gray", recorder, cluster="ray")
    [failed] = [one for one in result.outcomes if one.status == "failed"]
    assert failed.file.endswith(names[1])
    assert "each worker that tried to colorize it died" in recorder.errors[0]
    assert result.count("done") == len(names) - 1


def test_a_result_that_comes_twice_counts_once(folder, tmp_path, on_a_loop, monkeypatch):
    loop = on_a_loop(Loop())
    once = loop.answers
    monkeypatch.setattr(loop, "answers", lambda *given, **named: (a for b in once(*given, **named) for a in (b, b)))
    recorded = []
    monkeypatch.setattr(Manifest, "record", lambda self, task, *_, **__: recorded.append(task))
    result = colorize(folder, tmp_path / "out", "gray", cluster="ray")
    assert len(recorded) == len(set(recorded)) == result.count("done")


def test_ctrl_c_keeps_what_has_been_answered(folder, tmp_path, on_a_loop, monkeypatch):
    requested = []

    class Stopping(folder_run.Interrupt):
        @property
        def requested(self) -> bool:
            return len(requested) > 1

        @requested.setter
        def requested(self, value) -> None:
            pass

    monkeypatch.setattr(folder_run, "Interrupt", Stopping)
    monkeypatch.setattr(
        cluster.ClusterRun,
        "_reached",
        lambda self, *given, whole=cluster.ClusterRun._reached: requested.append(1) or whole(self, *given),
    )
    on_a_loop(Loop())
    result = colorize(folder, tmp_path / "out", "gray", cluster="ray")
    assert result.interrupted
    assert dict(result.counts) == {"done": 2}
    monkeypatch.undo()
    assert colorize(folder, tmp_path / "out", "gray").count("skipped") == 2


class Refusing(Loop):
    """Says of every photograph that it is damaged, without looking at it."""

    def answers(self, start, jobs, *, stopped):
        for job in jobs:
            for number, (task, _) in job:
                yield cluster._Answer(number, Outcome(str(task.source), str(task.target), "failed", reason="damaged"))


class Deaf(Reporter):
    def error(self, message: str) -> None:
        """Says nothing, not even to a log that a test keeps."""


@pytest.mark.slow
def test_memory_does_not_grow_with_the_number_of_photographs(tmp_path, on_a_loop, monkeypatch):
    on_a_loop(Refusing())
    monkeypatch.setattr(folder_run, "MOST_FAILED", 2)

    def most(count: int) -> int:
        """The most memory that Python objects took in a run."""
        for index in range(count):
            path = tmp_path / f"{count}" / f"{index // 100}" / f"{index}.jpg"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.touch()
        tracemalloc.start()
        try:
            result = colorize(tmp_path / f"{count}", tmp_path / "out", "gray", Deaf(), cluster="ray")
            assert result.count("failed") == count
            assert len(result.outcomes) == 2
            return tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()

    most(1600)  # caches fill
    grown = (most(1600) - most(800) for _ in range(3))  # more than once, as Python's table of parts of paths grows too
    assert any(more < 800 * 100 for more in grown)  # bytes; with all that is known of a photograph it would be 4,000
