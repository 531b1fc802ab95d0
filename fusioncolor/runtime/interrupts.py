"""Ctrl-C and requests to terminate, at a moment that suits."""

import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from tqdm import tqdm


class Interrupt:
    """Ctrl-C, or a request to terminate: the first one waits for a moment at which the training can be saved."""

    def __init__(self) -> None:
        self.requested = False

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
            tqdm.write("stopping as soon as this step, or validation, is done; once more to stop at once", sys.stderr)

        for number in before:
            signal.signal(number, note)
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)
