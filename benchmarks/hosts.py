"""Measures weak scaling of training: one process on one core, two on a core each, with the same work for each process.

    KERAS_BACKEND=jax python -m benchmarks.hosts

Two processes share batches twice as large, of twice as many photographs. They meet over loopback, so that the figures
hold the cost of waiting for each other and of adding gradients, not that of a network. An epoch's seconds, validation
included, are the fewest of several after the first, so that compiling and other work on the machine count least.
"""

import argparse
import itertools
import os
import re
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from benchmarks.lib.results import PROJECT, record
from benchmarks.lib.scenes import render

BATCH, STEPS = 8, 8  # of a process: photographs a step, steps an epoch
EPOCHS = 12
OPTIONS = ("--no-inception", "--precision", "float32", "--validation-split", 0.2)


def addresses(count: int) -> str:
    """Returns free ports of this machine."""
    sockets = [socket.socket() for _ in range(count)]
    try:
        for each in sockets:
            each.bind(("127.0.0.1", 0))
        return ",".join(f"127.0.0.1:{each.getsockname()[1]}" for each in sockets)
    finally:
        for each in sockets:
            each.close()


def epoch_seconds(processes: int, side: int, around: Path) -> list[float]:
    """Returns the seconds of each epoch but the first, of several processes that are each bound to a core of its own.

    Raises:
        RuntimeError: a process failed.
    """
    photographs, hosts = around / f"photographs-{processes}", addresses(processes)
    render(photographs, (side, side), round(BATCH * STEPS * processes / 0.8))
    arguments = [
        *(photographs, "--run", around / f"run-{processes}", "--epochs", EPOCHS, "--image-size", side),
        *("--batch-size", BATCH * processes, *OPTIONS),
    ]
    running = [
        started(index, *arguments, *(("--hosts", hosts, "--host-index", index) if processes > 1 else ()))
        for index in range(processes)
    ]
    printed, ended = [], []
    for line in running[0].stdout:
        printed.append(line)
        if re.match(rf"epoch \d+/{EPOCHS}: loss", line):
            ended.append(time.perf_counter())
    codes = [process.wait() for process in running]
    if any(codes) or len(ended) != EPOCHS:
        raise RuntimeError("".join(printed[-5:]))
    return [after - before for before, after in itertools.pairwise(ended)]


def started(core: int, *arguments: object) -> subprocess.Popen:
    """Starts a training that is bound to a core; the first one's messages are to be read from it."""
    environment = {**os.environ, "KERAS_BACKEND": "jax", "JAX_PLATFORMS": "cpu", "PYTHONUNBUFFERED": "1"}
    return subprocess.Popen(
        [sys.executable, "train.py", *map(str, arguments)],
        cwd=PROJECT,
        env=environment,
        stdout=subprocess.DEVNULL if core else subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        preexec_fn=lambda: os.sched_setaffinity(0, {core}),
    )


def main(arguments: Sequence[str] | None = None) -> int:
    """Prints one table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--side", type=int, default=64, help="of the photographs that the network sees, in pixels")
    options = parser.parse_args(arguments)
    rows, alone = [], None
    with tempfile.TemporaryDirectory() as name:
        for processes in (1, 2):
            seconds = epoch_seconds(processes, options.side, Path(name))
            fewest = min(seconds)
            alone = alone or fewest
            rows.append(
                {
                    "processes": processes,
                    "side": options.side,
                    "photographs an epoch": BATCH * STEPS * processes,
                    "batch": BATCH * processes,
                    "seconds an epoch": fewest,
                    "median": statistics.median(seconds),
                    "efficiency": f"{alone / fewest:.0%}",
                }
            )
    record("hosts", rows)
    return 0


if __name__ == "__main__":
    sys.exit(main())
