"""The HTML page of an evaluation, which contains its style, script and pictures."""

import base64
import html
import io
import json
import math
import re
from collections.abc import Iterable, Mapping

from matplotlib.figure import Figure

from fusioncolor import bins, metrics, pages, plotting
from fusioncolor.evaluation.comparison import DENSITY_REACH
from fusioncolor.evaluation.gallery import Example
from fusioncolor.evaluation.scores import Scores
from fusioncolor.evaluation.tables import cells, comparisons, finite, headings, summary_rows, with_unit

_BROAD = 3  # width / height of a figure that takes a row of its own


def render(scores: Scores, examples: Iterable[Example], logs: Mapping[str, dict], *, title: str) -> str:
    """Returns the page: HTML that contains its style, script and pictures."""
    gray = scores.models.index("gray")
    shown = [_example(scores, example) for example in examples]
    content = {"models": scores.models, "gray": gray, "metrics": comparisons(scores), "examples": shown}
    summary = f"{len(scores.paths)} photographs, {len(scores.models)} models including baselines."
    gain = scores.gain("psnr", 0, gray)
    if gray and math.isfinite(gain.low):
        interval = f"95 % interval {gain.low:+.2f} to {gain.high:+.2f}"
        summary += f" {scores.models[0]}: {metrics.beside_gray(gain.value)}, {interval}."
    parts = {
        "title": html.escape(title),
        "summary": html.escape(summary),
        "main_table": _html_table(
            [("", *headings(scores)), *((row.title, *row.cells) for row in summary_rows(scores))]
        ),
        "full_table": _html_table(
            [
                ("metric", *scores.models, "definition"),
                *(
                    (with_unit(scores.metric(name)), *cells(scores, name), scores.metric(name).text)
                    for name in scores.measured()
                ),
            ],
            text_last=True,
        ),
        "figures": "".join(_html_figure(*each) for each in _figures(scores, logs)),
        "protocol": "".join(
            f"<dt>{html.escape(key)}</dt><dd>{html.escape(value)}</dd>" for key, value in scores.protocol.items()
        ),
        "problems": _html_problems(scores.problems),
        "data": json.dumps(content).replace("<", "\\u003c"),
    }
    return pages.filled("fusioncolor.evaluation", "report.html", pages.viewer() | parts)


def _example(scores: Scores, example: Example) -> dict:
    """Returns a photograph of the gallery as JSON: name, pictures as data URIs, values by metric and model."""
    index = scores.paths.index(example.path)
    actual = pages.data_uri(example.actual)
    predicted = [pages.data_uri(picture) for picture in example.predicted]
    values = {
        name: [finite(value) for value in scores.column(scores.metric(name).column)[:, index]]
        for name in scores.per_photograph()
    }
    name = pages.shown(example.path.name)
    gray = predicted[scores.models.index("gray")]
    return {"name": name, "gray": gray, "actual": actual, "predicted": predicted, "values": values}


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
    width, height = figure.get_size_inches()
    kind = ' class="broad"' if width > _BROAD * height else ""
    return f'<figure{kind}><img src="{source}" alt="{text}"><figcaption>{text}</figcaption></figure>'


def _html_table(rows: list[tuple[str, ...]], *, text_last: bool = False) -> str:
    """Returns a table whose first row is its head; the last column may hold sentences."""
    end = len(rows[0]) - text_last
    head = "".join(f'<th scope="col">{html.escape(cell)}</th>' for cell in rows[0])
    body = "".join(
        f'<tr><th scope="row">{html.escape(row[0])}</th>'
        + "".join(map(_html_cell, row[1:end]))
        + "".join(f'<td class="text">{html.escape(cell)}</td>' for cell in row[end:])
        + "</tr>"
        for row in rows[1:]
    )
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


_GAIN = re.compile(
    r"(?P<value>\S+) (?P<gain>\((?P<change>[+-][\d.]+)(?: \[(?P<low>[+-][\d.]+), (?P<high>[+-][\d.]+)\])?\))"
)


def _html_cell(cell: str) -> str:
    """Returns a cell, with a gain on a line of its own, in color if its interval leaves no doubt about its sign."""
    found = _GAIN.fullmatch(cell)
    if found is None:
        return f"<td>{html.escape(cell)}</td>"
    low, high = (float(found[side] or 0) for side in ("low", "high"))
    kind = "gain" if low > 0 else "loss" if high < 0 else "even"
    return f'<td>{html.escape(found["value"])}<br><small class="{kind}">{html.escape(found["gain"])}</small></td>'


def _html_problems(problems: list[str]) -> str:
    if not problems:
        return ""
    items = "".join(f"<li>{html.escape(problem)}</li>" for problem in problems)
    return f"<h2>Left out</h2><ul>{items}</ul>"
