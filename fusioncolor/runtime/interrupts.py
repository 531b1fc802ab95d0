"""Ctrl-C and requests to terminate, held until work can stop without loss."""

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

_SIGNALS = (signal.SIGINT, signal.SIGTERM)  # Ctrl-C, and a request to terminate


class Interrupt:
    """A request to stop: the first signal is noted, the second acts as if nobody were listening.

    Attributes:
        requested: whether a signal came; check it at every moment at which work can stop.
    """

    def __init__(self, on_request: Callable[[], None] = lambda: None) -> None:
        """Takes a function to call when the first signal comes, such as one that says what will be finished."""
        self.requested = False
        self._on_request = on_request

    @contextmanager
    def listening(self) -> Iterator[None]:
        """Notes signals while the block runs; in other threads than the main one, which gets none, does nothing."""
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        before = {number: signal.getsignal(number) or signal.SIG_DFL for number in _SIGNALS}

        def note(number, frame) -> None:
            self.requested = True
            signal.signal(number, before[number])
            self._on_request()

        for number in before:
            signal.signal(number, note)
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)
