"""The reports of several runs that did parts of the same photographs -> one report."""

import csv
import json
import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from fusioncolor.errors import InputError
from fusioncolor.prediction.summary import Outcome

_PART = re.compile(r"(?P<report>.*)-(?P<number>\d+)-of-(?P<count>\d+)")  # names that `predict.py --shard` gives
_WORTH = ("done", "skipped", "failed", "open")  # of two lines about one result, the one that comes first here counts


@dataclass(frozen=True)
class Merged:
    """Everything that several reports say.

    Attributes:
        outcomes: one for each result, in the order of the photographs' paths.
        missing: reports of parts that are not there.
    """

    outcomes: list[Outcome]
    missing: list[str]

    def count(self, status: str) -> int:
        """Returns the number of photographs with a status."""
        return sum(outcome.status == status for outcome in self.outcomes)


def merge(reports: Sequence[Path]) -> Merged:
    """Merges reports; of two lines about one result, the more advanced one counts.

    Raises:
        InputError: a file is no report.
    """
    best: dict[str, Outcome] = {}
    for path in reports:
        for outcome in read_report(path):
            known = best.get(outcome.result)
            if known is None or _WORTH.index(outcome.status) < _WORTH.index(known.status):
                best[outcome.result] = outcome
    ordered = sorted(best.values(), key=lambda outcome: Path(outcome.file))
    return Merged(ordered, missing_parts(reports))


def read_report(path: Path) -> list[Outcome]:
    """Reads a report of `predict.py`.

    Raises:
        InputError: the file is no such report.
    """
    try:
        with open(path, encoding="utf-8", errors="surrogateescape", newline="") as file:
            lines = json.load(file) if path.suffix.lower() == ".json" else list(csv.DictReader(file))
        return [_outcome(line) for line in lines]
    except (OSError, ValueError, KeyError, TypeError, AttributeError, csv.Error) as error:
        raise InputError(f"{path} is not a report of predict.py, or it is damaged") from error


def _outcome(line: dict) -> Outcome:
    if line["status"] not in _WORTH:
        raise ValueError(line["status"])
    width, height = (int(line[side]) if line[side] not in ("", None) else None for side in ("width", "height"))
    return Outcome(
        line["file"], line["result"], line["status"], float(line["seconds"]), width, height, line["reason"] or ""
    )


def missing_parts(reports: Iterable[Path]) -> list[str]:
    """Returns the names of the reports that are missing, as far as the names of the others tell."""
    found: dict[tuple[Path, str, int, str], set[int]] = defaultdict(set)
    for path in reports:
        match = _PART.fullmatch(path.stem)
        if match:
            found[path.parent, match["report"], int(match["count"]), path.suffix].add(int(match["number"]))
    return [
        f"{folder / report}-{number:0{len(str(count))}}-of-{count}{suffix}"
        for (folder, report, count, suffix), numbers in found.items()
        for number in range(1, count + 1)
        if number not in numbers
    ]
