"""`fusioncolor reproduce`."""

from collections.abc import Sequence

from fusioncolor.cli import messages, parser
from fusioncolor.config import ReproduceConfig
from fusioncolor.runtime.backend import import_quietly, make_deterministic
from fusioncolor.runtime.reporting import Reporter

EXAMPLES = """\
  fusioncolor reproduce fusion --data photographs/
  fusioncolor reproduce losses --data photographs/ --steps 5000 --image-size 128
"""


def main(argv: Sequence[str] | None = None, prog: str = "fusioncolor reproduce") -> int:
    """Repeats a published comparison; returns the exit code."""
    return parser.run(
        ReproduceConfig,
        _reproduce,
        argv,
        prog=prog,
        description="Repeat a published comparison on your photographs, and show both results side by side.",
        examples=EXAMPLES,
    )


def _reproduce(config: ReproduceConfig, reporter: Reporter) -> int:
    from fusioncolor.data import survey

    survey.find(config.data, exclude=config.output)

    make_deterministic()
    import_quietly(reporter)
    from fusioncolor import reproduction

    print(messages.with_flags(reproduction.reproduce(config, reporter=reporter), ReproduceConfig))
    return 0
