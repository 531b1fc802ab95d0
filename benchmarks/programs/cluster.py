"""Prints what a run on a Ray cluster of this machine takes for files in which there is little or nothing.

python -m benchmarks.programs.cluster KIND COUNT REACHED FOLDER

Of the KIND "empty" are files that are read and refused, of the KIND "tiny" photographs of 8x8 pixels, to which a
constant color is added.

After the first REACHED of COUNT files, the run is stopped as by Ctrl-C.
"""

import json
import os
import resource
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import fusioncolor
from benchmarks.lib.files import make_empty_files, make_tiny_photographs
from fusioncolor.config import PredictConfig
from fusioncolor.runtime.reporting import Bar, Reporter

WORKER, SERVERS = "ray::MapWorker", ("gcs_server", "raylet")  # beginnings of the names of processes
EVERY = 0.3  # seconds


class Watch(threading.Thread):
    """Notes the most memory that processes of Ray have had.

    Attributes:
        worker: bytes of the largest worker.
        servers: bytes of the head's servers, together.
    """

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self.worker = self.servers = 0

    def run(self) -> None:
        """Looks at all processes again and again."""
        while True:
            rows = started_by(os.getpid())
            self.worker = max([self.worker, *(size for size, name in rows if name.startswith(WORKER))])
            programs = [(size, Path(name.split()[0]).name) for size, name in rows]
            self.servers = max(self.servers, sum(size for size, name in programs if name in SERVERS))
            time.sleep(EVERY)


def started_by(process: int) -> list[tuple[int, str]]:
    """Returns bytes and name of each process that was started by a process, directly or not."""
    listed = subprocess.run(["ps", "-eo", "pid=,ppid=,rss=,args="], capture_output=True, text=True).stdout
    rows = [line.split(maxsplit=3) for line in sorted(listed.splitlines(), key=lambda line: int(line.split()[0]))]
    family, found = {str(process)}, []
    for number, parent, size, name in rows:  # a child's number is larger, until numbers begin anew
        if parent in family:
            family.add(number)
            found.append((int(size) * 1024, name))
    return found


class Stopping(Reporter, Bar):
    """Presses Ctrl-C once so many photographs are reached; never, if the number is negative."""

    def __init__(self, after: int) -> None:
        self.left = after

    @contextmanager
    def bar(self, label: str, total: int | None, *, unit: str = "img") -> Iterator[Bar]:
        """Counts what advances, but for the listing."""
        yield self if label == "colorizing" else Bar()

    def advance(self, count: int = 1) -> None:
        """Counts photographs."""
        self.left -= count
        if self.left == 0:
            os.kill(os.getpid(), signal.SIGINT)


def main(kind: str, count: str, reached: str, folder: str) -> None:
    """Prints [seconds, bytes of the driver, of the largest worker, of Ray's servers] as JSON."""
    make_files = {"empty": make_empty_files, "tiny": make_tiny_photographs}[kind]
    make_files(Path(folder), int(count))
    watch, start = Watch(), time.perf_counter()
    watch.start()
    config = PredictConfig(photographs=[Path(folder)], output=Path(folder) / "out", weights=["gray"], cluster="ray")
    result = fusioncolor.colorize_folder(config, reporter=Stopping(int(reached) if int(reached) < int(count) else -1))
    seconds = time.perf_counter() - start
    if sum(result.counts.values()) < int(reached):
        sys.exit(f"{sum(result.counts.values())} files were reached")
    driver = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    print(json.dumps([seconds, driver, watch.worker, watch.servers]))


if __name__ == "__main__":
    main(*sys.argv[1:])
