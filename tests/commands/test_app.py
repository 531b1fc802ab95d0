import os
import signal
import subprocess
import sys
import urllib.request

import pytest


def test_without_gradio_the_extra_is_named(run_command, monkeypatch):
    monkeypatch.setattr("fusioncolor.cli.app.find_spec", lambda name: None)
    done = run_command("app")
    assert done.returncode == 2
    assert "pip install fusioncolor[app]" in done.stderr


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--port", 70000], "--port must be from 0 to 65535"),
        (["--weights", "none"], "no preset and no weights folder none"),
    ],
)
def test_mistakes_are_sentences(run_command, options, message):
    pytest.importorskip("gradio")
    done = run_command("app", "--no-browser", *options)
    assert done.returncode == 2
    assert message in done.stderr


@pytest.mark.slow
def test_the_page_ends_with_a_signal_and_leaves_nothing_behind(project, tmp_path, weights):
    """As a user would start and end it."""
    pytest.importorskip("gradio")

    command = [sys.executable, "-m", "fusioncolor", "app", "--no-browser", "--port", "0", "--weights", weights]
    (tmp_path / "tmp").mkdir()
    settings = os.environ | {"TMPDIR": str(tmp_path / "tmp"), "PYTHONPATH": str(project)}
    with subprocess.Popen(command, cwd=tmp_path, env=settings, stdout=subprocess.PIPE, text=True) as running:
        url = next(line for line in running.stdout if "http" in line).split()[0]
        assert url.startswith("http://127.0.0.1:")
        assert urllib.request.urlopen(url, timeout=30).status == 200
        assert len([path for path in (tmp_path / "tmp").iterdir() if path.name.startswith("fusioncolor-")]) == 1
        running.send_signal(signal.SIGTERM)
        assert running.wait(60) == 0
    assert not [path for path in (tmp_path / "tmp").iterdir() if path.name.startswith("fusioncolor-")]
