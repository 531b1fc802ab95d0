"""Measurements in a process of their own."""

import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import NamedTuple

from benchmarks.lib.results import PROJECT


def run_apart(module: str, *arguments: object, **environment: str):
    """Runs `python -m module` in a process of its own and returns the JSON value on its last line of output.

    Every backend starts alone this way, and none is slowed down by what another one left behind.

    Args:
        module: such as "benchmarks.programs.network".
        *arguments: command-line arguments.
        **environment: environment variables to add, such as `KERAS_BACKEND="jax"`.

    Returns:
        The value, or None if the process failed; the reason is printed to standard error.
    """
    done = subprocess.run(
        [sys.executable, "-m", module, *map(str, arguments)],
        cwd=PROJECT,
        env={**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3", **environment},
        capture_output=True,
        text=True,
    )
    if done.returncode:
        reason = (done.stderr.strip().splitlines() or ["killed"])[-1][:150]
        print(f"{module} left out: {reason}", file=sys.stderr)
        return None
    return json.loads(done.stdout.strip().splitlines()[-1])


class Times(NamedTuple):
    """Seconds of a process: on the clock, and of processor time."""

    clock: float
    processor: float


def best_times(arguments: tuple, rounds: int, compiled: Path) -> Times:
    """Runs Python several times, with a folder for compiled files; returns the best times."""
    found, environment = [], {**os.environ, "PYTHONPYCACHEPREFIX": str(compiled)}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    for _ in range(rounds):
        before, start = os.times(), time.perf_counter()
        done = subprocess.run(
            [sys.executable, *map(str, arguments)], cwd=PROJECT, env=environment, capture_output=True, text=True
        )
        clock, after = time.perf_counter() - start, os.times()
        if done.returncode:
            raise RuntimeError(done.stderr.strip()[-300:])
        processor = after.children_user + after.children_system - before.children_user - before.children_system
        found.append(Times(clock, processor))
    return Times(min(one.clock for one in found), min(one.processor for one in found))
