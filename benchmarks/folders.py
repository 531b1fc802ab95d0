"""Folders of photographs, files to files: rate, share of the bare network's rate, and whether time and memory grow.

    python -m benchmarks.folders
    python -m benchmarks.folders --counts 10 100 1000 10000 --sides 256

Every folder is a process of its own, in which the bare network is measured first. Files are rendered with a sensor's
grain; a folder holds links to 24 of them.
"""

import argparse
import sys
import tempfile
from pathlib import Path

from benchmarks.feeding import render
from benchmarks.results import apart, record

SCRIPT = """
import json, resource, sys, threading, time
from pathlib import Path
import numpy as np
from fusioncolor import manifest, prediction, tasks
from fusioncolor.config import PredictConfig
source, output = Path(sys.argv[1]), Path(sys.argv[2])
config = PredictConfig(output=output, skip_existing=False)
planned = tasks.plan(tasks.find([source]), output)
work = prediction.Prediction(config)
network = pipeline.colorizers[0].network
lightness = np.random.default_rng(0).uniform(0, 100, (8, 256, 256, 1)).astype(np.float32)
network.predict_on_batch(lightness), network.predict_on_batch(lightness)
start = time.perf_counter()
for _ in range(10):
    network.predict_on_batch(lightness)
bare = 80 / (time.perf_counter() - start)
with manifest.opened(output, work.settings()) as finished:
    list(work.run(planned[:8], finished, threading.Event()))
    start = time.perf_counter()
    count = sum(outcome.status == "done" for outcome, _ in work.run(planned, finished, threading.Event()))
    seconds = time.perf_counter() - start
assert count == len(planned), (count, len(planned))
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
print(json.dumps([bare, count / seconds, peak]))
"""
SIDES = {256: (256, 256), 512: (512, 512), 1024: (1024, 1024), 2048: (2048, 2048), 4000: (3000, 4000)}


def main() -> int:
    """Prints one table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--counts", type=int, nargs="+", default=[200])
    parser.add_argument("--sides", type=int, nargs="+", choices=SIDES, default=list(SIDES))
    options = parser.parse_args()
    rows = []
    for side in options.sides:
        for count in options.counts:
            with tempfile.TemporaryDirectory() as name:
                files = render(Path(name) / "files", SIDES[side], min(count, 24))
                folder = Path(name) / "folder"
                folder.mkdir()
                for index in range(count):
                    (folder / f"{index}.jpg").symlink_to(files[index % len(files)])
                result = apart(SCRIPT, folder, Path(name) / "out")
            if result is not None:
                bare, rate, peak = result
                height, width = SIDES[side]
                row = {"pixels": f"{width}x{height}", "photographs": count, "images/s": rate}
                row |= {"bare network's rate": f"{rate / bare:.0%}", "seconds each": 1 / rate}
                rows.append(row | {"seconds a megapixel": 1e6 / rate / height / width, "peak GiB": peak})
                print(rows[-1], file=sys.stderr)
    record("folders", rows)
    return 0


if __name__ == "__main__":
    sys.exit(main())
