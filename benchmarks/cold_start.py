"""Measures the time from an empty process to the first picture, with every runtime that is installed.

    python -m benchmarks.cold_start

Each row is a command in a process of its own, files to files; the fastest of several rounds counts. Processor time is
the sum over all cores; it suffers less from other work on the machine than the time on the clock. Compiled Python files
are kept in a folder of their own, as an installation keeps them, whatever PYTHONDONTWRITEBYTECODE says.
"""

import argparse
import sys
import tempfile
from pathlib import Path

from benchmarks.lib.processes import best_times
from benchmarks.lib.results import record
from benchmarks.lib.scenes import render
from fusioncolor.config import DEFAULT_WEIGHTS
from fusioncolor.models import engines

NOTHING = ("-c", "pass")


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
            best = best_times(arguments, options.rounds, Path(name) / "compiled")
            rows.append({"what": what, "seconds": f"{best.clock:.2f}", "processor seconds": f"{best.processor:.2f}"})
    record("cold_start", rows)
    return 0


if __name__ == "__main__":
    sys.exit(main())
