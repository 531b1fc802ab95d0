"""`fusioncolor quiz`."""

import threading
import webbrowser
from collections.abc import Sequence

from fusioncolor.cli import parser
from fusioncolor.config import QuizConfig
from fusioncolor.runtime.backend import import_quietly
from fusioncolor.runtime.interrupts import termination_as_interrupt
from fusioncolor.runtime.reporting import Reporter

EXAMPLES = """\
  fusioncolor quiz photographs/
  fusioncolor quiz photographs/ --weights photographs landscapes --seconds 0
"""


def main(argv: Sequence[str] | None = None, prog: str = "fusioncolor quiz") -> int:
    """Serves a quiz until Ctrl-C; returns the exit code."""
    description = (
        "Show people each photograph in true and in predicted colors, and count how often they take the wrong one."
    )
    return parser.run(QuizConfig, _quiz, argv, prog=prog, description=description, examples=EXAMPLES)


def _quiz(config: QuizConfig, reporter: Reporter) -> int:
    from fusioncolor import files, images
    from fusioncolor.models import saving
    from fusioncolor.quiz import answers

    files.check_writable(config.output)
    for name in config.weights:
        saving.read_description(saving.find_folder(name, reporter))
    answers.read(config.output)
    images.find(config.photographs, exclude=config.output)
    import_quietly(reporter)
    from fusioncolor.quiz import pairs
    from fusioncolor.quiz.server import Quiz, serving

    quiz = Quiz(config, pairs.make(config, reporter=reporter))
    try:
        with termination_as_interrupt(), serving(quiz) as url:
            print(f"{url}   Ctrl-C ends it", flush=True)
            if config.browser:
                webbrowser.open(url)
            threading.Event().wait()
    except KeyboardInterrupt:
        if quiz.answers:
            print(answers.table(quiz.answers))
            print(f"answers and table: {config.output}")
    return 0
