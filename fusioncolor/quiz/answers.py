"""Answers of a quiz: how often people are fooled, and how sure that figure is."""

import csv
import io
import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields
from pathlib import Path

from fusioncolor import files
from fusioncolor.errors import InputError

ANSWERS, TABLE = "answers.csv", "table.md"
_NORMAL_95 = 1.959964  # quantile of the normal distribution at 97.5 %


@dataclass(frozen=True)
class Answer:
    """One answer.

    Attributes:
        person: number of the person.
        photograph: name of the photograph.
        weights: name of the weights that colorized it.
        true_side: "left" or "right", where the true colors were.
        chosen_side: the side that was taken for the true one.
        seconds: time until the answer.
    """

    person: int
    photograph: str
    weights: str
    true_side: str
    chosen_side: str
    seconds: float

    @property
    def fooled(self) -> bool:
        """Whether the predicted colors were taken for the true ones."""
        return self.chosen_side != self.true_side


def wilson(count: int, total: int) -> tuple[float, float]:
    """Returns the 95% interval of a share by Wilson's score, which holds for few answers and near 0 and 1, too.

    Reference: Wilson, "Probable Inference, the Law of Succession, and Statistical Inference", 1927.
    """
    if not total:
        return 0.0, 1.0
    share, z2 = count / total, _NORMAL_95**2
    middle = (share + z2 / (2 * total)) / (1 + z2 / total)
    half = _NORMAL_95 / (1 + z2 / total) * math.sqrt(share * (1 - share) / total + z2 / (4 * total**2))
    return max(middle - half, 0.0), min(middle + half, 1.0)


def read(folder: Path) -> list[Answer]:
    """Reads the answers of earlier people.

    Raises:
        InputError: the file is damaged.
    """
    path = folder / ANSWERS
    if not path.is_file():
        return []
    try:
        with files.opened(path) as file:
            rows = csv.DictReader(io.TextIOWrapper(file, encoding="utf-8", newline=""))
            return [Answer(**{**row, "person": int(row["person"]), "seconds": float(row["seconds"])}) for row in rows]
    except (ValueError, TypeError, KeyError) as error:
        raise InputError(f"{path}: not a file of answers ({error}); give another `output`") from error


def write(folder: Path, answers: Sequence[Answer]) -> None:
    """Writes all answers and their table, each file in one step.

    Raises:
        InputError: the folder cannot be written to.
    """
    text = io.StringIO()
    writer = csv.DictWriter(text, [field.name for field in fields(Answer)], lineterminator="\n")
    writer.writeheader()
    writer.writerows(asdict(answer) for answer in answers)
    for name, content in ((ANSWERS, text.getvalue()), (TABLE, table(answers))):
        with files.replacing(folder / name) as temporary:
            files.write_text(temporary, content)


def table(answers: Sequence[Answer]) -> str:
    """Returns a table in Markdown: answers by weights, the share that was fooled, and its 95% interval."""
    lines = ["| weights | people | answers | fooled | share | 95% interval |", "|---|---|---|---|---|---|"]
    for name in sorted({answer.weights for answer in answers}):
        own = [answer for answer in answers if answer.weights == name]
        fooled = sum(answer.fooled for answer in own)
        low, high = wilson(fooled, len(own))
        people = len({answer.person for answer in own})
        share = f"{100 * fooled / len(own):.1f} % | {100 * low:.1f} to {100 * high:.1f} %"
        lines.append(f"| {name} | {people} | {len(own)} | {fooled} | {share} |")
    note = (
        "Fooled: the predicted colors were taken for the true ones. 50 % would be guessing, the most one can hope for."
    )
    return "\n".join([*lines, "", note, ""])
