"""Prints the rate, in photographs per second, at which predict.py colorizes a folder, files to files.

python -m benchmarks.programs.colorize FOLDER OUTPUT WEIGHTS PRECISION
"""

import json
import sys
from pathlib import Path

from benchmarks.lib.internals import FolderRun
from fusioncolor import images


def main(source: str, output: str, weights: str, arithmetic: str) -> None:
    """Colorizes the folder and prints the rate as JSON."""
    run = FolderRun(Path(output), weights=weights, arithmetic=arithmetic)
    print(json.dumps(run.photographs_per_second(images.find_in(Path(source)))))


if __name__ == "__main__":
    main(*sys.argv[1:])
