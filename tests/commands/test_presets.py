import json
import re

import pytest

from fusioncolor.models import presets


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    monkeypatch.setenv(presets.HOME, str(tmp_path / "home"))


def test_presets_are_listed_with_their_place(run_command):
    done = run_command("presets")
    assert done.returncode == 0
    assert re.search(r"^photographs +included +1 ", done.stdout, re.M)
    assert re.search(r"^photographs-vivid +included +1\.5 ", done.stdout, re.M)


def test_a_preset_is_added_listed_and_removed(run_command, tmp_path):
    entries = {"name": "autumn", "summary": "leaves", "url": "https://example.org/a.zip", "sha256": "0" * 64}
    (tmp_path / "a.json").write_text(json.dumps(entries | {"size": 5_000_000}))
    assert run_command("presets", "--add", tmp_path / "a.json").stdout.startswith("added: autumn")
    assert "to download, 5.0 MB" in run_command("presets").stdout
    assert run_command("presets", "--remove", "autumn").returncode == 0
    assert "autumn" not in run_command("presets").stdout


def test_included_presets_are_downloaded_already(run_command):
    done = run_command("presets", "--download", "landscapes")
    assert done.stdout.startswith("landscapes: ")
    assert done.stdout.strip().endswith("fusion.landscapes")


def test_an_unknown_preset_is_guessed(run_command):
    done = run_command("presets", "--download", "landscape")
    assert done.returncode == 2
    assert "no preset 'landscape'; did you mean 'landscapes'?" in done.stderr
