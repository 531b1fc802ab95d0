"""The tables of an evaluation: headings, cells as text, and figures as JSON."""

import math
from typing import NamedTuple

from fusioncolor.evaluation.catalog import METRICS, Metric
from fusioncolor.evaluation.scores import Scores

MAIN = ("psnr", "ssim", "auc", "auc_rebalanced", "ciede2000", "colorfulness")
"""Metrics in the summary table."""

_GAINS = ("psnr", "auc")  # metrics whose gain over gray the summary table shows


def headings(scores: Scores) -> list[str]:
    """Returns the headings of the summary table, without that of the models."""
    return [with_unit(scores.metric(name)) for name in _main(scores)]


def with_unit(metric: Metric) -> str:
    """Returns a metric's title with its unit, and with an arrow to the better side."""
    arrow = {"higher": " ↑", "lower": " ↓", "zero": " →0"}.get(metric.better, "")
    return (f"{metric.title} ({metric.unit})" if metric.unit else metric.title) + arrow


class SummaryRow(NamedTuple):
    """A row of the summary table: title of the model, or "truth", and the cells as text."""

    title: str
    cells: list[str]


def summary_rows(scores: Scores) -> list[SummaryRow]:
    """Returns the rows of the summary table, the truth first."""
    gray = scores.models.index("gray")
    names = _main(scores)
    of_truth = [f"{scores.truth[name].mean():.1f}" if name in ("colorfulness", "accuracy") else "" for name in names]
    rows = [SummaryRow("truth", of_truth)]
    columns = {name: scores.value(name) for name in names}
    for model, title in enumerate(scores.models):
        texts = []
        for name in names:
            digits = scores.metric(name).digits
            cell = number(columns[name][model], digits)
            if name in _GAINS and model != gray:
                gain = scores.gain(name, model, gray)
                interval = f" [{gain.low:+.{digits}f}, {gain.high:+.{digits}f}]" if math.isfinite(gain.low) else ""
                cell += f" ({gain.value:+.{digits}f}{interval})"
            texts.append(cell)
        rows.append(SummaryRow(title, texts))
    return rows


def cells(scores: Scores, name: str) -> list[str]:
    """Returns a metric of each model as text, with the number of photographs left out."""
    missing, digits = scores.left_out(name), scores.metric(name).digits
    texts = []
    for value, without in zip(scores.value(name), missing, strict=True):
        some = 0 < without < len(scores.paths)
        texts.append(number(value, digits) + (f" (without {without} photographs)" if some else ""))
    return texts


def number(value: float, digits: int) -> str:
    """Formats a figure with a number of decimals, or as a dash if it is not finite."""
    return f"{value:.{digits}f}" if math.isfinite(value) else "-"


def _main(scores: Scores) -> list[str]:
    """Returns the metrics in the summary table: the usual ones, then the optional and the added ones if measured."""
    return [name for name in (*MAIN, "accuracy", "lpips", "fid", *METRICS.added()) if name in scores.measured()]


def comparisons(scores: Scores) -> list[dict]:
    """Returns each metric with its values and, for each pair of models, the difference and its interval."""
    described = []
    count = len(scores.models)
    for name in scores.measured():
        metric = scores.metric(name)
        pairs = [[[finite(one) for one in scores.gain(name, a, b)] for b in range(count)] for a in range(count)]
        described.append(
            {
                "name": name,
                "title": metric.title,
                "unit": metric.unit,
                "better": metric.better,
                "definition": metric.text,
                "digits": metric.digits,
                "perPhotograph": bool(metric.column and not metric.weight),
                "values": [finite(value) for value in scores.value(name)],
                "pairs": [[None if pair[0] is None else pair for pair in row] for row in pairs],
            }
        )
    return described


def finite(value: float) -> float | None:
    """Returns a figure with six decimals, as JSON can hold it: None if it is not finite."""
    return round(float(value), 6) if math.isfinite(value) else None
