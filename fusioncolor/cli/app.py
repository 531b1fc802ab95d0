"""`fusioncolor app`."""

import threading
import webbrowser
from collections.abc import Sequence
from importlib.util import find_spec

from fusioncolor.cli import parser
from fusioncolor.config import AppConfig
from fusioncolor.errors import InputError
from fusioncolor.runtime.interrupts import termination_as_interrupt
from fusioncolor.runtime.reporting import Reporter

EXAMPLES = """\
  fusioncolor app
  fusioncolor app --weights landscapes --port 8000 --no-browser
"""


def main(argv: Sequence[str] | None = None, prog: str = "fusioncolor app") -> int:
    """Serves the page until Ctrl-C; returns the exit code."""
    description = "Open a page in the browser on which to drop photographs. It is served on this machine only."
    return parser.run(AppConfig, _app, argv, prog=prog, description=description, examples=EXAMPLES)


def _app(config: AppConfig, reporter: Reporter) -> int:
    if not find_spec("gradio"):
        raise InputError("the page needs Gradio: pip install fusioncolor[app]")
    reporter.info("starting")
    from fusioncolor.app.server import serving

    try:
        with termination_as_interrupt(), serving(config, reporter=reporter) as url:
            print(f"{url}   Ctrl-C ends it and removes all uploads", flush=True)
            if config.browser:
                webbrowser.open(url)
            threading.Event().wait()
    except KeyboardInterrupt:
        reporter.info("stopped")
    return 0
