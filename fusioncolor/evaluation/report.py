"""The report of an evaluation: tables as CSV, JSON and Markdown, and a self-contained HTML page."""

import base64
import csv
import html
import io
import json
import math
from collections.abc import Iterable, Mapping
from importlib import resources
from pathlib import Path

import numpy as np
from matplotlib.figure import Figure
from PIL import Image

from fusioncolor import bins, files, images, plotting
from fusioncolor.evaluation.catalog import METRICS, Metric, columns
from fusioncolor.evaluation.comparison import DENSITY_REACH, Example
from fusioncolor.evaluation.scores import Scores

MAIN = ("psnr", "ssim", "auc", "auc_rebalanced", "ciede2000", "colorfulness")
"""Metrics in the summary table."""

PAGE, TABLE, MARKDOWN, RESULTS, PHOTOGRAPHS = (
    "index.html", "table.csv", "table.md", "evaluation.json", "photographs.csv"
)  # fmt: skip
_LONGEST = 256  # pixels of an example's longer side
_GAINS = ("psnr", "auc")  # metrics whose gain over gray the summary table shows


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
        files.write_text(temporary, page(scores, examples, logs, title=title))
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
            cells = [_plain(figure) for figure in (values[model], *scores.gain(name, model, gray))]
            lines.append(
                [title, name, scores.metric(name).unit, scores.metric(name).better, *cells, count - missing[model]]
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
        "| | " + " | ".join(_headings(scores)) + " |",
        "|" + "---|" * (1 + len(_headings(scores))),
        *(f"| {title} | {' | '.join(cells)} |" for title, cells in _small_rows(scores)),
    ]
    remark = "In parentheses: the gain over gray on the same photographs, with its 95 % interval."
    protocol = [f"* {line}" for line in _protocol(scores)]
    if not whole:
        return "\n".join([*small, "", remark, "", *protocol])
    names = scores.measured()
    every = [
        "| metric | " + " | ".join(scores.models) + " |",
        "|" + "---|" * (1 + len(scores.models)),
        *(f"| {_with_unit(scores.metric(name))} | {' | '.join(_cells(scores, name))} |" for name in names),
    ]
    return "\n".join([*small, "", remark, "", *every, "", *protocol, ""])


def as_json(scores: Scores) -> dict:
    """Returns all figures in the tables, and the comparison of each pair of models."""
    return {
        "protocol": scores.protocol,
        "models": scores.models,
        "truth": {name: float(figures.mean()) for name, figures in scores.truth.items()},
        "metrics": _metrics(scores),
        "unreadable": scores.problems,
    }


def page(scores: Scores, examples: Iterable[Example], logs: Mapping[str, dict], *, title: str) -> str:
    """Returns the page: HTML that contains its style, script and pictures."""
    gray = scores.models.index("gray")
    shown = [_example(scores, example) for example in examples]
    content = {"models": scores.models, "gray": gray, "metrics": _metrics(scores), "examples": shown}
    summary = f"{len(scores.paths)} photographs, {len(scores.models)} models including baselines."
    gain = scores.gain("psnr", 0, gray)
    if gray and math.isfinite(gain.low):
        interval = f"95 % interval {gain.low:+.2f} to {gain.high:+.2f}"
        summary += f" {scores.models[0]}: {gain.value:+.2f} dB over gray, {interval}."
    parts = {
        "title": html.escape(title),
        "summary": html.escape(summary),
        "main_table": _html_table([("", *_headings(scores)), *((row, *cells) for row, cells in _small_rows(scores))]),
        "full_table": _html_table(
            [
                ("metric", *scores.models, "definition"),
                *(
                    (_with_unit(scores.metric(name)), *_cells(scores, name), scores.metric(name).text)
                    for name in scores.measured()
                ),
            ]
        ),
        "figures": "".join(_html_figure(*each) for each in _figures(scores, logs)),
        "protocol": "".join(
            f"<dt>{html.escape(key)}</dt><dd>{html.escape(value)}</dd>" for key, value in scores.protocol.items()
        ),
        "problems": _html_problems(scores.problems),
        "data": json.dumps(content).replace("<", "\\u003c"),
    }
    text = resources.files("fusioncolor.evaluation").joinpath("report.html").read_text(encoding="utf-8")
    text = text.replace("{{title}}", parts.pop("title"))
    for name, part in parts.items():
        text = text.replace("{{" + name + "}}", part, 1)
    return text


def _main(scores: Scores) -> list[str]:
    """Returns the names of the metrics in the summary table: the usual ones, then the optional ones measured."""
    return [name for name in (*MAIN, "accuracy", "lpips", "fid") if name in scores.measured()]


def _protocol(scores: Scores) -> list[str]:
    return [" ".join(f"{key}: {value}".split()) for key, value in scores.protocol.items()]


def _headings(scores: Scores) -> list[str]:
    return [_with_unit(scores.metric(name)) for name in _main(scores)]


def _with_unit(metric: Metric) -> str:
    arrow = {"higher": " ↑", "lower": " ↓", "zero": " →0"}.get(metric.better, "")
    return (f"{metric.title} ({metric.unit})" if metric.unit else metric.title) + arrow


def _small_rows(scores: Scores) -> list[tuple[str, list[str]]]:
    """Returns the rows of the summary table, the truth first: title and cells."""
    gray = scores.models.index("gray")
    names = _main(scores)
    of_truth = [f"{scores.truth[name].mean():.1f}" if name in ("colorfulness", "accuracy") else "" for name in names]
    rows = [("truth", of_truth)]
    columns = {name: scores.value(name) for name in names}
    for model, title in enumerate(scores.models):
        cells = []
        for name in names:
            digits = scores.metric(name).digits
            cell = number(columns[name][model], digits)
            if name in _GAINS and model != gray:
                gain = scores.gain(name, model, gray)
                interval = f" [{gain.low:+.{digits}f}, {gain.high:+.{digits}f}]" if math.isfinite(gain.low) else ""
                cell += f" ({gain.value:+.{digits}f}{interval})"
            cells.append(cell)
        rows.append((title, cells))
    return rows


def _cells(scores: Scores, name: str) -> list[str]:
    """Returns a metric of each model as text, with the number of photographs left out."""
    missing, digits = scores.left_out(name), scores.metric(name).digits
    cells = []
    for value, without in zip(scores.value(name), missing, strict=True):
        some = 0 < without < len(scores.paths)
        cells.append(number(value, digits) + (f" (without {without} photographs)" if some else ""))
    return cells


def number(value: float, digits: int) -> str:
    """Formats a figure with a number of decimals, or as a dash if it is not finite."""
    return f"{value:.{digits}f}" if math.isfinite(value) else "-"


def _plain(value: float) -> str:
    return f"{value:.6g}" if math.isfinite(value) else ""


def _finite(value: float) -> float | None:
    return round(float(value), 6) if math.isfinite(value) else None


def _metrics(scores: Scores) -> list[dict]:
    """Returns each metric with its values and, for each pair of models, the difference and its interval."""
    described = []
    count = len(scores.models)
    for name in scores.measured():
        metric = scores.metric(name)
        pairs = [[[_finite(one) for one in scores.gain(name, a, b)] for b in range(count)] for a in range(count)]
        described.append(
            {
                "name": name,
                "title": metric.title,
                "unit": metric.unit,
                "better": metric.better,
                "definition": metric.text,
                "digits": metric.digits,
                "perPhotograph": bool(metric.column and not metric.weight),
                "values": [_finite(value) for value in scores.value(name)],
                "pairs": [[None if pair[0] is None else pair for pair in row] for row in pairs],
            }
        )
    return described


def _example(scores: Scores, example: Example) -> dict:
    """Returns a photograph of the gallery as JSON: name, pictures as data URIs, values by metric and model."""
    index = scores.paths.index(example.path)
    actual = _data_uri(example.actual)
    predicted = [_data_uri(picture) for picture in example.predicted]
    values = {
        name: [_finite(value) for value in scores.column(scores.metric(name).column)[:, index]]
        for name in scores.per_photograph()
    }
    name = example.path.name.encode("utf-8", "backslashreplace").decode()
    gray = predicted[scores.models.index("gray")]
    return {"name": name, "gray": gray, "actual": actual, "predicted": predicted, "values": values}


def _data_uri(picture: np.ndarray) -> str:
    file = io.BytesIO()
    Image.fromarray(images.shrink(picture, _LONGEST)).save(file, "JPEG", quality=82, subsampling=0)
    return "data:image/jpeg;base64," + base64.b64encode(file.getvalue()).decode()


def _figures(scores: Scores, logs: Mapping[str, dict]) -> list[tuple[Figure, str]]:
    per_image = dict(zip(scores.models, scores.column("rmse_ab"), strict=True))
    drawn = [
        (
            plotting.cumulative_histograms(dict(zip(scores.models, scores.errors, strict=True)), per_image),
            "Cumulative histograms of the ab errors of pixels and of photographs.",
        ),
        (
            plotting.chroma_distributions(
                {"truth": scores.densities[-1], **dict(zip(scores.models, scores.densities, strict=False))},
                DENSITY_REACH,
            ),
            "Chroma of the truth and of each model: log density in the ab plane.",
        ),
        (
            plotting.prior_map(bins.BINS, scores.prior),
            f"The quantized ab plane, and the prior of {scores.protocol['prior of the rebalanced AuC'][8:]}.",
        ),
    ]
    if logs:
        drawn.append((plotting.compare_runs(dict(logs)), "Learning curves."))
    return drawn


def _html_figure(figure: Figure, caption: str) -> str:
    file = io.BytesIO()
    figure.savefig(file, format="png")
    source = "data:image/png;base64," + base64.b64encode(file.getvalue()).decode()
    text = html.escape(caption)
    return f'<figure><img src="{source}" alt="{text}"><figcaption>{text}</figcaption></figure>'


def _html_table(rows: list[tuple[str, ...]]) -> str:
    head = "".join(f'<th scope="col">{html.escape(cell)}</th>' for cell in rows[0])
    body = "".join(
        f'<tr><th scope="row">{html.escape(row[0])}</th>'
        + "".join(f"<td>{_gain_below(html.escape(cell))}</td>" for cell in row[1:])
        + "</tr>"
        for row in rows[1:]
    )
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def _gain_below(cell: str) -> str:
    """Moves a gain in parentheses to a line of its own, so that the table fits."""
    value, bracket, gain = cell.partition(" (")
    return f"{value}<br><small>({gain}</small>" if bracket and gain[:1] in "+-" else cell


def _html_problems(problems: list[str]) -> str:
    if not problems:
        return ""
    items = "".join(f"<li>{html.escape(problem)}</li>" for problem in problems)
    return f"<h2>Left out</h2><ul>{items}</ul>"


def _write_csv(path: Path, lines: list[list], scores: Scores) -> None:
    """Writes lines of CSV after the protocol, whose lines begin with #."""
    text = io.StringIO()
    text.write("".join(f"# {line}\n" for line in _protocol(scores)))
    csv.writer(text, lineterminator="\n").writerows(lines)
    with files.replacing(path) as temporary:
        files.write_text(temporary, text.getvalue())
