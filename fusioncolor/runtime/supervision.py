"""A parent process that turns the end of its child into a sentence.

When one of several processes dies, JAX aborts the others at once, with a dump of their threads that no Python code can
prevent. So a command that joins others runs in a child: its native libraries write to a pipe, and the parent tells what
happened.
"""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Sequence

from fusioncolor.errors import ResourceError

_TERMINAL = "FUSIONCOLOR_TERMINAL"  # environment variable of a child: file descriptor for its own messages
_KEPT = 20_000  # bytes of native messages


def is_child() -> bool:
    """Tells whether this process has a parent that supervises it."""
    return _TERMINAL in os.environ


def take_terminal() -> None:
    """Sends what Python prints to the terminal of the parent; standard error of native libraries stays in the pipe.

    From now on the child also ends, within a second, when its parent is killed.
    """
    threading.Thread(target=_follow, args=[os.getppid()], daemon=True).start()
    terminal = int(os.environ[_TERMINAL])
    sys.stderr = os.fdopen(terminal, "w", buffering=1, encoding="utf-8", errors="backslashreplace")


def _follow(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(0.5)
    os._exit(1)


def supervise(command: Sequence[str]) -> int:
    """Runs a command as a child and waits for its end; it also receives the signals that this process receives.

    Returns:
        The child's exit code.

    Raises:
        ResourceError: the child was killed, or aborted because another process of the training ended.
    """
    terminal = os.dup(2)
    environment = {**os.environ, _TERMINAL: str(terminal)}
    child = subprocess.Popen(command, stderr=subprocess.PIPE, pass_fds=[terminal], env=environment)
    os.close(terminal)
    native = _Tail(child.stderr)
    before = {
        number: signal.signal(number, lambda number, _: _pass_on(child, number))
        for number in (signal.SIGINT, signal.SIGTERM)
    }
    try:
        code = child.wait()
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
        child.kill()
    native.join()
    if code >= 0:
        return code
    if code == -signal.SIGABRT and native.tells_of_others():
        raise ResourceError("another process of this training has ended or cannot be reached")
    name = signal.Signals(-code).name
    raise ResourceError(f"the training was ended by {name}: {native.last_line()}".removesuffix(": "))


def _pass_on(child: subprocess.Popen, number: int) -> None:
    """Ctrl-C reaches the child by itself, as a member of the terminal's foreground group."""
    if number != signal.SIGINT or not sys.stdin or not sys.stdin.isatty():
        child.send_signal(number)


class _Tail(threading.Thread):
    """Reads what native libraries write, and keeps the end of it."""

    def __init__(self, stream) -> None:
        super().__init__(daemon=True)
        self._stream = stream
        self._text = b""
        self.start()

    def run(self) -> None:
        while chunk := self._stream.read1(1 << 16):
            self._text = (self._text + chunk)[-_KEPT:]

    def tells_of_others(self) -> bool:
        text = self._text.lower()
        return any(words in text for words in (b"distributed service", b"coordination", b"gloo", b"another task"))

    def last_line(self) -> str:
        lines = self._text.decode("utf-8", "replace").strip().splitlines()
        return lines[-1] if lines else ""
