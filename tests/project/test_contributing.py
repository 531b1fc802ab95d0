"""The examples of CONTRIBUTING.md run as they stand there, and so do their tests."""

import ast
import gc
import inspect
import re
from pathlib import Path

import pytest

from fusioncolor import registries

PROJECT = Path(__file__).parents[2]
TEXT = (PROJECT / "CONTRIBUTING.md").read_text(encoding="utf-8")
EXAMPLES = dict(re.findall(r"^### (?:An?) ([^\n]+)\n(?:(?!^###).)*?^```python\n(.*?)^```$", TEXT, re.M | re.S))
KINDS = ("model", "head", "loss", "refinement", "baseline", "metric", "output format", "option", "command")


def registries_of_the_package() -> list[registries.Registry]:
    """Every registry, wherever it is defined."""
    return [one for one in gc.get_objects() if isinstance(one, registries.Registry)]


@pytest.fixture
def nothing_stays_registered():
    before = [(one, set(one)) for one in registries_of_the_package()]
    yield
    for one, names in before:
        for name in set(one) - names:
            one.unregister(name)


def rows_of_the_structure_test() -> list[set[str]]:
    tree = ast.parse((PROJECT / "tests" / "test_structure.py").read_text(encoding="utf-8"))
    values = {
        node.targets[0].id: ast.literal_eval(node.value)
        for node in tree.body
        if isinstance(node, ast.Assign) and node.targets[0].id in ("ROWS", "TOP")
    }
    return [set(row) if row != ["the top"] else values["TOP"] for row in values["ROWS"]]


def test_the_map_shows_the_rows_that_the_structure_test_enforces():
    rows = re.findall(r"^\| (\d) \| (.*?) \|", TEXT, re.M)
    shown = [{name.rstrip("/") for name in re.findall(r"`([\w/]+)`", rooms)} for _, rooms in reversed(rows)]
    assert shown == rows_of_the_structure_test()


def test_the_design_shows_the_same_rows():
    text = (PROJECT / "docs" / "design.md").read_text(encoding="utf-8")
    lines = dict(re.findall(r"^(\d)  (.*)$", text, re.M))
    for number, rooms in enumerate(rows_of_the_structure_test(), start=1):
        assert not [room for room in rooms if not re.search(rf"\b{room}\b", lines[str(number)])]


def test_there_is_an_example_of_every_kind():
    assert tuple(EXAMPLES) == KINDS


@pytest.mark.keras
@pytest.mark.usefixtures("nothing_stays_registered")
@pytest.mark.parametrize("kind", EXAMPLES)
def test_an_example_runs_and_passes_its_own_tests(kind, tmp_path, capsys):
    namespace = {"__name__": f"example_of_{kind.replace(' ', '_')}"}
    exec(compile(EXAMPLES[kind], f"CONTRIBUTING.md, {kind}", "exec"), namespace)
    available = {"tmp_path": tmp_path, "capsys": capsys}
    tests = [value for name, value in namespace.items() if name.startswith("test_")]
    assert tests
    for test in tests:
        test(**{name: available[name] for name in inspect.signature(test).parameters})
