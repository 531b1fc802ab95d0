"""`fusioncolor doctor`."""

from collections.abc import Sequence

from fusioncolor.cli import parser
from fusioncolor.config import DoctorConfig
from fusioncolor.runtime.reporting import Reporter

EXAMPLES = """\
  fusioncolor doctor
  fusioncolor doctor --no-measure
"""


def main(argv: Sequence[str] | None = None, prog: str = "fusioncolor doctor") -> int:
    """Says what is installed, what it can do, how fast it is and what is broken; returns 1 if anything is."""
    description = "Look at this installation, and print what to paste into a bug report."
    return parser.run(DoctorConfig, _doctor, argv, prog=prog, description=description, examples=EXAMPLES)


def _doctor(config: DoctorConfig, reporter: Reporter) -> int:
    from fusioncolor.diagnosis import diagnose

    section, broken = "", []
    for finding in diagnose(measure=config.measure):
        if finding.section != section:
            section = finding.section
            print(f"\n{section}" if broken or section != "machine" else section)
        print(f"  {'BROKEN ' if finding.broken else ''}{finding.name}: {finding.text}", flush=True)
        broken += [finding] if finding.broken else []
    print("\nnothing is broken" if not broken else f"\n{len(broken)} broken: " + ", ".join(one.name for one in broken))
    return 1 if broken else 0
