"""Measures the memory of a run on a Ray cluster of this machine: of the driver, of a worker, and of Ray's own servers.

    python -m benchmarks.cluster --counts 1000 10000 100000
    python -m benchmarks.cluster --counts 1000000 --reached 20000
    python -m benchmarks.cluster --counts 1000 10000 --kind tiny

The photographs are empty files, which workers read and refuse, or tiny ones, which they colorize, so that only their
number matters.
"""

import argparse
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from benchmarks.lib.processes import run_apart
from benchmarks.lib.results import record


def main(arguments: Sequence[str] | None = None) -> int:
    """Prints one table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--counts", type=int, nargs="+", default=[1000, 10_000, 100_000], help="files in a folder")
    parser.add_argument("--reached", type=int, help="stop after so many of them (default: all)")
    parser.add_argument("--kind", choices=("empty", "tiny"), default="empty", help="of the files")
    options = parser.parse_args(arguments)
    rows = []
    for count in options.counts:
        with tempfile.TemporaryDirectory() as name:
            reached = min(options.reached or count, count)
            result = run_apart("benchmarks.programs.cluster", options.kind, count, reached, Path(name) / "folder")
        if result is None:
            continue
        seconds, *taken = result
        driver, worker, servers = (size / 2**20 for size in taken)
        row = {
            "files": options.kind,
            "paths": count,
            "reached": reached,
            "driver (MiB)": driver,
            "worker (MiB)": worker,
            "Ray's servers (MiB)": servers,
        }
        rows.append(row | {"seconds": seconds})
        print(rows[-1], file=sys.stderr)
    if not rows:
        sys.exit("no run succeeded")
    record("cluster", rows)
    return 0


if __name__ == "__main__":
    sys.exit(main())
