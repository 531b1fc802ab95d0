"""`fusioncolor evaluate`."""

import sys
from collections.abc import Sequence

from fusioncolor.cli import parser
from fusioncolor.config import EvaluateConfig
from fusioncolor.registries import BASELINES
from fusioncolor.runtime.backend import import_quietly

EXAMPLES = """\
  fusioncolor evaluate photographs/
  fusioncolor evaluate photographs/ --models weights/mine weights/fusion.landscapes gray mean random welsh
  fusioncolor evaluate photographs/ --models runs/a/best runs/b/best --runs runs/a runs/b --full-size
  fusioncolor evaluate runs/mine/test.txt --models runs/mine/best --refine segment
"""


def main(argv: Sequence[str] | None = None, prog: str = "fusioncolor evaluate") -> int:
    """Evaluates colorizers on photographs; returns the exit code, 1 if some files could not be read."""
    return parser.run(
        EvaluateConfig,
        _evaluate,
        argv,
        prog=prog,
        description="Measure colorizers on color photographs, null models beside them; write tables and a page.",
        examples=EXAMPLES,
    )


def _evaluate(config: EvaluateConfig) -> int:
    from fusioncolor import images
    from fusioncolor.models import saving
    from fusioncolor.training import run_folder

    for name in config.models:
        if name not in BASELINES:
            saving.find_folder(name)
    found = images.find(config.photographs, exclude=config.output)
    names = [run.name for run in config.runs]
    logs = {run.name if names.count(run.name) == 1 else str(run): run_folder.read_log(run) for run in config.runs}

    import_quietly()
    from fusioncolor.evaluation import report
    from fusioncolor.evaluation.evaluator import Evaluator
    from fusioncolor.evaluation.scores import extremes

    evaluator = Evaluator(config, [path for path, _ in found])
    scores = evaluator.run()
    chosen = extremes(scores, config.examples) if config.examples else []
    examples = evaluator.pictures([scores.paths[index] for index in chosen])
    page = report.write(config.output, scores, examples, logs, title=f"Evaluation of {scores.models[0]}")
    print(report.markdown(scores, whole=False))
    print(f"{len(scores.paths)} photographs evaluated; open {page}, tables beside it")
    for problem in scores.problems:
        print(f"error: {problem}", file=sys.stderr)
    return 1 if scores.problems else 0
