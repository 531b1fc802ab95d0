"""`fusioncolor reproduce`."""

from collections.abc import Sequence

from fusioncolor.backend import import_quietly, make_deterministic
from fusioncolor.cli import arguments
from fusioncolor.config import ReproduceConfig

EXAMPLES = """\
  fusioncolor reproduce fusion --data photographs/
  fusioncolor reproduce losses --data photographs/ --steps 5000 --image-size 128
"""


def main(argv: Sequence[str] | None = None, prog: str = "fusioncolor reproduce") -> int:
    """Runs a published comparison again; returns the exit code."""
    return arguments.run(
        ReproduceConfig,
        _reproduce,
        argv,
        prog=prog,
        description="Run a published comparison again on your photographs; ours beside the published figures.",
        examples=EXAMPLES,
    )


def _reproduce(config: ReproduceConfig) -> int:
    from fusioncolor import photographs

    photographs.find(config.data, exclude=config.output)

    make_deterministic()
    import_quietly()
    from fusioncolor import reproduction

    print(reproduction.reproduce(config))
    return 0
