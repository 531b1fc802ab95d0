"""What prediction and evaluation share: loading by name, and a pipeline that reads, colorizes and writes at once."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any, TypeVar

import numpy as np

from fusioncolor import models, photographs
from fusioncolor.baselines import BASELINES, create_baseline
from fusioncolor.colorizer import Colorizer
from fusioncolor.errors import FatalError, InputError

Item, Read, Written = TypeVar("Item"), TypeVar("Read"), TypeVar("Written")

_OUT_OF_MEMORY = ("RESOURCE_EXHAUSTED", "OOM when allocating", "out of memory")


def load(name: str, references: Sequence[Path] = (), **options) -> Colorizer:
    """A saved colorizer or a baseline, with the options chosen at prediction time.

    Args:
        name: a folder, or a key of `BASELINES`.
        references: photographs that baselines take colors from.
        **options: as for `Colorizer.with_options`; baselines take of them what they can.

    Raises:
        InputError: it cannot be loaded, or has no use for an option.
    """
    if name in BASELINES:
        return create_baseline(name, references).with_options(vividness=options.get("vividness", 1.0))
    try:
        return models.load(name).with_options(**options)
    except InputError as error:
        raise InputError(f"{error} ({name})" if name not in str(error) else str(error)) from error


def check_refinements(name: str, colorizer: Colorizer, refinements: Sequence[str]) -> None:
    """Refuses refinements that a colorizer has nothing for.

    Raises:
        InputError: peaks are wanted of a model without confidence.
    """
    if "peaks" in refinements and colorizer.head.name != "classification":
        raise InputError(f"--refine peaks needs a classification model, which {name} is not")


def title_of(name: str) -> str:
    """The heading of a column: the folder's name, with its run's for `best` and `last`."""
    path = Path(name)
    return f"{path.parent.name}/{path.name}" if path.name in ("best", "last") else path.name


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
        FatalError: as `write` does, or memory does not suffice for a batch.
    """
    batches = iter(batches)
    with ThreadPoolExecutor(workers or photographs.default_workers()) as pool:
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
            raise FatalError(
                f"not enough memory for a batch of {len(whole)}: lower --batch-size, or close other programs"
            ) from error
        raise


def predict_all(
    colorizers: Sequence[Colorizer], inputs: Sequence[Sequence[np.ndarray] | None], batch_size: int
) -> list[tuple | None]:
    """For each photograph, each colorizer's (ab, confidence).

    Args:
        colorizers: C of them.
        inputs: of each photograph C, as each colorizer prepares it; None, not for all of them, leaves a place empty.
        batch_size: batches are padded to it.
    """
    some = next(one for one in inputs if one is not None)
    filled = [[np.zeros_like(each) for each in some] if one is None else one for one in inputs]
    by_colorizer = [
        colorizer.predict(np.stack(prepared), batch_size=batch_size)
        for colorizer, prepared in zip(colorizers, zip(*filled, strict=True), strict=True)
    ]
    answers = list(zip(*by_colorizer, strict=True))
    return [None if one is None else answer for one, answer in zip(inputs, answers, strict=True)]


def _result(future: Future):
    """What a future gives, or the `InputError` it raised, unless that ends everything."""
    try:
        return future.result()
    except FatalError:
        raise
    except InputError as error:
        return error
    except MemoryError:
        return InputError("not enough memory for a photograph: lower --workers, or make it smaller")
