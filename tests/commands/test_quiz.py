import os
import signal
import subprocess
import sys
import urllib.request

import pytest


def test_a_folder_without_color_is_said_to_be(run_command, tmp_path, weights):
    done = run_command("quiz", tmp_path, "--weights", weights, "--no-browser")
    assert done.returncode == 2
    assert "no image in folder" in done.stderr


@pytest.mark.slow
def test_the_quiz_is_served_until_a_signal(project, scenes, tmp_path, weights):
    """As a user would start and end it."""
    command = [sys.executable, "-m", "fusioncolor", "quiz", scenes, "--weights", weights, "--no-browser", "--port", "0"]
    settings = os.environ | {"PYTHONPATH": str(project)}
    with subprocess.Popen(command, cwd=tmp_path, env=settings, stdout=subprocess.PIPE, text=True) as running:
        url = next(line for line in running.stdout if "http" in line).split()[0]
        assert urllib.request.urlopen(url, timeout=30).status == 200
        running.send_signal(signal.SIGTERM)
        assert running.wait(60) == 0
