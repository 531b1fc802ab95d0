"""Every test can fail."""

import ast
from pathlib import Path

import pytest

FILES = sorted(Path(__file__).parents[1].rglob("test_*.py"))


def complains(node: ast.AST) -> bool:
    """Tells whether code asserts something: by any of the usual means."""
    for inside in ast.walk(node):
        if isinstance(inside, ast.Assert):
            return True
        if isinstance(inside, ast.Call):
            name = ast.unparse(inside.func).rpartition(".")[2]
            checked = name == "run" and any(keyword.arg == "check" for keyword in inside.keywords)
            if name in ("raises", "warns", "fail", "exec") or name.startswith("assert_") or checked:
                return True
    return False


def called(node: ast.AST) -> set[str]:
    """Names of the functions of the same file that code may call."""
    return {inside.func.id for inside in ast.walk(node) if isinstance(inside, ast.Call) and hasattr(inside.func, "id")}


def unable_to_fail(source: str) -> list[str]:
    functions = {node.name: node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.FunctionDef)}
    good = {name for name, node in functions.items() if complains(node)}
    for _ in functions:  # helpers that call helpers
        good |= {name for name, node in functions.items() if called(node) & good}
    return [name for name in functions if name.startswith("test_") and name not in good]


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_every_test_asserts_something(path):
    assert not unable_to_fail(path.read_text(encoding="utf-8"))


def test_tests_without_assertion_are_noticed():
    source = """
def test_nothing():
    print(1)
def helper(x):
    assert x
def test_by_helper():
    helper(1)
def test_by_raises():
    with pytest.raises(ValueError):
        f()
"""
    assert unable_to_fail(source) == ["test_nothing"]
