"""Rates and durations."""

import time
from collections.abc import Callable

import numpy as np

BATCH = 8  # photographs per batch in every measurement that does not say otherwise


def photographs_per_second(step: Callable[[int], object], *, steps: int) -> float:
    """Photographs per second of `step(index)`, which processes one batch; the first two calls warm up."""
    step(0), step(1)
    start = time.perf_counter()
    for index in range(2, 2 + steps):
        step(index)
    return BATCH * steps / (time.perf_counter() - start)


def best_pace(step: Callable[[], object], *, times: int) -> tuple[float, float]:
    """Photographs per second, and processor seconds of all threads for one, of calls that process a batch each.

    The best of both counts, because other work on the machine only adds to them; the first call warms up.
    """
    found = []
    step()
    for _ in range(times):
        start, processor = time.perf_counter(), time.process_time()
        step()
        found.append((time.perf_counter() - start, time.process_time() - processor))
    return BATCH / min(one[0] for one in found), min(one[1] for one in found) / BATCH


def durations(work: Callable[[], object], *, times: int) -> list[float]:
    """Seconds that each of several calls takes."""
    taken = []
    for _ in range(times):
        start = time.perf_counter()
        work()
        taken.append(time.perf_counter() - start)
    return taken


def median_seconds(work: Callable[[], object], *, times: int) -> float:
    """Median duration of several calls, in seconds."""
    return float(np.median(durations(work, times=times)))
