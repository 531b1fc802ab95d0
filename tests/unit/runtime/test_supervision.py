import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from fusioncolor.errors import ResourceError
from fusioncolor.runtime import supervision

PROJECT = Path(supervision.__file__).parents[2]


def child(code: str) -> list[str]:
    start = "from fusioncolor.runtime import supervision; supervision.take_terminal(); "
    return [sys.executable, "-c", f"import sys, os; sys.path.insert(0, {str(PROJECT)!r}); {start}{code}"]


@pytest.mark.parametrize("code", [0, 2, 130])
def test_the_exit_code_is_that_of_the_child(code):
    assert supervision.supervise(child(f"sys.exit({code})")) == code


def test_the_child_complains_to_the_terminal_and_its_libraries_do_not(capfd):
    supervision.supervise(child("print('mine', file=sys.stderr); os.write(2, b'from a library')"))
    complained = capfd.readouterr().err
    assert "mine" in complained
    assert "library" not in complained


def test_an_abort_because_of_another_process_is_a_sentence():
    code = "os.write(2, b'Terminating process because the JAX distributed service detected fatal errors'); os.abort()"
    with pytest.raises(ResourceError, match="another process of this training has ended"):
        supervision.supervise(child(code))


def test_any_other_end_is_told_with_the_last_line():
    with pytest.raises(ResourceError, match="was ended by SIGABRT: no luck"):
        supervision.supervise(child("os.write(2, b'hm\\nno luck\\n'); os.abort()"))
    with pytest.raises(ResourceError, match="was ended by SIGKILL"):
        supervision.supervise(child("os.kill(os.getpid(), 9)"))


def test_a_signal_is_passed_on_and_a_killed_parent_takes_its_child_along(tmp_path):
    ready = tmp_path / "ready"
    body = (
        f"import signal, time; signal.signal(signal.SIGTERM, lambda *_: sys.exit(7)); "
        f"open({str(ready)!r}, 'w').write(str(os.getpid())); time.sleep(60)"
    )
    code = (
        f"import sys; sys.path.insert(0, {str(PROJECT)!r}); from fusioncolor.runtime import supervision; "
        f"sys.exit(supervision.supervise({child(body)!r}))"
    )
    for number, expected in ((signal.SIGTERM, 7), (signal.SIGKILL, -9)):
        ready.unlink(missing_ok=True)
        parent = subprocess.Popen([sys.executable, "-c", code])
        while not (ready.exists() and ready.read_text()):
            time.sleep(0.02)
        parent.send_signal(number)
        assert parent.wait(timeout=20) == expected
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline and is_running(int(ready.read_text())):
            time.sleep(0.05)
        assert not is_running(int(ready.read_text()))


def is_running(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    status = Path(f"/proc/{process}/status")
    return not status.exists() or "Z (zombie)" not in status.read_text()


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no such processes here")
def test_this_process_is_no_child():
    assert not supervision.is_child()
