"""An evaluation, from its options to the report."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from fusioncolor import images
from fusioncolor.config import EvaluateConfig
from fusioncolor.evaluation import report
from fusioncolor.evaluation.evaluator import Evaluator
from fusioncolor.evaluation.scores import Scores, extremes
from fusioncolor.run_folder import RunFolder
from fusioncolor.runtime.reporting import SILENT, Reporter


@dataclass(frozen=True)
class Evaluation:
    """Result of an evaluation.

    Attributes:
        scores: all figures.
        page: file of the report; the tables are in the same folder.
    """

    scores: Scores
    page: Path


def evaluate(
    config: EvaluateConfig,
    *,
    found: Sequence[Path] | None = None,
    curves: Mapping[str, dict[str, list[float]]] | None = None,
    title: str = "",
    reporter: Reporter = SILENT,
) -> Evaluation:
    """Measures colorizers and baselines on color photographs, and writes tables and a page.

    Args:
        config: the options.
        found: the photographs in `config.photographs`, if the caller has already listed them.
        curves: learning curves by title; None for those of `config.runs`.
        title: heading of the page; "Evaluation of ..." by default.
        reporter: receives progress.

    Raises:
        InputError: there is no photograph to judge, a model cannot be loaded, or the report cannot be written.
    """
    if found is None:
        every = images.find(config.photographs, exclude=config.output)
        found = [one.path for one in images.without_gray_twins(every)]
    if curves is None:
        names = [run.name for run in config.runs]
        titles = [run.name if names.count(run.name) == 1 else str(run) for run in config.runs]
        curves = {name: RunFolder(run).read_log() for name, run in zip(titles, config.runs, strict=True)}
    evaluator = Evaluator(config, found, reporter=reporter)
    scores = evaluator.run()
    chosen = extremes(scores, config.examples) if config.examples else []
    examples = evaluator.pictures([scores.paths[index] for index in chosen])
    title = title or f"Evaluation of {scores.models[0]}"
    return Evaluation(scores, report.write(config.output, scores, examples, curves, title=title))
