"""Measures the peak memory of predict.py, TensorFlow included, by the size and by the number of photographs.

    python -m benchmarks.memory
    python -m benchmarks.memory --folder 1000      also a folder of 1,000 photographs of mixed sizes
    python -m benchmarks.memory --batches 1 8 32   instead: folders of 256x256, by batch size

Alive at once, at least: the program with its libraries, the weights, the largest input and output of a layer for a
batch, and the photographs in progress with their results.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

from benchmarks.lib.results import PROJECT, record
from fusioncolor import images

MEGAPIXELS = (0.065, 1, 12, 24, 50)
MIXED = ((150, 150), (480, 640), (1080, 1920), (3000, 4000))


def photograph(path: Path, height: int, width: int) -> None:
    """Writes a smooth picture with some noise, about as large as a camera's JPEG."""
    rng = np.random.default_rng(0)
    small = rng.integers(0, 256, (9, 13, 3), dtype=np.uint8)
    rgb = images.resize(small, (height, width))
    noise = rng.integers(0, 12, (256, 256, 1), dtype=np.uint8)
    tiles = np.tile(noise, (height // 256 + 1, width // 256 + 1, 1))[:height, :width]
    images.write(path, np.clip(rgb.astype(np.int16) + tiles, 0, 255).astype(np.uint8))


def run(source: Path, output: Path, *options: object) -> tuple[float, float]:
    """Peak memory in GiB and seconds of predict.py on a file or folder."""
    command = [sys.executable, PROJECT / "predict.py", source, "--output", output, *map(str, options)]
    start = time.perf_counter()
    process = subprocess.Popen(command, cwd=PROJECT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    if status:
        sys.exit(f"predict.py failed on {source}")
    return usage.ru_maxrss / 2**20, time.perf_counter() - start


def by_batch(sizes: list[int]) -> None:
    """Records the peak by batch size, and the part of it that grows; the rest is the program itself."""
    # GiB per photograph in bfloat16: the input of decoder0, its skip connection, and its output
    alive = 2 * 256 * 256 * (32 + 32 + 32) / 2**30
    rows = []
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary) / "photographs"
        for index in range(3 * max(sizes)):
            photograph(folder / f"{index}.jpg", 256, 256)
        for size in sizes:
            peak, seconds = run(folder, Path(temporary) / f"out-{size}", "--batch-size", size)
            rows.append({"batch size": size, "peak (GiB)": peak, "largest tensors of a batch (GiB)": size * alive})
            rows[-1]["images/s, start included"] = 3 * max(sizes) / seconds
    record("memory", rows)


def main() -> int:
    """Prints one table in Markdown."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--folder", type=int, default=0, help="also a folder of this many photographs of mixed sizes")
    parser.add_argument("--batches", type=int, nargs="+", default=[], help="batch sizes to measure instead")
    options = parser.parse_args()
    if options.batches:
        by_batch(options.batches)
        return 0
    print("| photographs | peak memory (GiB) | seconds |\n|---|---|---|")
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        for megapixels in MEGAPIXELS:
            height = round((megapixels * 1e6 * 3 / 4) ** 0.5)
            path = folder / f"{megapixels}.jpg"
            photograph(path, height, round(height * 4 / 3))
            peak, seconds = run(path, folder / "out")
            print(f"| one of {megapixels:g} megapixels | {peak:.2f} | {seconds:.1f} |", flush=True)
        for count in sorted({options.folder // 10, options.folder} - {0}):
            for index in range(count):
                name = folder / f"of-{count}" / f"{index}.jpg"
                first = folder / f"of-{count}" / f"{index % len(MIXED)}.jpg"
                if index < len(MIXED):
                    photograph(name, *MIXED[index])
                else:
                    os.link(first, name)
            peak, seconds = run(folder / f"of-{count}", folder / f"out-{count}")
            print(f"| {count} of 150x150 to 12 megapixels | {peak:.2f} | {seconds:.1f} |", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
