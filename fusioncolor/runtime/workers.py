"""Threads: a pipeline that reads, processes and writes at the same time, and the default number of threads."""

import os
import queue
import threading
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, TypeVar

from fusioncolor.errors import InputError, ResourceError

Item, Read, Written = TypeVar("Item"), TypeVar("Read"), TypeVar("Written")

_OUT_OF_MEMORY = (  # words in the messages of TensorFlow, OpenCV, C++ and Python
    *("RESOURCE_EXHAUSTED", "OOM when allocating", "out of memory", "Insufficient memory", "bad_alloc"),
    "can't start new thread",
)


def overlapped(
    batches: Iterable[Sequence[Item]],
    read: Callable[[Item], Read | None],
    work: Callable[[list[Read | None]], list],
    write: Callable[[Read, Any], Written],
    *,
    workers: int | None,
) -> Iterator[tuple[Item, Written | InputError | None]]:
    """Processes items in three stages: while `work` has a batch, threads read the next and write the previous one.

    Args:
        batches: batches of items of any kind.
        read: reads one item and returns the input of `work`, or None if there is nothing to do. If it raises an
            `InputError`, that is the item's result.
        work: takes a batch of inputs, with None for items without one, and returns one answer per item. It is called
            in the current thread.
        write: takes an item's input and answer, and returns the item's result. If it raises an `InputError`, that is
            the result.
        workers: number of threads; None for one per core.

    Yields:
        Each item with its result; items without an input come a little early.

    Raises:
        ResourceError: `write` raised it, or there is not enough memory for a batch.
    """
    batches = iter(batches)
    with ThreadPoolExecutor(workers or default_workers()) as pool:
        batch = next(batches, [])
        reading = [pool.submit(read, item) for item in batch]
        writing: list[tuple[Item, Future]] = []
        while batch:
            results = [_result(future) for future in reading]
            following = next(batches, [])
            reading = [pool.submit(read, item) for item in following]
            unread = [result is None or isinstance(result, InputError) for result in results]
            yield from ((item, result) for item, result, no in zip(batch, results, unread, strict=True) if no)
            whole = [None if no else result for result, no in zip(results, unread, strict=True)]
            answers = _work(work, whole) if not all(unread) else whole
            yield from ((item, _result(future)) for item, future in writing)
            writing = [
                (item, pool.submit(write, result, answer))
                for item, result, answer in zip(batch, whole, answers, strict=True)
                if result is not None
            ]
            batch = following
        yield from ((item, _result(future)) for item, future in writing)


def _work(work: Callable[[list], list], whole: list) -> list:
    """Calls `work`; turns running out of memory into a `ResourceError`."""
    try:
        return work(whole)
    except Exception as error:
        if is_out_of_memory(error):
            raise ResourceError(
                f"not enough memory for a batch of {len(whole)}: lower `batch_size`, or close other programs"
            ) from error
        raise


def is_out_of_memory(error: Exception) -> bool:
    """Tells whether an exception, of Python, OpenCV or the library that runs the network, means a lack of memory."""
    return isinstance(error, MemoryError) or any(words in str(error) for words in _OUT_OF_MEMORY)


def _result(future: Future):
    """Returns the result of a future, or the `InputError` it raised; other exceptions pass."""
    try:
        return future.result()
    except InputError as error:
        return error
    except MemoryError:
        return InputError("not enough memory for a photograph: lower `workers`, or make the photograph smaller")


def ahead(items: Iterable[Item], most: int) -> Generator[Item, None, None]:
    """Yields items that a thread of its own takes from an iterable ahead of time, so that stages work side by side.

    Close the generator to stop the thread; it ends after the item that it is at.

    Args:
        items: the items; a generator is closed in the thread.
        most: items that may wait.

    Raises:
        BaseException: whatever the iterable raises.
    """
    waiting: queue.Queue = queue.Queue(most)
    stopped = threading.Event()

    def put(entry: tuple[str, Any]) -> bool:
        while not stopped.is_set():
            try:
                waiting.put(entry, timeout=0.1)
                return True
            except queue.Full:
                continue
        return False

    def work() -> None:
        iterator = iter(items)
        try:
            for item in iterator:
                if not put(("item", item)):
                    return
            put(("end", None))
        except BaseException as error:
            put(("error", error))
        finally:
            if hasattr(iterator, "close"):
                iterator.close()

    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    try:
        while True:
            kind, value = waiting.get()
            if kind == "end":
                return
            if kind == "error":
                raise value
            yield value
    finally:
        stopped.set()
        thread.join()


def default_workers() -> int:
    """Returns the number of threads for reading photographs: one per core, at most 16."""
    return min(os.cpu_count() or 1, 16)
