"""`fusioncolor import-zhang`."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from fusioncolor.cli import parser
from fusioncolor.errors import InputError
from fusioncolor.runtime.backend import import_quietly
from fusioncolor.runtime.reporting import Reporter

EXAMPLES = """\
  fusioncolor import-zhang colorization_release_v2.caffemodel --output weights/zhang
  python predict.py photographs --weights weights/zhang
"""


@dataclass(frozen=True)
class ImportConfig:
    """Options of `fusioncolor import-zhang`."""

    file: Path = field(
        metadata={"help": ".caffemodel, its .onnx conversion, or the eccv16 state as .pth", "positional": True}
    )
    output: Path = field(default=Path("weights/zhang"), metadata={"help": "folder of the colorizer to be written"})


def main(argv: Sequence[str] | None = None, prog: str = "fusioncolor import-zhang") -> int:
    """Turns a file of the public model into a saved colorizer; returns the exit code."""
    description = "Turn a weights file of the public model of Zhang et al. 2016 into a saved colorizer."
    return parser.run(ImportConfig, _import, argv, prog=prog, description=description, examples=EXAMPLES)


def _import(config: ImportConfig, reporter: Reporter) -> int:
    if not config.file.is_file():
        raise InputError(f"no such file: {config.file}")
    import_quietly()
    from fusioncolor.models.pretrained import import_zhang

    card = f"# plain, public weights\n\nImported from `{config.file.name}`, trained by Zhang, Isola and Efros (2016).\n"
    import_zhang(config.file).save(config.output, card=card)
    print(f"colorizer: {config.output}   use it: python predict.py PHOTOGRAPHS --weights {config.output}")
    return 0
