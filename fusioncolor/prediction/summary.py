"""What became of the photographs of a folder: the report file, and the summary at the end."""

import csv
import dataclasses
import io
import json
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from fusioncolor import files
from fusioncolor.prediction.plan import Task


@dataclass(frozen=True)
class Outcome:
    """What became of a photograph."""

    file: str
    result: str
    status: str  # done, skipped, failed
    seconds: float = 0.0
    width: int | None = None
    height: int | None = None
    reason: str = ""


def write_report(path: Path, planned: Sequence[Task], outcomes: Mapping[str, Outcome]) -> None:
    """Writes a line per photograph in the order of the plan; those that were not reached are "open".

    Args:
        path: ends in .csv or .json.
        planned: all photographs.
        outcomes: by result, as one file may be named twice.

    Raises:
        InputError: the report cannot be written.
    """
    lines = []
    for task in planned:
        nothing = Outcome(str(task.source), str(task.target), "open")
        line = dataclasses.asdict(outcomes.get(nothing.result, nothing))
        lines.append(line | {"seconds": round(line["seconds"], 3)})
    text = io.StringIO()
    if path.suffix.lower() == ".json":
        json.dump(lines, text, indent=1)
    else:
        writer = csv.DictWriter(text, [field.name for field in dataclasses.fields(Outcome)], lineterminator="\n")
        writer.writeheader()
        writer.writerows(lines)
    with files.replacing(path) as temporary:
        temporary.write_text(text.getvalue(), encoding="utf-8", errors="surrogateescape")


def summarize(outcomes: Iterable[Outcome], seconds: float, output: Path) -> int:
    """Prints how many photographs were done, skipped and failed; returns how many failed."""
    statuses = [outcome.status for outcome in outcomes]
    done, skipped, failed = (statuses.count(status) for status in ("done", "skipped", "failed"))
    print(f"{count(done)} colorized in {seconds:.1f} s ({done / seconds:.1f} img/s): {output}")
    if skipped:
        print(f"{count(skipped)} had been finished before (--no-skip-existing does them again)")
    if failed:
        print(f"{count(failed)} failed, see the lines above", file=sys.stderr)
    return failed


def count(number: int) -> str:
    """The number with its noun."""
    return f"{number} photograph{'' if number == 1 else 's'}"
