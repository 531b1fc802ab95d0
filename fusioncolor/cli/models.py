"""`fusioncolor models`."""

from collections.abc import Sequence
from dataclasses import dataclass

from fusioncolor.cli import parser
from fusioncolor.runtime.backend import import_quietly
from fusioncolor.runtime.reporting import Reporter

EXAMPLES = """\
  fusioncolor models
  python train.py photographs --model plain --head classification
"""


@dataclass(frozen=True)
class ModelsConfig:
    """No options."""


def main(argv: Sequence[str] | None = None, prog: str = "fusioncolor models") -> int:
    """Prints a table of the models; returns the exit code."""
    return parser.run(
        ModelsConfig, _models, argv, prog=prog, description="List the models that can be trained.", examples=EXAMPLES
    )


def _models(_: ModelsConfig, reporter: Reporter) -> int:
    import_quietly(reporter)
    from fusioncolor.models.factory import create
    from fusioncolor.models.families import MODELS

    print(f"{'model':10}{'parameters':>12}  {'size':9}{'heads (default first)':28}{'reference':28}architecture")
    for name, family in MODELS.items():
        parameters = create(name).network.count_params()
        size = "x".join(map(str, family.size))
        heads = ", ".join(family.head_names())
        print(f"{name:10}{parameters:12,}  {size:9}{heads:28}{family.reference:28}{family.summary}", flush=True)
    return 0
