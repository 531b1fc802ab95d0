"""Measures folder runs, files to files: rate, share of the bare network's rate, and growth of time and memory.

    python -m benchmarks.folders
    python -m benchmarks.folders --counts 10 100 1000 10000 --sides 256

Every folder is measured in a process of its own, the bare network first. Its share by processor time hardly depends on
other work on the machine. Files are rendered with sensor grain; a folder
holds links to 24 of them.
"""

import argparse
import sys
import tempfile
from pathlib import Path

from benchmarks.lib.processes import run_apart
from benchmarks.lib.results import record
from benchmarks.lib.scenes import render

SIDES = {256: (256, 256), 512: (512, 512), 1024: (1024, 1024), 2048: (2048, 2048), 4000: (3000, 4000)}
DIFFERENT = 24  # files in a folder, the others are links to them


def measure(size: tuple[int, int], count: int) -> dict | None:
    """The table row of a folder of `count` photographs of (height, width); None if it failed."""
    height, width = size
    with tempfile.TemporaryDirectory() as name:
        files = render(Path(name) / "files", size, min(count, DIFFERENT))
        folder = Path(name) / "folder"
        folder.mkdir()
        for index in range(count):
            (folder / f"{index}.jpg").symlink_to(files[index % len(files)])
        result = run_apart("benchmarks.programs.folder", folder, Path(name) / "out")
    if result is None:
        return None
    bare, of_bare, rate, spent, peak = result
    return {
        "pixels": f"{width}x{height}",
        "photographs": count,
        "images/s": rate,
        "bare network's rate": f"{rate / bare:.0%}",
        "by processor time": f"{of_bare / spent:.0%}",
        "seconds each": 1 / rate,
        "seconds a megapixel": 1e6 / rate / height / width,
        "peak GiB": peak,
    }


def main() -> int:
    """Prints one table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--counts", type=int, nargs="+", default=[200], help="photographs in a folder")
    parser.add_argument("--sides", type=int, nargs="+", choices=SIDES, default=list(SIDES), help="of the photographs")
    options = parser.parse_args()
    rows = []
    for side in options.sides:
        for count in options.counts:
            row = measure(SIDES[side], count)
            if row:
                rows.append(row)
                print(row, file=sys.stderr)
    if not rows:
        sys.exit("no folder could be colorized")
    record("folders", rows)
    return 0


if __name__ == "__main__":
    sys.exit(main())
