"""The benchmarks can be started; what they measure is not checked."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.keras

PROJECT = Path(__file__).parents[2]
FOLDER = PROJECT / "benchmarks"
SCRIPTS = sorted(path.stem for path in FOLDER.glob("*.py") if path.stem != "__init__")
MODULES = sorted(path for path in FOLDER.rglob("*.py"))


def module_name(path: Path) -> str:
    return ".".join(path.relative_to(PROJECT).with_suffix("").parts).removesuffix(".__init__")


@pytest.mark.slow
def test_every_module_imports():
    code = """
import importlib, sys
for name in sys.argv[1:]:
    try:
        importlib.import_module(name)
    except ModuleNotFoundError as error:
        if error.name not in ("torch", "torchvision"):
            raise
"""
    names = [module_name(path) for path in MODULES]
    done = subprocess.run([sys.executable, "-c", code, *names], cwd=PROJECT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


@pytest.mark.slow
@pytest.mark.parametrize("script", SCRIPTS)
def test_help_says_what_a_script_measures(script):
    done = subprocess.run(
        [sys.executable, "-m", f"benchmarks.{script}", "--help"], cwd=PROJECT, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    assert ast.get_docstring(ast.parse((FOLDER / f"{script}.py").read_text())).splitlines()[0] in done.stdout


def test_the_readme_lists_every_script():
    text = (FOLDER / "README.md").read_text(encoding="utf-8")
    assert not [script for script in SCRIPTS if f"`{script}`" not in text and f"`{script} " not in text]
