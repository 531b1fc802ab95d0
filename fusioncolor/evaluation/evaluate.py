"""An evaluation, from its options to the report."""

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from fusioncolor import images
from fusioncolor.config import EvaluateConfig
from fusioncolor.config.fields import config_of
from fusioncolor.data import mirrors
from fusioncolor.evaluation import report
from fusioncolor.evaluation.catalog import METRICS
from fusioncolor.evaluation.evaluator import Evaluator
from fusioncolor.evaluation.scores import Gain, Scores
from fusioncolor.run_folder import RunFolder
from fusioncolor.runtime import cluster
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

    def figures(self) -> dict[str, dict[str, float]]:
        """Returns the means over photographs: by title of the model, then by name of the metric."""
        scores = self.scores
        return {
            title: {name: float(scores.value(name)[index]) for name in scores.measured()}
            for index, title in enumerate(scores.models)
        }

    def gains(self, metric: str = "psnr") -> dict[str, Gain]:
        """Returns each model's gain over gray in a metric, with its 95 % interval, by title of the model.

        Raises:
            InputError: there is no such metric.
        """
        METRICS.check(metric)
        gray = self.scores.models.index("gray")
        return {title: self.scores.gain(metric, index, gray) for index, title in enumerate(self.scores.models)}


def evaluate(
    photographs: EvaluateConfig | str | os.PathLike | Sequence[str | os.PathLike],
    *,
    found: Sequence[Path] | None = None,
    curves: Mapping[str, dict[str, list[float]]] | None = None,
    title: str = "",
    reporter: Reporter = SILENT,
    **options: object,
) -> Evaluation:
    """Measures colorizers and baselines on color photographs, and writes tables and a page.

        result = fusioncolor.evaluate("photographs", models=["runs/mine/best"], output="report")
        print(result.gains()["mine/best"])

    Args:
        photographs: files, folders and .txt lists, or their addresses; or an `EvaluateConfig`, without further options.
        found: the photographs, if the caller has already listed them.
        curves: learning curves by title; None for those of the option `runs`.
        title: heading of the page; "Evaluation of ..." by default.
        reporter: receives progress.
        **options: fields of `EvaluateConfig`, by name; paths may be strings.

    Raises:
        InputError: there is no photograph to judge, a model cannot be loaded, or the report cannot be written.
        TypeError: there is no option of that name.
    """
    config = config_of(EvaluateConfig, "photographs", photographs, options)
    if config.cluster:
        cluster.check_installed()
    if found is None:
        shared = bool(config.cluster)
        config = replace(config, photographs=mirrors.local(config.photographs, seen_by_all=shared, reporter=reporter))
        every = images.find(config.photographs, exclude=config.output)
        found = [one.path for one in images.without_gray_twins(every)]
    if curves is None:
        names = [run.name for run in config.runs]
        titles = [run.name if names.count(run.name) == 1 else str(run) for run in config.runs]
        curves = {name: RunFolder(run).read_log() for name, run in zip(titles, config.runs, strict=True)}
    with _connected(config, reporter) as connected:
        evaluator = Evaluator(config, found, cluster=connected, reporter=reporter)
        scores = evaluator.run()
    title = title or f"Evaluation of {scores.models[0]}"
    return Evaluation(scores, report.write(config.output, scores, evaluator.gallery.examples(), curves, title=title))


@contextmanager
def _connected(config: EvaluateConfig, reporter: Reporter) -> Iterator[cluster.Cluster | None]:
    """Connects to the cluster for the length of the block, if one is to be used."""
    if not config.cluster:
        yield None
        return
    with cluster.connected(config.cluster_address, config.cluster_cpus) as found:
        reporter.info(f"{found.all_cpus} CPUs in the cluster, {found.cpus} for each worker")
        yield found
