"""The report of an evaluation: tables as CSV, JSON and Markdown, and a self-contained HTML page."""

import csv
import io
import json
import math
from collections.abc import Iterable, Mapping
from pathlib import Path

from fusioncolor import files
from fusioncolor.evaluation import page
from fusioncolor.evaluation.catalog import METRICS, columns
from fusioncolor.evaluation.gallery import Example
from fusioncolor.evaluation.scores import Scores
from fusioncolor.evaluation.tables import cells, comparisons, headings, summary_rows, with_unit

PAGE, TABLE, MARKDOWN, RESULTS, PHOTOGRAPHS = (
    "index.html", "table.csv", "table.md", "evaluation.json", "photographs.csv"
)  # fmt: skip


def write(folder: Path, scores: Scores, examples: Iterable[Example], logs: Mapping[str, dict], *, title: str) -> Path:
    """Writes the report of an evaluation to a folder; returns the page.

    Args:
        folder: receives the files.
        scores: all figures.
        examples: photographs for the gallery.
        logs: learning curves of runs, by title.
        title: heading of the page.

    Raises:
        InputError: the folder cannot be written to.
    """
    write_table(folder / TABLE, scores)
    write_photographs(folder / PHOTOGRAPHS, scores)
    with files.replacing(folder / MARKDOWN) as temporary:
        files.write_text(temporary, f"# {title}\n\n{markdown(scores)}")
    with files.replacing(folder / RESULTS) as temporary:
        files.write_text(temporary, json.dumps(as_json(scores), indent=1) + "\n")
    with files.replacing(folder / PAGE) as temporary:
        files.write_text(temporary, page.render(scores, examples, logs, title=title))
    return folder / PAGE


def write_table(path: Path, scores: Scores) -> None:
    """Writes a CSV line per model and metric: value, gain over gray with its interval, number of photographs."""
    gray = scores.models.index("gray")
    header = ["model", "metric", "unit", "better", "value", "gain_over_gray", "low", "high", "photographs"]
    count = len(scores.paths)
    lines = [
        ["truth", name, METRICS[name].unit, "", _plain(figures.mean()), "", "", "", count]
        for name, figures in scores.truth.items()
    ]
    for name in scores.measured():
        values, missing = scores.value(name), scores.left_out(name)
        for model, title in enumerate(scores.models):
            texts = [_plain(figure) for figure in (values[model], *scores.gain(name, model, gray))]
            lines.append(
                [title, name, scores.metric(name).unit, scores.metric(name).better, *texts, count - missing[model]]
            )
    _write_csv(path, [header, *lines], scores)


def write_photographs(path: Path, scores: Scores) -> None:
    """Writes a CSV line per photograph and model, with all columns."""
    lines = [["photograph", "model", *columns()]]
    for index, photograph in enumerate(scores.paths):
        for model, title in enumerate(scores.models):
            lines.append([photograph, title, *map(_plain, scores.values[model, index])])
    _write_csv(path, lines, scores)


def markdown(scores: Scores, *, whole: bool = True) -> str:
    """Returns the summary table and the protocol and, if `whole`, a table of all metrics."""
    small = [
        "| | " + " | ".join(headings(scores)) + " |",
        "|" + "---|" * (1 + len(headings(scores))),
        *(f"| {row.title} | {' | '.join(row.cells)} |" for row in summary_rows(scores)),
    ]
    remark = "In parentheses: the gain over gray on the same photographs, with its 95 % interval."
    protocol = [f"* {line}" for line in _protocol(scores)]
    if not whole:
        return "\n".join([*small, "", remark, "", *protocol])
    names = scores.measured()
    every = [
        "| metric | " + " | ".join(scores.models) + " |",
        "|" + "---|" * (1 + len(scores.models)),
        *(f"| {with_unit(scores.metric(name))} | {' | '.join(cells(scores, name))} |" for name in names),
    ]
    return "\n".join([*small, "", remark, "", *every, "", *protocol, ""])


def as_json(scores: Scores) -> dict:
    """Returns all figures in the tables, and the comparison of each pair of models."""
    return {
        "protocol": scores.protocol,
        "models": scores.models,
        "truth": {name: float(figures.mean()) for name, figures in scores.truth.items()},
        "metrics": comparisons(scores),
        "unreadable": scores.problems,
    }


def _protocol(scores: Scores) -> list[str]:
    return [" ".join(f"{key}: {value}".split()) for key, value in scores.protocol.items()]


def _plain(value: float) -> str:
    return f"{value:.6g}" if math.isfinite(value) else ""


def _write_csv(path: Path, lines: list[list], scores: Scores) -> None:
    """Writes lines of CSV after the protocol, whose lines begin with #."""
    text = io.StringIO()
    text.write("".join(f"# {line}\n" for line in _protocol(scores)))
    csv.writer(text, lineterminator="\n").writerows(lines)
    with files.replacing(path) as temporary:
        files.write_text(temporary, text.getvalue())
