"""`fusioncolor merge-reports`."""

from collections.abc import Sequence

from fusioncolor.cli import parser
from fusioncolor.config import MergeConfig
from fusioncolor.runtime.reporting import Reporter

EXAMPLES = """\
  fusioncolor merge-reports report-*-of-16.csv --output report.csv
"""


def main(argv: Sequence[str] | None = None, prog: str = "fusioncolor merge-reports") -> int:
    """Merges the reports of parts; returns the exit code, 1 if a photograph failed or is open, or a part is missing."""
    description = "Merge the reports of runs that colorized parts of a collection."
    return parser.run(MergeConfig, _merge, argv, prog=prog, description=description, examples=EXAMPLES)


def _merge(config: MergeConfig, reporter: Reporter) -> int:
    from fusioncolor.prediction import merging
    from fusioncolor.prediction.summary import counted, write_outcomes

    merged = merging.merge(config.reports)
    write_outcomes(config.output, merged.outcomes)
    words = ", ".join(f"{merged.count(status)} {status}" for status in ("done", "skipped", "failed", "open"))
    print(f"{counted(len(merged.outcomes))} in {len(config.reports)} reports: {words}; merged: {config.output}")
    for name in merged.missing:
        reporter.warning(f"no report {name}: run that part too")
    return 1 if merged.missing or merged.count("failed") or merged.count("open") else 0
