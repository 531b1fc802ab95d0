"""`fusioncolor evaluate`."""

import sys
from collections.abc import Sequence

from fusioncolor.backend import import_quietly
from fusioncolor.cli import arguments
from fusioncolor.config import BASELINES, EvaluateConfig

EXAMPLES = """\
  fusioncolor evaluate photographs/
  fusioncolor evaluate photographs/ --models weights/mine weights/fusion.landscapes gray mean random welsh
  fusioncolor evaluate photographs/ --models runs/a/best runs/b/best --runs runs/a runs/b --full-size
  fusioncolor evaluate runs/mine/test.txt --models runs/mine/best --refine segment
"""


def main(argv: Sequence[str] | None = None, prog: str = "fusioncolor evaluate") -> int:
    """Evaluates colorizers on photographs; returns the exit code, 1 if some files could not be read."""
    return arguments.run(
        EvaluateConfig,
        _evaluate,
        argv,
        prog=prog,
        description="Measure colorizers on color photographs, null models beside them; write tables and a page.",
        examples=EXAMPLES,
    )


def _evaluate(config: EvaluateConfig) -> int:
    from fusioncolor import storage, tasks

    for name in config.models:
        if name not in BASELINES:
            storage.find_folder(name)
    found = tasks.find(config.photographs, exclude=config.output)
    names = [run.name for run in config.runs]
    logs = {run.name if names.count(run.name) == 1 else str(run): storage.read_log(run) for run in config.runs}

    import_quietly()
    from fusioncolor import report
    from fusioncolor.evaluation import Evaluator
    from fusioncolor.scores import extremes

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
