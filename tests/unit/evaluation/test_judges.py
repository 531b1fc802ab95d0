import os
import subprocess
import sys

import pytest

from fusioncolor.errors import InputError
from fusioncolor.evaluation.judges import Elsewhere


def elsewhere(script: str, *arguments) -> str:
    """Runs a script that must not share a process with TensorFlow; returns its output."""
    done = subprocess.run([sys.executable, "-c", script, *map(str, arguments)], capture_output=True, text=True)
    if "ModuleNotFoundError" in done.stderr:
        pytest.skip(done.stderr.strip().splitlines()[-1])
    assert done.returncode == 0, done.stderr
    return done.stdout


class Ending:
    """A judge whose process ends."""

    described = ""

    def measure(self, pictures) -> None:
        """Ends the process, as a crash does."""
        os._exit(3)


def test_a_process_that_ends_is_a_sentence():
    judge = Elsewhere(Ending)
    with pytest.raises(InputError, match="process of LPIPS or FID ended"):
        judge.ask("measure", [1])


def test_nothing_of_keras_is_loaded_into_the_process():
    code = (
        "import sys, fusioncolor.evaluation.perceptual\n"
        "print([m for m in ('keras', 'tensorflow', 'torch') if m in sys.modules])"
    )
    assert elsewhere(code).strip() == "[]"
