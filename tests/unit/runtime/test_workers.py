import itertools
import threading

import pytest

from fusioncolor.errors import InputError, ResourceError
from fusioncolor.runtime.workers import ahead, default_workers, overlapped


def run(batches, read=lambda item: item, work=lambda batch: batch, write=lambda item, answer: (item, answer)):
    return list(overlapped(batches, read, work, write, workers=2))


def test_every_item_comes_out_with_the_result_of_its_own_answer():
    results = run([[1, 2], [3]], read=lambda item: item * 10, work=lambda batch: [value + 1 for value in batch])
    assert results == [(1, (10, 11)), (2, (20, 21)), (3, (30, 31))]


def test_an_item_that_fails_leaves_its_place_empty_and_the_rest_goes_on():
    def read(item):
        if item == 2:
            raise InputError("two is torn")
        return None if item == 3 else item

    batches = []

    def work(batch):
        batches.append(batch)
        return batch

    results = dict(run([[1, 2, 3], [4]], read, work))
    assert batches == [[1, None, None], [4]]
    assert str(results[2]) == "two is torn"
    assert results[3] is None
    assert (results[1], results[4]) == ((1, 1), (4, 4))


def test_a_batch_of_nothing_is_no_work():
    assert run([[1, 2]], read=lambda item: None, work=lambda batch: pytest.fail("nothing to do")) == [
        (1, None),
        (2, None),
    ]


@pytest.mark.parametrize(
    "error",
    [MemoryError(), RuntimeError("RESOURCE_EXHAUSTED: OOM when allocating"), RuntimeError("can't start new thread")],
)
def test_too_little_memory_for_a_batch_ends_everything_with_advice(error):
    def work(batch):
        raise error

    with pytest.raises(ResourceError, match="not enough memory for a batch of 2"):
        run([[1, 2]], work=work)


def test_a_full_disk_ends_everything():
    def write(item, answer):
        raise ResourceError("the disk is full")

    with pytest.raises(ResourceError, match="disk is full"):
        run([[1]], write=write)


def test_other_errors_are_defects_and_pass():
    with pytest.raises(ZeroDivisionError):
        run([[1]], work=lambda batch: 1 / 0)


def test_the_next_batch_is_read_while_one_is_worked_on():
    second_is_read = threading.Event()

    def read(item):
        if item == 2:
            second_is_read.set()
        return item

    def work(batch):
        assert batch == [2] or second_is_read.wait(timeout=30)
        return batch

    assert [item for item, _ in run([[1], [2]], read, work)] == [1, 2]


def test_there_are_threads_for_every_core_up_to_16(monkeypatch):
    for cores, workers in ((None, 1), (4, 4), (64, 16)):
        monkeypatch.setattr("os.cpu_count", lambda cores=cores: cores)
        assert default_workers() == workers


def test_items_come_ahead_in_order_and_a_closed_generator_stops_its_thread():
    ended = threading.Event()

    def count():
        try:
            yield from itertools.count()
        finally:
            ended.set()

    items = ahead(count(), 3)
    assert [next(items) for _ in range(10)] == list(range(10))
    items.close()
    assert ended.wait(5)
    assert list(ahead(range(5), 2)) == [0, 1, 2, 3, 4]


def test_an_error_ahead_of_time_is_raised_after_the_items_before_it():
    def failing():
        yield 1
        raise InputError("broken")

    items = ahead(failing(), 3)
    assert next(items) == 1
    with pytest.raises(InputError, match="broken"):
        next(items)
