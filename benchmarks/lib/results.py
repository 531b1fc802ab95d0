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
_WIDEST = {"amx_bf16": "AMX", "avx512_bf16": "AVX-512 and bfloat16", "avx512f": "AVX-512", "avx2": "AVX2"}


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
    """The processor, the number of its cores, and the widest of its vector instructions."""
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        lines = []
    facts = {name.strip(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
    model = facts.get("model name") or platform.processor() or platform.machine()
    flags = facts.get("flags", "").split()
    widest = next((name for flag, name in _WIDEST.items() if flag in flags), None)
    return f"{os.cpu_count()} cores of {model}" + (f" with {widest}" if widest else "")


def _shown(value) -> str:
    return f"{value:.3g}" if isinstance(value, float) else str(value)
