from pathlib import Path

import pytest

from fusioncolor import diagnosis
from fusioncolor.models import presets


@pytest.fixture
def findings():
    return {(one.section, one.name): one for one in diagnosis.diagnose(measure=False)}


def test_this_installation_is_described(findings):
    assert findings["packages", "numpy"].text[0] == "2"
    assert "checked" in findings["weights", "photographs"].text
    assert findings["formats", "png, 16 bits"].text == "written and read"
    assert findings["abilities", "tensorflow"].text.startswith("train and colorize")
    assert not [one for one in findings.values() if one.broken and one.section in ("formats", "weights")]


def test_nobody_is_named(findings):
    assert not [one for one in findings.values() if str(Path.home()) in one.text and str(Path.home()) != "/"]


def test_missing_weights_and_packages_are_broken(monkeypatch, tmp_path):
    monkeypatch.setattr(presets, "included", lambda: tmp_path)
    monkeypatch.setattr(diagnosis, "_version", lambda package: {"numpy": "1.0"}.get(package))
    found = {one.name: one for one in diagnosis.diagnose(measure=False)}
    assert found["photographs"].broken
    assert found["numpy"].broken and "needed is" in found["numpy"].text
    assert found["pillow"].text.startswith("missing")
    assert found["backend"].broken


def test_a_damaged_installation_of_a_codec_is_broken(monkeypatch):
    def broken(*arguments, **options):
        raise OSError("libtiff.so: cannot open")

    monkeypatch.setattr(diagnosis.images, "write", broken)
    found = {one.name: one for one in diagnosis.diagnose(measure=False)}
    assert found["tif, 8 bits"].broken and "libtiff.so" in found["tif, 8 bits"].text


@pytest.mark.slow
@pytest.mark.keras
def test_the_speed_is_measured():
    found = {one.name: one for one in diagnosis._speed()}
    assert "ms for one photograph" in found["colorizing"].text
