"""The built package: complete, and working in an empty environment."""

import os
import subprocess
import sys
import tomllib
import venv
import zipfile
from pathlib import Path

import pytest
from imports import PACKAGE

PROJECT = PACKAGE.parent
WEIGHTS = {"colorizer.json", "network.weights.h5", "README.md"} | {
    f"network.{kind}.zip" for kind in ("onnx", "openvino", "litert")
}


def test_every_room_is_packed():
    settings = tomllib.loads((PROJECT / "pyproject.toml").read_text())["tool"]["setuptools"]
    rooms = {".".join(path.parent.relative_to(PROJECT).parts) for path in PACKAGE.rglob("__init__.py")}
    assert set(settings["packages"]) == rooms | {"fusioncolor.weights"}, "list new rooms in pyproject.toml"
    assert settings["package-dir"] == {"fusioncolor.weights": "weights"}


def test_every_file_that_is_no_module_is_packed():
    settings = tomllib.loads((PROJECT / "pyproject.toml").read_text())["tool"]["setuptools"]["package-data"]
    packed = {path for room, names in settings.items() if room != "fusioncolor.weights" for name in names
              for path in PROJECT.joinpath(*room.split(".")).glob(name)}  # fmt: skip
    others = {path for path in PACKAGE.rglob("*") if path.is_file() and path.suffix not in (".py", ".pyc")}
    assert others == packed


def ran(*command, **options) -> str:
    done = subprocess.run(list(map(str, command)), capture_output=True, text=True, timeout=1200, **options)
    assert done.returncode == 0, done.stderr[-3000:]
    return done.stdout


@pytest.mark.parametrize(
    "extra", [pytest.param("fast", marks=pytest.mark.slow), pytest.param("tensorflow", marks=pytest.mark.long)]
)
def test_wheel_and_sdist_colorize_in_an_empty_environment(tmp_path, extra):
    """The wheel is built from the sdist, as `python -m build` does, and installed with what colorizes."""
    venv.create(tmp_path / "env", with_pip=True)
    bin_folder = tmp_path / "env" / ("Scripts" if os.name == "nt" else "bin")
    python = bin_folder / "python"
    ran(python, "-m", "pip", "install", "-q", "build")
    ran(python, "-m", "build", "--outdir", tmp_path / "dist", PROJECT)
    [sdist], [wheel] = (tmp_path / "dist").glob("*.tar.gz"), (tmp_path / "dist").glob("*.whl")
    for path in (sdist, wheel):
        assert path.stat().st_size < 100_000_000  # the limit of PyPI
    with zipfile.ZipFile(wheel) as archive:
        names = {Path(name) for name in archive.namelist()}
    packed = {path.parts[2:] for path in names if path.parts[:2] == ("fusioncolor", "weights")}
    folders = {path.parent.name for path in (PROJECT / "weights").glob("*/colorizer.json")}
    assert {parts for parts in packed if len(parts) == 2} == {(folder, name) for folder in folders for name in WEIGHTS}
    assert sum(len(parts) == 1 for parts in packed) == 1  # InceptionV3, once
    assert not any("tests" in path.parts for path in names)

    ran(python, "-m", "pip", "install", "-q", f"{wheel}[{extra}]")
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    clean = {name: value for name, value in os.environ.items() if name not in ("PYTHONPATH", "KERAS_BACKEND")}
    make = "import numpy as np; from PIL import Image; y, x = np.mgrid[:64, :96]; "
    ran(python, "-c", f"{make}Image.fromarray((y + x).astype(np.uint8)).save('old.jpg')", cwd=elsewhere, env=clean)
    ran(bin_folder / "fusioncolor", "predict", "old.jpg", "--weights", "landscapes", cwd=elsewhere, env=clean)
    shown = "import numpy as np; from PIL import Image; print(np.ptp(np.asarray(Image.open('out/old.jpg')), -1).max())"
    assert int(ran(python, "-c", shown, cwd=elsewhere, env=clean)) > 3  # it has color
    assert str(tmp_path) in ran(
        python, "-c", "import fusioncolor; print(fusioncolor.__file__)", cwd=elsewhere, env=clean
    )
    assert "missing" not in ran(bin_folder / "fusioncolor", "presets", cwd=elsewhere, env=clean)


@pytest.mark.slow
def test_pip_builds_a_wheel(tmp_path):
    ran(sys.executable, "-m", "pip", "wheel", "-q", "--no-deps", "--wheel-dir", tmp_path, PROJECT)
    assert len(list(tmp_path.glob("fusioncolor-*.whl"))) == 1
