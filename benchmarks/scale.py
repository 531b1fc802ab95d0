"""Measures what a photograph costs, checks that against other runs, and works out large collections from it.

    python -m benchmarks.scale
    python -m benchmarks.scale --megapixels 6 --cores 8 --price 0.05 --bandwidth 2000
    python -m benchmarks.scale --training

The costs are processor seconds of whole commands, files to files, so that other work on the machine disturbs them
little: of a start, of a photograph at the network's size, of each megapixel that is read and written, and of each path
that is listed; with `--training`, of a photograph in an epoch instead. The formulas are in docs/scale.md.
"""

import argparse
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from benchmarks.lib.processes import run_apart
from benchmarks.lib.results import PROJECT, markdown, record
from benchmarks.lib.scenes import render

DIFFERENT = 24  # files in a folder, the others are links to them
TOTALS, WORKERS = (10**6, 10**8), (1, 10, 1000)
LISTED = (2_000, 20_000)  # paths of the two listings that are compared
HOUR = 3600.0
RUNTIME = "openvino"
FITTED = [(8, 256), (104, 256), (24, 2048)]  # photographs and their sides in pixels, from which the costs come
CHECKED = [(64, 512, 1), (32, 1024, 1), (8, 3072, 1), (64, 256, 2)]  # the same, and processes, one after the other
EPOCHS_FITTED, EPOCHS_CHECKED = [(16, 1), (16, 3)], (32, 2)  # photographs and epochs of trainings


@dataclass(frozen=True)
class Costs:
    """What colorizing takes.

    Attributes:
        start: processor seconds of a process before its first photograph.
        photograph: processor seconds a photograph, whatever its size.
        megapixel: processor seconds for each megapixel of a photograph, to read and write it.
        path: seconds to list a path and to choose the file for its result; every process lists all paths.
        memory: bytes that a listed path takes.
        record: bytes of a finished photograph in the record of an output folder.
        transfer: bytes read and written for each megapixel.
    """

    start: float
    photograph: float
    megapixel: float
    path: float
    memory: float
    record: float
    transfer: float

    def of_run(self, count: int, megapixels: float, processes: int = 1) -> float:
        """Returns the processor seconds of `count` photographs that several processes share."""
        return processes * self.start + count * (self.photograph + megapixels * self.megapixel)


@dataclass(frozen=True)
class Machines:
    """What is given to the work.

    Attributes:
        cores: of each worker.
        megapixels: of each photograph.
        bandwidth: megabytes a second that the workers' shared storage delivers and takes, all together.
        price: of a core for an hour, in any currency.
    """

    cores: int
    megapixels: float
    bandwidth: float
    price: float


def folder_of(count: int, side: int, around: Path) -> Path:
    """Makes a folder of square photographs."""
    files = render(around / f"files-{side}", (side, side), min(count, DIFFERENT))
    folder = around / f"{count}-of-{side}"
    folder.mkdir()
    for index in range(count):
        (folder / f"{index}.jpg").symlink_to(files[index % len(files)])
    return folder


def processor_seconds(script: str, *arguments: object) -> float:
    """Runs a script of the project, and returns the processor seconds that it took.

    Raises:
        RuntimeError: it failed.
    """
    before = os.times()
    command = [sys.executable, script, *map(str, arguments)]
    done = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(f"{script}: {done.stderr.strip()[-300:]}")
    after = os.times()
    return after.children_user + after.children_system - before.children_user - before.children_system


def colorize(folder: Path, output: Path, *options: object) -> float:
    """Returns the processor seconds of `predict.py` on a folder."""
    return processor_seconds("predict.py", folder, "--output", output, "--runtime", RUNTIME, *options)


def measured(around: Path) -> Costs:
    """Measures the costs in three runs of `predict.py` and two listings."""
    folders = [folder_of(count, side, around / "fit") for count, side in FITTED]
    taken = [colorize(folder, around / f"out-{folder.name}") for folder in folders]
    equations = [(1, count, count * megapixels(side)) for count, side in FITTED]
    start, photograph, megapixel = np.linalg.solve(np.array(equations), np.array(taken))
    few, many = (run_apart("benchmarks.programs.listing", count, around / f"listed-{count}") for count in LISTED)
    path, memory = ((b - a) / (LISTED[1] - LISTED[0]) for a, b in zip(few, many, strict=True))
    count, side = FITTED[-1]
    output = around / f"out-{folders[-1].name}"
    moved = _bytes_in(folders[-1]) + _bytes_in(output)
    records = sum(file.stat().st_size for file in output.glob(".fusioncolor*.jsonl"))
    return Costs(start, photograph, megapixel, path, memory, records / count, moved / count / megapixels(side))


def megapixels(side: int) -> float:
    """Returns the megapixels of a square photograph."""
    return side**2 / 1e6


def _bytes_in(folder: Path) -> int:
    return sum(file.stat().st_size for file in folder.glob("*.jpg"))


def checks(costs: Costs, around: Path) -> list[dict]:
    """Compares what the formula says with runs that it was not fitted to."""
    rows = []
    for count, side, processes in CHECKED:
        folder, output = folder_of(count, side, around / "check"), around / f"check-{side}-{processes}"
        shards = [("--shard", f"{one}/{processes}") for one in range(1, processes + 1)] if processes > 1 else [()]
        taken = sum(colorize(folder, output, *shard) for shard in shards)
        said = costs.of_run(count, megapixels(side), processes)
        row = {"photographs": count, "side": side, "processes": processes}
        rows.append(row | {"formula (s)": said, "measured (s)": taken, "measured / formula": taken / said})
    return rows


def table(costs: Costs, machines: Machines) -> list[dict]:
    """Works out collections of 10^6 and 10^8 photographs on 1, 10 and 1,000 workers."""
    return [_row(costs, machines, total, workers) for total in TOTALS for workers in WORKERS]


def _row(costs: Costs, machines: Machines, total: int, workers: int) -> dict:
    core_seconds = costs.of_run(total, machines.megapixels, workers)
    listing = total * costs.path
    computing = core_seconds / workers / machines.cores
    transfer = total * machines.megapixels * costs.transfer / 1e6 / machines.bandwidth
    slowest = max((computing, "processors"), (transfer, "storage"), (listing, "listing"))
    hours = (max(computing, transfer) + listing) / HOUR
    return {
        "photographs": f"{total:.0e}",
        "workers": workers,
        "hours": hours,
        "price": hours * workers * machines.cores * machines.price,
        "MB/s": total * machines.megapixels * costs.transfer / 1e6 / computing,
        "listing (h)": listing / HOUR,
        "GiB a worker for paths": total * costs.memory / 2**30,
        "slowest": slowest[1],
    }


def training(around: Path) -> dict:
    """Measures what a photograph takes in an epoch of the published network at 256x256, and checks that."""
    one, three = (train(count, epochs, around) for count, epochs in EPOCHS_FITTED)
    count = EPOCHS_FITTED[0][0]
    each = (three - one) / (EPOCHS_FITTED[1][1] - EPOCHS_FITTED[0][1]) / count
    photographs, epochs = EPOCHS_CHECKED
    said, taken = one - count * each + photographs * epochs * each, train(photographs, epochs, around)
    return {
        "start": one - count * each,
        "photograph and epoch": each,
        "core hours of an epoch of 1e+06": each * 1e6 / HOUR,
        "formula (s)": said,
        "measured (s)": taken,
        "measured / formula": taken / said,
    }


def train(count: int, epochs: int, around: Path) -> float:
    """Returns the processor seconds of `train.py` on rendered photographs, of which every fourth validates."""
    folder = around / f"train-{count}"
    render(folder, (256, 256), count)
    options = ("--batch-size", 8, "--validation-split", 0.25, "--inception-weights", "none")
    return processor_seconds(
        "train.py", folder, "--run", around / f"run-{count}-{epochs}", "--epochs", epochs, *options
    )


def main(arguments: Sequence[str] | None = None) -> int:
    """Prints the costs, the checks, and the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cores", type=int, default=4, help="of each worker")
    parser.add_argument("--megapixels", type=float, default=2.0, help="of each photograph")
    parser.add_argument("--bandwidth", type=float, default=1000.0, help="of the shared storage, in megabytes a second")
    parser.add_argument("--price", type=float, default=0.04, help="of a core for an hour")
    parser.add_argument("--training", action="store_true", help="measure training instead")
    options = parser.parse_args(arguments)
    machines = Machines(options.cores, options.megapixels, options.bandwidth, options.price)
    with tempfile.TemporaryDirectory() as name:
        if options.training:
            record("scale_training", [training(Path(name))])
            return 0
        costs = measured(Path(name))
        record("scale", [vars(costs)])
        record("scale_checks", checks(costs, Path(name)))
    print(f"\n{markdown(table(costs, machines))}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
