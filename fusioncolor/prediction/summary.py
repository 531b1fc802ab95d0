"""Results of a folder run: one record per photograph, their report file, and the totals."""

import csv
import dataclasses
import io
import itertools
import json
import textwrap
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from fusioncolor import files
from fusioncolor.prediction.plan import Task


@dataclass(frozen=True)
class Outcome:
    """Result for one photograph.

    Attributes:
        file: path of the photograph.
        result: path of the colorized file.
        status: "done", "skipped" if an earlier run has done it, "failed", or "open" if it was not reached.
        seconds: time taken, including a share of the batch's; of the earlier run, if it is skipped.
        width: pixels; None if it is unknown.
        height: pixels; None if it is unknown.
        reason: reason for the failure, or a remark.
        doubt: root mean square error of ab that the network expects of itself, in Lab units; None if it cannot tell.
    """

    file: str
    result: str
    status: str
    seconds: float = 0.0
    width: int | None = None
    height: int | None = None
    reason: str = ""
    doubt: float | None = None

    def facts(self) -> dict[str, object]:
        """Returns what a manifest keeps for the report of a later run, ready for JSON."""
        facts = {"seconds": round(self.seconds, 3), "width": self.width, "height": self.height, "reason": self.reason}
        return facts | ({} if self.doubt is None else {"doubt": round(self.doubt, 2)})


MOST_FAILED = 1000  # outcomes that a run of any number of photographs returns


@dataclass(frozen=True)
class FolderResult:
    """Result of a folder run.

    Attributes:
        outcomes: one for each photograph that was reached; of a run with addresses or on a cluster, only the first
            thousand that failed.
        seconds: duration of the run.
        pages: number of pages of the grid.
        interrupted: whether the run was stopped before the end.
        counts: number of photographs by status, where `outcomes` does not hold all of them.
    """

    outcomes: list[Outcome]
    seconds: float
    pages: int = 0
    interrupted: bool = False
    counts: Mapping[str, int] | None = None

    def count(self, status: str) -> int:
        """Returns the number of photographs with a status."""
        if self.counts is not None:
            return self.counts.get(status, 0)
        return sum(outcome.status == status for outcome in self.outcomes)


def skipped(task: Task, facts: Mapping[str, object]) -> Outcome:
    """Returns the outcome for a result of an earlier run, with what the manifest has about it."""
    numbers = ("seconds", "width", "height", "doubt")
    known = {name: facts[name] for name in numbers if isinstance(facts.get(name), int | float)}
    return Outcome(str(task.source), str(task.target), "skipped", reason=str(facts.get("reason", "")), **known)


def write_report(path: Path, planned: Sequence[Task], outcomes: Mapping[str, Outcome]) -> None:
    """Writes one line per photograph, in the order of the plan; photographs not reached are "open".

    Args:
        path: file that ends in .csv or .json.
        planned: all photographs.
        outcomes: outcomes by path of the result, because the same photograph may be listed twice.

    Raises:
        InputError: the report cannot be written.
        ResourceError: the disk is full.
    """
    unreached = (Outcome(str(task.source), str(task.target), "open") for task in planned)
    write_outcomes(path, (outcomes.get(one.result, one) for one in unreached))


def write_outcomes(path: Path, outcomes: Iterable[Outcome]) -> None:
    """Writes a report, .csv or .json, with a line per outcome.

    Raises:
        InputError: the report cannot be written.
        ResourceError: the disk is full.
    """
    rows = (
        dataclasses.asdict(one)
        | {"seconds": round(one.seconds, 3), "doubt": None if one.doubt is None else round(one.doubt, 2)}
        for one in outcomes
    )
    with files.replacing(path) as temporary:
        files.write_lines(temporary, _as_json(rows) if path.suffix.lower() == ".json" else _as_csv(rows))


def _as_json(rows: Iterable[dict]) -> Iterator[str]:
    """Yields a list in JSON, piece by piece."""
    before = "[\n"
    for row in rows:
        yield before + textwrap.indent(json.dumps(row, indent=1), " ")
        before = ",\n"
    yield "[]" if before == "[\n" else "\n]"


def _as_csv(rows: Iterable[dict]) -> Iterator[str]:
    """Yields a table in CSV, line by line."""
    names = [field.name for field in dataclasses.fields(Outcome)]
    for row in itertools.chain([dict(zip(names, names, strict=True))], rows):
        line = io.StringIO()
        csv.DictWriter(line, names, lineterminator="\n").writerow(row)
        yield line.getvalue()


def counted(number: int) -> str:
    """Returns a number with its noun: "1 photograph", "2 photographs"."""
    return f"{number} photograph{'' if number == 1 else 's'}"
