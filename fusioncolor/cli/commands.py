"""The command `fusioncolor`: one module per subcommand."""

import sys
from collections.abc import Sequence

from fusioncolor.cli import (
    app,
    compare,
    completion,
    doctor,
    evaluate,
    evaluate_video,
    export,
    import_zhang,
    merge_reports,
    models,
    parser,
    predict,
    presets,
    quiz,
    reproduce,
    train,
    video,
)
from fusioncolor.version import __version__


def _complete(argv: Sequence[str] | None = None, prog: str = "fusioncolor completion") -> int:
    return completion.main(argv, prog, commands=COMMANDS)


COMMANDS = {
    "train": (train.main, "train a colorizer on a folder of color photographs"),
    "predict": (predict.main, "colorize photographs"),
    "video": (video.main, "colorize a video"),
    "app": (app.main, "open a page in the browser on which to drop photographs"),
    "compare": (compare.main, "look through finished results: a page with sliders, and contact sheets"),
    "evaluate": (evaluate.main, "measure colorizers and baselines on color photographs"),
    "evaluate-video": (evaluate_video.main, "measure how steadily a color video is colorized"),
    "quiz": (quiz.main, "ask people which of two pictures has the true colors"),
    "reproduce": (reproduce.main, "repeat a published comparison on your photographs"),
    "export": (export.main, "convert a saved network for ONNX Runtime, OpenVINO or LiteRT"),
    "import-zhang": (import_zhang.main, "convert the public weights of Zhang et al. into a saved colorizer"),
    "presets": (presets.main, "list the presets: names for weights"),
    "merge-reports": (merge_reports.main, "merge the reports of runs that colorized parts of a collection"),
    "doctor": (doctor.main, "say what is installed, how fast it is, and what is broken"),
    "completion": (_complete, "print a script that completes commands and options in a shell"),
    "models": (models.main, "list the models that can be trained"),
}


def main(argv: Sequence[str] | None = None) -> int:
    """Runs the subcommand that the first argument names; returns the exit code."""
    argv = list(sys.argv[1:] if argv is None else argv)
    name = argv[0] if argv else "--help"
    if name in COMMANDS:
        return COMMANDS[name][0](argv[1:], prog=f"fusioncolor {name}")
    if name == "--version":
        return parser.say(f"fusioncolor {__version__}")
    if name in ("-h", "--help"):
        lines = [f"  {command:16}{text}" for command, (_, text) in COMMANDS.items()]
        program = parser.program()
        more = f"Run {program} COMMAND --help for the options of a command."
        return parser.say("\n".join([f"usage: {program} COMMAND ...", "", *lines, "", more]))
    meant = parser.suggestion(name, COMMANDS, "--help lists all commands")
    print(f"fusioncolor: error: no command {name!r}; {meant}", file=sys.stderr)
    return 2
