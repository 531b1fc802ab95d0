"""Ctrl-C and requests to terminate, deferred until work can stop without loss."""

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

_SIGNALS = (signal.SIGINT, signal.SIGTERM)  # Ctrl-C, and a request to terminate


class Interrupt:
    """A request to stop: the first signal sets `requested`, the second has its usual effect.

    Attributes:
        requested: whether a signal has arrived; check it wherever work can stop.
    """

    def __init__(self, on_request: Callable[[], None] = lambda: None) -> None:
        """Starts without a request.

        Args:
            on_request: called at the first signal, for example to announce what will still be finished.
        """
        self.requested = False
        self._on_request = on_request

    @contextmanager
    def listening(self) -> Iterator[None]:
        """Listens for signals during the block; does nothing outside the main thread, where no signals arrive."""
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


@contextmanager
def termination_as_interrupt() -> Iterator[None]:
    """Lets a request to terminate raise `KeyboardInterrupt`, as Ctrl-C does, during the block."""
    before = signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
