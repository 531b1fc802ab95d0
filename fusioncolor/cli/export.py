"""`fusioncolor export`."""

import shlex
import sys
from collections.abc import Sequence
from functools import partial

from fusioncolor.cli import parser
from fusioncolor.config import ExportConfig
from fusioncolor.runtime.backend import import_quietly
from fusioncolor.runtime.reporting import Reporter

EXAMPLES = """\
  fusioncolor export --format onnx
  fusioncolor export --weights runs/mine/best --format openvino --output mine.xml
  fusioncolor export --weights runs/mine/best --format onnx --beside
  fusioncolor export --format openvino --int8 --calibration photographs/
  python predict.py photographs --engine dense.photographs.xml
"""


def main(argv: Sequence[str] | None = None, prog: str = "fusioncolor export") -> int:
    """Exports the network of a saved colorizer; returns the exit code."""
    argv = list(sys.argv[1:] if argv is None else argv)
    description = "Convert the network of a saved colorizer to a file for ONNX Runtime, OpenVINO or LiteRT."
    run = partial(_export, argv=argv)
    return parser.run(ExportConfig, run, argv, prog=prog, description=description, examples=EXAMPLES)


def _export(config: ExportConfig, reporter: Reporter, argv: Sequence[str]) -> int:
    from fusioncolor.data import survey
    from fusioncolor.models import saving

    saving.find_folder(config.weights, reporter)
    if config.calibration:
        survey.find(config.calibration)
    import_quietly(reporter)
    from fusioncolor.exporting import export
    from fusioncolor.models import engines

    path = export(config, reporter=reporter)
    words = ["predict", "PHOTOGRAPHS", "--weights", str(config.weights), *parser.import_options(argv)]
    if config.beside:
        print(f"{path}   {parser.program()} {shlex.join(words)} uses it")
        return 0
    others = [name for name in engines.read_description(path)["sha256"] if name != path.name]
    print(f"{path}; beside it, and part of it: {', '.join([*others, engines.description_of(path).name])}")
    print(f"to use it: {parser.program()} {shlex.join([*words, '--engine', str(path)])}")
    return 0
