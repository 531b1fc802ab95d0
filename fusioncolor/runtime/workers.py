"""Threads: how many, and a pipeline that reads, works and writes at once."""

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, TypeVar

from fusioncolor.errors import InputError, ResourceError

Item, Read, Written = TypeVar("Item"), TypeVar("Read"), TypeVar("Written")

_OUT_OF_MEMORY = ("RESOURCE_EXHAUSTED", "OOM when allocating", "out of memory")


def overlapped(
    batches: Iterable[Sequence[Item]],
    read: Callable[[Item], Read | None],
    work: Callable[[list[Read | None]], list],
    write: Callable[[Read, Any], Written],
    *,
    workers: int | None,
) -> Iterator[tuple[Item, Written | InputError | None]]:
    """Takes items through three stages: while `work` has one batch, threads read the next and write the one before.

    Args:
        batches: of items of any kind.
        read: gives what `work` needs of one item, or None if there is nothing to do; an `InputError` that it raises is
            the item's result.
        work: a batch of what was read, None in the places of the others -> one answer for each place; called in this
            thread.
        write: gives the result of what was read and its answer; an `InputError` that it raises is the result.
        workers: threads; default: one per core.

    Yields:
        Each item with its result, those that were not read a little early.

    Raises:
        ResourceError: as `write` does, or memory does not suffice for a batch.
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
    """What `work` makes of a batch; memory that does not suffice becomes one sentence."""
    try:
        return work(whole)
    except Exception as error:
        if isinstance(error, MemoryError) or any(words in str(error) for words in _OUT_OF_MEMORY):
            raise ResourceError(
                f"not enough memory for a batch of {len(whole)}: lower `batch_size`, or close other programs"
            ) from error
        raise


def _result(future: Future):
    """What a future gives, or the `InputError` it raised, unless that ends everything."""
    try:
        return future.result()
    except InputError as error:
        return error
    except MemoryError:
        return InputError("not enough memory for a photograph: lower `workers`, or make it smaller")


def default_workers() -> int:
    """Threads for reading photographs: one per core, at most 16."""
    return min(os.cpu_count() or 1, 16)
