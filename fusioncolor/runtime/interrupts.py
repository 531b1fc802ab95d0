"""Ctrl-C and requests to terminate, at a moment that suits."""

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager


class Interrupt:
    """Ctrl-C, or a request to terminate: the first one waits for a moment at which work can be saved.

    Attributes:
        requested: whether a signal has come.
    """

    def __init__(self, on_request: Callable[[], None] = lambda: None) -> None:
        """Takes a function to call when the first signal comes."""
        self.requested = False
        self._on_request = on_request

    @contextmanager
    def listening(self) -> Iterator[None]:
        """While the block runs, the first signal is noted here and the second does what it always does."""
        if threading.current_thread() is not threading.main_thread():  # only that one gets signals
            yield
            return
        before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}

        def note(number, frame) -> None:
            self.requested = True
            signal.signal(number, signal.SIG_DFL if number == signal.SIGTERM else signal.default_int_handler)
            self._on_request()

        for number in before:
            signal.signal(number, note)
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)
