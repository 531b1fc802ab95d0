"""Messages of the library as the command line shows them: options as flags, progress bars, warnings."""

import dataclasses
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from tqdm import tqdm

from fusioncolor.config import flag
from fusioncolor.runtime.reporting import Bar, Reporter


def with_flags(message: str, config_class: type) -> str:
    """Replaces the names of options, in backticks, by the flags of a command.

    Args:
        message: such as "`batch_size` must be 1 or more".
        config_class: dataclass of the command's options. Names that are not among its fields stay as they are.
    """
    shown = {
        field.name: field.name.upper() if field.metadata.get("positional") else flag(field.name)
        for field in dataclasses.fields(config_class)
    }
    return re.sub(r"`([a-z][a-z0-9_]*)`", lambda match: shown.get(match[1], match[0]), message)


class TerminalReporter(Reporter):
    """Prints messages to standard output, warnings and errors to standard error, and draws bars with tqdm."""

    def __init__(self, config_class: type) -> None:
        """Takes the dataclass of the command's options, to name them as flags."""
        self._config_class = config_class

    def info(self, message: str) -> None:  # noqa: D102
        self._write(message, sys.stdout)

    def warning(self, message: str) -> None:  # noqa: D102
        self._write(f"warning: {message}", sys.stderr)

    def error(self, message: str) -> None:  # noqa: D102
        self._write(f"error: {message}", sys.stderr)

    @contextmanager
    def bar(self, label: str, total: int) -> Iterator[Bar]:  # noqa: D102
        with tqdm(total=total, unit="img", desc=label, leave=False, delay=1) as drawn:
            yield _TerminalBar(drawn)

    def _write(self, line: str, stream) -> None:
        tqdm.write(with_flags(line, self._config_class), file=stream)
        stream.flush()


class _TerminalBar(Bar):
    def __init__(self, drawn: tqdm) -> None:
        self._drawn = drawn

    def advance(self, count: int = 1) -> None:
        self._drawn.update(count)

    def note(self, text: str) -> None:
        self._drawn.set_postfix_str(text, refresh=False)

    def rename(self, label: str) -> None:
        self._drawn.set_description(label)
