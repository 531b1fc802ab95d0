"""`fusioncolor evaluate`."""

import dataclasses
from collections.abc import Sequence

from fusioncolor.cli import parser
from fusioncolor.config import EvaluateConfig
from fusioncolor.registries import BASELINES
from fusioncolor.runtime import cluster
from fusioncolor.runtime.reporting import Reporter

EXAMPLES = """\
  fusioncolor evaluate photographs/
  fusioncolor evaluate photographs/ --models runs/mine/best landscapes gray mean random welsh
  fusioncolor evaluate photographs/ --models runs/a/best runs/b/best --runs runs/a runs/b --full-size
  fusioncolor evaluate photographs/ --cluster ray
  fusioncolor evaluate runs/mine/test.txt --models runs/mine/best --refine segment
"""


def main(argv: Sequence[str] | None = None, prog: str = "fusioncolor evaluate") -> int:
    """Evaluates colorizers on photographs; returns the exit code, 1 if any file could not be read."""
    return parser.run(
        EvaluateConfig,
        _evaluate,
        argv,
        prog=prog,
        description="Measure colorizers and baselines on color photographs, and write tables and an HTML report.",
        examples=EXAMPLES,
    )


def _evaluate(config: EvaluateConfig, reporter: Reporter) -> int:
    from fusioncolor import images
    from fusioncolor.data import mirrors
    from fusioncolor.models import saving
    from fusioncolor.run_folder import RunFolder

    for name in config.models:
        if name not in BASELINES:
            saving.find_folder(name, reporter)
    for run in config.runs:
        RunFolder(run).read_log()
    if config.cluster:
        cluster.check_installed()
    local = mirrors.local(config.photographs, seen_by_all=bool(config.cluster), reporter=reporter)
    config = dataclasses.replace(config, photographs=local)
    every = images.find(config.photographs, exclude=config.output)
    found = [one.path for one in images.without_gray_twins(every)]
    if len(found) < len(every):
        reporter.info(f"left out: {len(every) - len(found)} in folders of gray copies beside color/")

    from fusioncolor.evaluation import report
    from fusioncolor.evaluation.evaluate import evaluate

    evaluation = evaluate(config, found=found, reporter=reporter)
    scores = evaluation.scores
    print(report.markdown(scores, whole=False))
    print(f"{len(scores.paths)} photographs evaluated; report: {evaluation.page}, with tables in the same folder")
    for problem in scores.problems:
        reporter.error(problem)
    return 1 if scores.problems else 0
