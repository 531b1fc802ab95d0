"""`fusioncolor compare`."""

from collections.abc import Sequence

from fusioncolor.cli import parser
from fusioncolor.config import CompareConfig
from fusioncolor.runtime.reporting import Reporter

EXAMPLES = """\
  fusioncolor compare out
  fusioncolor compare out out-vivid --output look --limit 500
"""


def main(argv: Sequence[str] | None = None, prog: str = "fusioncolor compare") -> int:
    """Makes a page of finished results; returns the exit code, 1 if any result could not be read."""
    description = "Look through finished results: one page with sliders, and contact sheets, the most doubtful first."
    return parser.run(CompareConfig, _compare, argv, prog=prog, description=description, examples=EXAMPLES)


def _compare(config: CompareConfig, reporter: Reporter) -> int:
    from fusioncolor.prediction.gallery import compare
    from fusioncolor.prediction.summary import counted

    comparison = compare(config, reporter=reporter)
    for problem in comparison.problems:
        reporter.error(problem)
    plural = "" if len(comparison.sheets) == 1 else "s"
    sheets = f", and {len(comparison.sheets)} contact sheet{plural} beside it" if comparison.sheets else ""
    print(f"{counted(comparison.photographs)} compared: {comparison.page}{sheets}")
    return 1 if comparison.problems else 0
