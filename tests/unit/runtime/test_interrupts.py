import signal
import threading

import pytest

from fusioncolor.runtime.interrupts import Interrupt, termination_as_interrupt


@pytest.fixture(autouse=True)
def usual_handler():
    """Shells let background processes ignore Ctrl-C."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_the_first_signal_is_noted_and_the_second_acts(number):
    before = signal.getsignal(number)
    called = []
    interrupt = Interrupt(lambda: called.append(True))
    with interrupt.listening():
        assert not interrupt.requested
        signal.raise_signal(number)
        assert interrupt.requested
        assert called == [True]
        if number == signal.SIGINT:
            with pytest.raises(KeyboardInterrupt):
                signal.raise_signal(number)
        else:
            assert signal.getsignal(number) == signal.SIG_DFL  # raising it would end this process
    assert signal.getsignal(number) == before


def test_in_another_thread_nothing_is_changed():
    handlers = []

    def listen():
        with Interrupt().listening():
            handlers.append(signal.getsignal(signal.SIGINT))

    before = signal.getsignal(signal.SIGINT)
    thread = threading.Thread(target=listen)
    thread.start()
    thread.join()
    assert handlers == [before]


def test_a_request_to_terminate_is_like_ctrl_c_and_only_meanwhile():
    before = signal.getsignal(signal.SIGTERM)
    with pytest.raises(KeyboardInterrupt), termination_as_interrupt():
        signal.raise_signal(signal.SIGTERM)
    assert signal.getsignal(signal.SIGTERM) == before
