"""Measures the time from an empty process to the first picture, with every runtime that is installed.

    python -m benchmarks.cold_start

Each row is a command in a process of its own, files to files; the fastest of several rounds counts. Processor time is
the sum over all cores; it suffers less from other work on the machine than the time on the clock. Compiled Python files
are kept in a folder of their own, as an installation keeps them, whatever PYTHONDONTWRITEBYTECODE says.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

from benchmarks.lib.results import PROJECT, record
from benchmarks.lib.scenes import render
from fusioncolor.config import DEFAULT_WEIGHTS
from fusioncolor.models import engines

NOTHING = ("-c", "pass")


class Times(NamedTuple):
    """Seconds of a process: on the clock, and of processor time."""

    clock: float
    processor: float


def measure(arguments: tuple, rounds: int, compiled: Path) -> Times:
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


def commands(photograph: Path, output: Path) -> dict[str, tuple]:
    """Returns the arguments of Python by what they do."""
    runtimes = [name for name, one in engines.RUNTIMES.items() if one.is_installed()]
    to_picture = ("predict.py", photograph, "--output", output, "--weights", DEFAULT_WEIGHTS, "--no-skip-existing")
    return {
        "nothing: Python alone": NOTHING,
        "import fusioncolor": ("-c", "import fusioncolor"),
        "predict.py --help": ("predict.py", "--help"),
        **{f"first picture, {name}": (*to_picture, "--runtime", name) for name in (*runtimes, "keras")},
    }


def main() -> int:
    """Prints one table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5, help="times that each command is run")
    parser.add_argument("--side", type=int, default=256, help="side of the photograph in pixels")
    options = parser.parse_args()
    rows = []
    with tempfile.TemporaryDirectory() as name:
        [photograph] = render(Path(name) / "in", (options.side, options.side), 1)
        for what, arguments in commands(photograph, Path(name) / "out").items():
            best = measure(arguments, options.rounds, Path(name) / "compiled")
            rows.append({"what": what, "seconds": f"{best.clock:.2f}", "processor seconds": f"{best.processor:.2f}"})
    record("cold_start", rows)
    return 0


if __name__ == "__main__":
    sys.exit(main())
