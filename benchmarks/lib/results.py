"""Result tables: printed in Markdown, and appended as dated rows to `benchmarks/results/<name>.csv`."""

import csv
import os
import platform
from datetime import date
from importlib.metadata import version
from pathlib import Path

from fusioncolor.evaluation.scores import Scores

PROJECT = Path(__file__).parents[2]
FOLDER = PROJECT / "benchmarks" / "results"


def record(name: str, rows: list[dict]) -> None:
    """Prints rows, all with the same keys, as one table, and appends them to `benchmarks/results/<name>.csv`."""
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
    """Rows, all with the same keys, as a Markdown table."""
    columns = list(rows[0])
    lines = [f"| {' | '.join(_shown(row[column]) for column in columns)} |" for row in rows]
    return "\n".join([f"| {' | '.join(columns)} |", f"|{'---|' * len(columns)}", *lines])


def gains(scores: Scores, index: int) -> dict[str, str]:
    """Table cells: the gain of a model over the first one of an evaluation, with 95 % intervals over photographs."""
    metrics = {"PSNR (dB)": "psnr", "AuC (%)": "auc", "colorfulness": "colorfulness"}
    values = {title: scores.gain(name, index, over=0) for title, name in metrics.items()}
    return {title: f"{gain:+.2f} [{low:+.2f}, {high:+.2f}]" for title, (gain, low, high) in values.items()}


def machine() -> str:
    """The processor and the number of its cores."""
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
        model = next(line.split(":")[1].strip() for line in lines if line.startswith("model name"))
    except (OSError, StopIteration):
        model = platform.processor() or platform.machine()
    return f"{os.cpu_count()} cores of {model}"


def _shown(value) -> str:
    return f"{value:.3g}" if isinstance(value, float) else str(value)
