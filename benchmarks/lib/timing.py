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
