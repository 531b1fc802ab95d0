"""The benchmarks can be started; what they measure is not checked."""

import ast
import csv
import dataclasses
import re
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


def results_of(name: str, count: int) -> list[dict[str, str]]:
    """The rows that a script recorded last."""
    with open(FOLDER / "results" / f"{name}.csv") as file:
        return list(csv.DictReader(file))[-count:]


def numbers_of(pattern: str) -> list[list[float]]:
    """The numbers in the rows of docs/scale.md that match a pattern, by groups."""
    found = re.findall(pattern, (PROJECT / "docs" / "scale.md").read_text(encoding="utf-8"))
    return [[float(number.replace(",", "")) for number in row] for row in found]


def test_what_a_million_photographs_take_follows_from_the_costs_that_were_measured():
    from benchmarks import scale

    [row] = results_of("scale", 1)
    costs = scale.Costs(**{field.name: float(row[field.name]) for field in dataclasses.fields(scale.Costs)})
    made = scale.table(costs, scale.Machines(cores=4, megapixels=2, bandwidth=1000, price=0.04))
    cells = r"\| 10\^(\d) \| ([\d,]+) \| ([\d,.]+) \| ([\d,]+) \| ([\d,]+) MB/s \| [^|]+ \| ([\d.]+) GiB \|"
    told = numbers_of(cells)
    assert len(told) == len(made) == 6
    for (power, workers, *figures), row in zip(told, made, strict=True):
        assert (float(row["photographs"]), row["workers"]) == (10**power, workers)
        expected = [row[name] for name in ("hours", "price", "MB/s", "GiB a worker for paths")]
        assert figures == pytest.approx(expected, rel=0.07, abs=0.5)  # rounded to one or two digits
    checks = results_of("scale_checks", 4)
    told = numbers_of(r"\| (\d+) \| (\d+)x\d+ \| (\d) \| ([\d.]+) s \| ([\d.]+) s \| ([+-]?\d+)% \|")
    assert len(told) == len(checks)
    for (count, side, processes, formula, measured, more), row in zip(told, checks, strict=True):
        assert [int(row[name]) for name in ("photographs", "side", "processes")] == [count, side, processes]
        said = costs.of_run(int(count), scale.megapixels(int(side)), int(processes))
        assert formula == pytest.approx(said, rel=0.01, abs=0.1)
        assert measured == pytest.approx(float(row["measured (s)"]), abs=0.1)
        assert more == pytest.approx(100 * (measured / formula - 1), abs=1)
