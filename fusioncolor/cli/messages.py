"""The library's messages on the command line: options as flags, progress bars, warnings."""

import dataclasses
import os
import re
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from typing import TYPE_CHECKING, TextIO

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
        message: text such as "`batch_size` must be 1 or more" or "`grid=False` is faster".
        config_class: dataclass of the command's options; names of other fields stay unchanged.
    """
    shown = {
        field.name: _place(field) if field.metadata.get("positional") else flag(field.name)
        for field in dataclasses.fields(config_class)
    } | {"import": "--import"}

    def shown_as(match: re.Match) -> str:
        if match[2] and match[1] in shown:
            return flag(f"no_{match[1]}")
        return shown.get(match[1], match[0])

    return re.sub(r"`([a-z][a-z0-9_]*)(=False)?`", shown_as, message)


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
        self._clock = _Clock()

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
        if self._quiet:
            yield Bar()
        elif total == 1:  # half of one photograph is no progress, but its seconds can be counted
            with self._clock.running(label) if sys.stderr.isatty() else nullcontext():
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
                    drawn.clear()  # tqdm leaves what was drawn before the first step
        else:
            yield _LogBar(label, total, unit)

    def _write(self, line: str, stream) -> None:
        text = with_flags(line, self._config_class)
        self._clock.clear()
        if "tqdm" in sys.modules:  # it draws its bar anew under the line
            sys.modules["tqdm"].tqdm.write(text, file=stream)
        else:
            print(text, file=stream)
        stream.flush()


class _Clock:
    """Counts the seconds of what cannot be counted otherwise, on one line of the terminal: "loading TensorFlow: 3 s".

    Of several labels at a time, the last is shown. It has a descriptor of its own for the terminal, because standard
    error is silenced while a backend is imported.
    """

    def __init__(self) -> None:
        self._started: list[tuple[str, float]] = []  # label, and when it began
        self._ended = threading.Event()
        self._drawing = threading.Lock()
        self._terminal: TextIO = sys.stderr
        self._drawn = 0  # characters on the line

    @contextmanager
    def running(self, label: str) -> Iterator[None]:
        """Shows the seconds since the beginning of the block, once a second has passed."""
        self._started.append((label, time.monotonic()))
        if len(self._started) > 1:
            try:
                yield
            finally:
                self._started.pop()
            return
        self._terminal = os.fdopen(os.dup(sys.stderr.fileno()), "w")
        self._ended.clear()
        thread = threading.Thread(target=self._draw, daemon=True)
        thread.start()
        try:
            yield
        finally:
            self._ended.set()
            thread.join()
            self.clear()
            self._terminal.close()
            self._started.pop()

    def clear(self) -> None:
        """Clears the line, so that a message takes its place."""
        self._show("")

    def _draw(self) -> None:
        while not self._ended.wait(_DRAWN_AFTER):
            label, start = self._started[-1]
            seconds = f": {time.monotonic() - start:.0f} s"
            room = self._columns() - len(seconds) - 1  # a second line could not be cleared
            self._show(f"{label[:room]}{seconds}")

    def _columns(self) -> int:
        try:
            return os.get_terminal_size(self._terminal.fileno()).columns
        except OSError:  # some do not tell
            return 80

    def _show(self, text: str) -> None:
        with self._drawing:
            if text or self._drawn:
                self._terminal.write(f"\r{text.ljust(self._drawn)}\r{text}")
                self._terminal.flush()
            self._drawn = len(text)


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
