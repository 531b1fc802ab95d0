"""Imports of the files of the package and of the tests, read from their source."""

import ast
from functools import cache
from pathlib import Path

PACKAGE = Path(__file__).parents[1] / "fusioncolor"
BACKENDS = {"keras", "tensorflow", "jax", "torch"}


def module_name(path: Path) -> str:
    """Name of a module of the package without "fusioncolor."; a room's `__init__` has the room's name."""
    return ".".join(path.relative_to(PACKAGE).with_suffix("").parts).removesuffix(".__init__")


MODULES = {module_name(path): path for path in PACKAGE.rglob("*.py") if path != PACKAGE / "__init__.py"}


def imported(tree: ast.AST, *, at_import: bool = False) -> set[str]:
    """Names of the modules that a piece of code imports.

    Args:
        tree: the code.
        at_import: leaves out imports inside functions, and those for type checkers only.
    """
    names = set()
    for node in _at_import(tree) if at_import else ast.walk(tree):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"relative import of {node.module}"
            inside = [f"{node.module}.{alias.name}" for alias in node.names]
            names |= {name if name.removeprefix("fusioncolor.") in MODULES else node.module for name in inside}
    return names


def _at_import(node: ast.AST):
    for child in ast.iter_child_nodes(node):
        yield child
        checked_only = isinstance(child, ast.If) and "TYPE_CHECKING" in ast.unparse(child.test)
        if not checked_only and not isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            yield from _at_import(child)


@cache
def parsed(path: Path) -> ast.Module:
    return ast.parse(path.read_text())


def needs_keras(names: set[str]) -> bool:
    """Returns whether importing one of these modules imports Keras or a backend."""
    return bool(BACKENDS & {name.split(".")[0] for name in _reached(frozenset(names))})


@cache
def _reached(names: frozenset[str]) -> frozenset[str]:
    """The modules, what they import in turn, and the rooms they lie in."""
    seen, waiting = set(), list(names)
    while waiting:
        name = waiting.pop()
        parents = [".".join(name.split(".")[:count]) for count in range(1, name.count(".") + 1)]
        waiting += [parent for parent in parents if parent not in seen]
        if name in seen:
            continue
        seen.add(name)
        path = MODULES.get(name.removeprefix("fusioncolor."))
        if path:
            waiting += imported(parsed(path), at_import=True)
    return frozenset(seen)
