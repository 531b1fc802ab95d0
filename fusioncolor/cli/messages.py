"""The library's messages on the command line: options as flags, progress bars, warnings."""

import dataclasses
import re
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from fusioncolor.config import flag
from fusioncolor.runtime.reporting import Bar, Reporter

if TYPE_CHECKING:
    from tqdm import tqdm

_DRAWN_AFTER = 1  # seconds
_LOGGED_EVERY = 60  # seconds


_PACKAGES = {  # what an installation without Keras lacks, by the name it is imported as
    "cv2": "opencv-python-headless",
    "h5py": "h5py",
    "imagecodecs": "imagecodecs",
    "keras": "keras",
    "matplotlib": "matplotlib",
    "scipy": "scipy",
    "skimage": "scikit-image",
    "tifffile": "tifffile",
}


def package_of(error: ModuleNotFoundError) -> str | None:
    """Returns the optional package that is missing, for pip; None if it is no such package."""
    return _PACKAGES.get((error.name or "").split(".")[0])


def with_flags(message: str, config_class: type) -> str:
    """Replaces field names in backticks with the flags of a command.

    Args:
        message: text such as "`batch_size` must be 1 or more".
        config_class: dataclass of the command's options; names of other fields stay unchanged.
    """
    shown = {
        field.name: _place(field) if field.metadata.get("positional") else flag(field.name)
        for field in dataclasses.fields(config_class)
    } | {"import": "--import"}
    return re.sub(r"`([a-z][a-z0-9_]*)`", lambda match: shown.get(match[1], match[0]), message)


def _place(field: dataclasses.Field) -> str:
    """Returns what the help calls a positional argument."""
    return field.metadata.get("metavar") or field.name.upper()


class TerminalReporter(Reporter):
    """Prints messages to standard output, warnings and errors to standard error, and draws bars with tqdm.

    Where standard error is a file, a line a minute takes the place of a bar.
    """

    def __init__(self, config_class: type, *, quiet: bool = False, verbose: bool = False) -> None:
        """Creates a reporter.

        Args:
            config_class: dataclass of the command's options, shown as flags in messages.
            quiet: print warnings and errors only.
            verbose: print details too.
        """
        self._config_class = config_class
        self._quiet = quiet
        self._verbose = verbose

    def detail(self, message: str) -> None:  # noqa: D102
        if self._verbose:
            self._write(message, sys.stdout)

    def info(self, message: str) -> None:  # noqa: D102
        if not self._quiet:
            self._write(message, sys.stdout)

    def warning(self, message: str) -> None:  # noqa: D102
        self._write(f"warning: {message}", sys.stderr)

    def error(self, message: str) -> None:  # noqa: D102
        self._write(f"error: {message}", sys.stderr)

    @contextmanager
    def bar(self, label: str, total: int | None, *, unit: str = "img") -> Iterator[Bar]:  # noqa: D102
        if self._quiet or total == 1:  # half of one photograph is no progress
            yield Bar()
        elif sys.stderr.isatty():
            from tqdm import tqdm  # slow to import, and not needed for one photograph

            scaled = unit == "B"  # shown in kB and MB
            with tqdm(total=total, unit=unit, unit_scale=scaled, desc=label, leave=False, delay=_DRAWN_AFTER) as drawn:
                first = threading.Timer(_DRAWN_AFTER, drawn.refresh)  # tqdm would wait for the first step
                first.daemon = True
                first.start()
                try:
                    yield _TerminalBar(drawn)
                finally:
                    first.cancel()
        else:
            yield _LogBar(label, total, unit)

    def _write(self, line: str, stream) -> None:
        text = with_flags(line, self._config_class)
        if "tqdm" in sys.modules:  # it draws its bar anew under the line
            sys.modules["tqdm"].tqdm.write(text, file=stream)
        else:
            print(text, file=stream)
        stream.flush()


class _TerminalBar(Bar):
    def __init__(self, drawn: "tqdm") -> None:
        self._drawn = drawn

    def advance(self, count: int = 1) -> None:
        self._drawn.update(count)

    def note(self, text: str) -> None:
        self._drawn.set_postfix_str(text, refresh=False)

    def rename(self, label: str) -> None:
        self._drawn.set_description(label)


class _LogBar(Bar):
    """Prints a line a minute, for log files.

    The rate is the one since the first step, before which there is much to load.
    """

    def __init__(self, label: str, total: int | None, unit: str) -> None:
        self._label, self._total, self._unit = label, total, unit
        self._count, self._note = 0, ""
        self._printed = time.monotonic()
        self._first: tuple[int, float] | None = None  # what was done at the first step, and when that was

    def advance(self, count: int = 1) -> None:
        self._count += count
        now = time.monotonic()
        self._first = self._first or (self._count, now)
        if now - self._printed >= _LOGGED_EVERY:
            self._printed = now
            print(self._line(now), file=sys.stderr, flush=True)

    def _line(self, now: float) -> str:
        from tqdm import tqdm

        before, since = self._first
        parts = ["{n_fmt}" + " of {total_fmt}" * bool(self._total)]
        if now > since:
            parts += ["{rate_fmt}", *["{remaining} left"] * bool(self._total)]
        line = tqdm.format_meter(
            self._count,
            self._total,
            now - since,
            prefix=self._label,
            unit=self._unit,
            unit_scale=self._unit == "B",
            initial=before,
            postfix=self._note,
            bar_format=f"{{desc}}: {', '.join(parts)}{{postfix}}",
        )
        return " ".join(line.split())

    def note(self, text: str) -> None:
        self._note = text

    def rename(self, label: str) -> None:
        self._label = label
