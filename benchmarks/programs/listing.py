"""Prints the seconds and the bytes that it takes to list empty files and to choose the file for each result.

python -m benchmarks.programs.listing COUNT FOLDER
"""

import json
import resource
import sys
import time
from pathlib import Path

from benchmarks.lib.files import make_empty_files
from benchmarks.lib.internals import planned


def main(count: str, folder: str) -> None:
    """Prints [seconds, bytes] as JSON."""
    make_empty_files(Path(folder), int(count))
    before, start = _peak(), time.process_time()
    tasks = planned(Path(folder))
    seconds, peak = time.process_time() - start, _peak() - before
    if len(tasks) != int(count):
        sys.exit(f"{len(tasks)} of {count} files were listed")
    print(json.dumps([seconds, peak]))


def _peak() -> int:
    """Returns the most memory that the process had so far, in bytes."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


if __name__ == "__main__":
    main(*sys.argv[1:])
