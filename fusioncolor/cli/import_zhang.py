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
        metadata={
            "help": "Weights: the .caffemodel, its .onnx conversion, or the state dict of eccv16 (.pth)",
            "positional": True,
            "metavar": "FILE",
        }
    )
    output: Path = field(default=Path("weights/zhang"), metadata={"help": "Folder for the saved colorizer"})


def main(argv: Sequence[str] | None = None, prog: str = "fusioncolor import-zhang") -> int:
    """Converts a file of the public model into a saved colorizer; returns the exit code."""
    description = "Convert a weights file of the public model of Zhang et al. 2016 into a saved colorizer."
    return parser.run(ImportConfig, _import, argv, prog=prog, description=description, examples=EXAMPLES)


def _import(config: ImportConfig, reporter: Reporter) -> int:
    if not config.file.is_file():
        raise InputError(f"no such file: {config.file}")
    import_quietly(reporter)
    from fusioncolor.models.pretrained import import_zhang

    card = f"# plain, public weights\n\nImported from `{config.file.name}`, trained by Zhang, Isola and Efros (2016).\n"
    import_zhang(config.file).save(config.output, card=card)
    print(f"colorizer: {config.output}   to use it: python predict.py PHOTOGRAPHS --weights {config.output}")
    return 0
