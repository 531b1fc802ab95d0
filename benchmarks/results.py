"""Tables of benchmarks: to standard output in Markdown, and as dated rows in `benchmarks/results/<name>.csv`."""

import csv
import json
import os
import platform
import subprocess
import sys
from datetime import date
from importlib.metadata import version
from pathlib import Path

from fusioncolor.evaluation.scores import Scores

PROJECT = Path(__file__).parents[1]
FOLDER = PROJECT / "benchmarks" / "results"


def record(name: str, rows: list[dict]) -> None:
    """Prints rows of equal keys as one table, and adds them to the benchmark's file."""
    columns = list(rows[0])
    print(f"\n{markdown(rows)}")
    facts = {"date": date.today().isoformat(), "machine": machine(), "tensorflow": version("tensorflow")}
    FOLDER.mkdir(exist_ok=True)
    path = FOLDER / f"{name}.csv"
    new = not path.exists()
    with open(path, "a", newline="") as file:
        writer = csv.DictWriter(file, [*facts, *columns])
        if new:
            writer.writeheader()
        writer.writerows({**facts, **{key: _shown(value) for key, value in row.items()}} for row in rows)


def markdown(rows: list[dict]) -> str:
    """Rows of equal keys as a table."""
    columns = list(rows[0])
    lines = [f"| {' | '.join(_shown(row[column]) for column in columns)} |" for row in rows]
    return "\n".join([f"| {' | '.join(columns)} |", f"|{'---|' * len(columns)}", *lines])


def gains(scores: Scores, index: int) -> dict[str, str]:
    """What a model of an evaluation gains over the first one, with 95 % intervals over photographs, as cells."""
    metrics = {"PSNR (dB)": "psnr", "AuC (%)": "auc", "colorfulness": "colorfulness"}
    values = {title: scores.gain(name, index, over=0) for title, name in metrics.items()}
    return {title: f"{gain:+.2f} [{low:+.2f}, {high:+.2f}]" for title, (gain, low, high) in values.items()}


def machine() -> str:
    """The processor and how many of its cores there are."""
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
        model = next(line.split(":")[1].strip() for line in lines if line.startswith("model name"))
    except (OSError, StopIteration):
        model = platform.processor() or platform.machine()
    return f"{os.cpu_count()} cores of {model}"


def apart(script: str, *arguments: object, **environment: str) -> dict | None:
    """Runs a Python script in a process of its own and reads the JSON of its last line; None if it fails.

    So every backend starts alone, and none is slowed down by what another left behind.
    """
    done = subprocess.run(
        [sys.executable, "-c", script, *map(str, arguments)],
        cwd=PROJECT,
        env={**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3", **environment},
        capture_output=True,
        text=True,
    )
    if done.returncode:
        print(f"left out: {(done.stderr.strip().splitlines() or ['killed'])[-1][:150]}", file=sys.stderr)
        return None
    return json.loads(done.stdout.strip().splitlines()[-1])


def _shown(value) -> str:
    return f"{value:.3g}" if isinstance(value, float) else str(value)
