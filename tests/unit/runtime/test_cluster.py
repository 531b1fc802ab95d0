"""What a worker answers, and what is refused before Ray is imported; tests/robustness/test_cluster.py uses Ray."""

import os
import pickle
import socket
import sys
import threading
from pathlib import Path

import pytest

from fusioncolor.errors import InputError, ResourceError
from fusioncolor.runtime import cluster
from fusioncolor.runtime.cluster import Cluster, _Worker, rounds
from fusioncolor.version import __version__


def worker(start, folder, version=__version__, cpus=3, **variables) -> _Worker:
    return _Worker(pickle.dumps(start), cpus, str(folder), variables, version)


def answers(made: _Worker, *jobs) -> list:
    batch = {"job": [cluster._packed(job) for job in jobs]}
    return [pickle.loads(said) for answer in made(batch) for said in answer["said"]]


@pytest.fixture(autouse=True)
def _restored(monkeypatch):
    """A worker changes the process it is in."""
    monkeypatch.setattr(os, "environ", os.environ.copy())
    monkeypatch.chdir(Path.cwd())


class Doubling:
    starts = 0

    def __init__(self) -> None:
        Doubling.starts += 1

    def __call__(self, job):
        for number in job:
            if number == 0:
                raise ResourceError("the disk is full")
            yield 10 / (number - 7), str(Path.cwd())


def test_a_worker_starts_once_and_answers_where_the_driver_is(tmp_path):
    Doubling.starts = 0
    said = answers(worker(Doubling, tmp_path), [8, 9], [12])
    assert said == [(10, str(tmp_path)), (5, str(tmp_path)), (2, str(tmp_path))]
    assert Doubling.starts == 1


def test_a_worker_has_the_variables_of_the_driver_and_its_share_of_the_processor(tmp_path):
    worker(Doubling, tmp_path, cpus=3, KERAS_BACKEND="jax")
    assert [os.environ[name] for name in ("KERAS_BACKEND", "OMP_NUM_THREADS", "TF_NUM_INTRAOP_THREADS")] == [
        *("jax", "3", "3")
    ]


def test_an_exception_is_an_answer(tmp_path):
    first, error = answers(worker(Doubling, tmp_path), [8, 0, 9])
    assert first == (10, str(tmp_path))
    assert isinstance(error, ResourceError)
    assert str(error) == "the disk is full"
    [bug] = answers(worker(Doubling, tmp_path), [7])
    assert "ZeroDivisionError" in str(bug)


def test_machines_that_differ_are_named(tmp_path):
    [error] = answers(worker(Doubling, tmp_path, version="0.0.1"), [8])
    assert isinstance(error, InputError)
    assert f"has fusioncolor {__version__}, and this one 0.0.1" in str(error)
    [error] = answers(worker(Doubling, tmp_path / "none"), [8])
    assert f"has no folder {tmp_path / 'none'}" in str(error)


def test_what_comes_after_a_request_to_stop_is_not_waited_for(monkeypatch):
    monkeypatch.setattr(Cluster, "_collect", lambda self, start, jobs, put: [put((one,)) for one in jobs])
    seen = []
    for answer in Cluster(1, 1).answers(Doubling, [1, 2, 3], stopped=lambda: len(seen) == 2):
        seen.append(answer)
    assert seen == [1, 2]


def test_the_thread_that_collects_answers_ends_with_those_who_want_them(monkeypatch):
    monkeypatch.setattr(Cluster, "_collect", lambda self, start, jobs, put: [put((one,)) for one in jobs])
    before = set(threading.enumerate())
    answers = Cluster(1, 1).answers(Doubling, range(10 * cluster._WAITING))  # many more than may wait
    assert next(answers) == 0
    assert set(threading.enumerate()) - before
    answers.close()
    assert set(threading.enumerate()) == before


def test_answers_end_and_errors_are_raised(monkeypatch):
    def collect(self, start, jobs, put) -> None:
        put(("one",))
        put(jobs[0])

    monkeypatch.setattr(Cluster, "_collect", collect)
    assert list(Cluster(1, 1).answers(Doubling, [None])) == ["one"]
    with pytest.raises(InputError, match="no such weights"):
        list(Cluster(1, 1).answers(Doubling, [InputError("no such weights")]))


@pytest.mark.parametrize(
    ("message", "cause"),
    [
        ("no machine has 64 CPUs\nadd one", "no machine has 64 CPUs"),
        (
            "The actor died because of an error raised in its creation task\nray.exceptions.RaySystemError: none\n"
            "  File a.py, line 1\nModuleNotFoundError: No module named 'fusioncolor'\n",
            "ModuleNotFoundError: No module named 'fusioncolor'",
        ),
        ("", "RuntimeError"),
    ],
)
def test_a_cluster_without_workers_says_why(message, cause, monkeypatch):
    def dataset(self, start, rows):
        raise RuntimeError(message)

    monkeypatch.setattr(Cluster, "_dataset", dataset)
    with pytest.raises(ResourceError) as caught:
        list(Cluster(1, 1).answers(Doubling, [1]))
    assert str(caught.value) == f"the cluster cannot run workers of fusioncolor {__version__}: {cause}"


def test_workers_fill_the_machines():
    assert [Cluster(4, 64).workers, Cluster(4, 3).workers] == [16, 1]


def test_without_ray_a_sentence_names_the_extra(monkeypatch):
    monkeypatch.setattr(cluster, "find_spec", lambda name: None)
    with pytest.raises(InputError, match=r"Ray Data is not installed: pip install \"fusioncolor\[ray\]\""):
        cluster.check_installed()


def test_an_address_at_which_nobody_answers_is_refused_at_once(monkeypatch):
    monkeypatch.setattr(cluster, "find_spec", lambda name: True)
    monkeypatch.setitem(sys.modules, "ray", None)  # not imported before the address is tried
    with socket.socket() as taken:  # but nobody listens
        taken.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{taken.getsockname()[1]}"
        with pytest.raises(InputError, match=f"nobody answers at {address}"), cluster.connected(address, None):
            pass
    assert os.environ["RAY_ENABLE_AUTO_CONNECT"] == "0"  # read when Ray is imported


def test_servers_that_start_slowly_are_tried_again():
    class Slow:
        left = 3

        def init(self, address, **options):
            self.left -= 1
            if self.left:
                raise Exception("The current node timed out during startup.")

    slow = Slow()
    cluster._init(slow, "local")
    assert slow.left == 0
    slow.left = 9
    with pytest.raises(Exception, match="timed out"):
        cluster._init(slow, "local")
    assert slow.left == 5


class Numbers:
    """A cluster that answers with the number of each item of a job, unless one is in it that kills workers."""

    workers = 2

    def __init__(self, killers=()) -> None:
        self.killers = killers
        self.sizes: list[int] = []

    def answers(self, start, jobs, *, stopped):
        for job in jobs:
            self.sizes.append(len(job))
            if not {number for number, _ in job} & set(self.killers):
                yield from (number for number, _ in job)


def test_items_are_shared_out_to_all_workers_and_batches_stay_together():
    def sizes(count, batch):
        made, left = Numbers(), dict.fromkeys(range(count))
        for number in rounds(made, Doubling, left, batch=batch):
            del left[number]
        assert not left
        return made.sizes

    assert sizes(100, 8) == [13] * 7 + [9]
    assert sizes(20, 8) == [8, 8, 4]
    assert sizes(1024, 8) == [64] * 16


def test_what_kills_workers_is_tried_alone_at_the_end():
    made, left = Numbers(killers=[3]), dict.fromkeys(range(12))
    for number in rounds(made, Doubling, left, batch=4):
        del left[number]
    assert list(left) == [3]
    assert made.sizes == [4, 4, 4, 1, 1, 1, 1]


def test_no_second_round_after_a_request_to_stop():
    made = Numbers()
    assert list(rounds(made, Doubling, dict.fromkeys(range(4)), stopped=lambda: True)) == [0, 1, 2, 3]
    assert made.sizes == [1, 1, 1, 1]
