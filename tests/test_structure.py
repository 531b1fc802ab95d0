"""Imports point one way: a module imports only from rows under its own."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROWS = [  # lowest first; modules of one row do not import each other
    ["errors", "version", "progress"],
    ["config.options"],
    ["config.train", "config.predict", "config.evaluate", "config.export", "config.reproduce"],
    ["color", "config", "storage", "backend"],
    ["metadata", "profiles"],
    ["deep"],
    ["images", "metrics", "gamut"],
    ["scores"],
    ["features", "duplicates", "truth"],
    ["precision", "plotting", "tasks", "photographs", "losses", "decoding", "hints", "perceptual", "optimizers"],
    ["refinement", "manifest", "runs", "selection", "engines", "grids", "outcomes"],
    ["heads"],
    ["colorizer"],
    ["data", "baselines", "classifier", "checkpoint"],
    ["embeddings"],
    ["models.blocks", "models.extractors"],
    ["models.fusion", "models.plain", "models.residual", "models.resnet", "models.pixel_mlp"],
    ["models"],
    ["importers", "callbacks"],
    ["starting"],
    ["training", "pipeline", "exporting"],
    ["prediction"],
    ["evaluation"],
    ["report"],
    ["reproduction"],
    ["cli.arguments"],
    ["cli.train", "cli.predict", "cli.models", "cli.import_zhang", "cli.evaluate", "cli.export", "cli.reproduce"],
    ["cli"],
    ["__main__"],
]
LEVEL = {module: level for level, row in enumerate(ROWS) for module in row}
FREE_OF_KERAS = [module for row in ROWS[: 1 + LEVEL["features"]] for module in row] + [
    "plotting",
    "tasks",
    "photographs",
    "hints",
    "perceptual",
    "runs",
    "selection",
    "refinement",
    "manifest",
    "engines",
    "grids",
    "outcomes",
    "cli",
]
FAMILIES = next(row for row in ROWS if "models.fusion" in row)  # import keras, blocks and extractors only
PACKAGE = Path(__file__).parents[1] / "fusioncolor"


def module_name(path: Path) -> str:
    name = ".".join(path.relative_to(PACKAGE).with_suffix("").parts)
    return name.removesuffix(".__init__")


def modules() -> dict[str, Path]:
    return {module_name(path): path for path in PACKAGE.rglob("*.py") if path != PACKAGE / "__init__.py"}


def imported(path: Path) -> set[str]:
    """Modules of the package that a file imports, anywhere in it."""
    names = set()
    known = modules()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            inside = [f"{node.module}.{alias.name}" for alias in node.names]
            names |= {name if name.removeprefix("fusioncolor.") in known else node.module for name in inside}
    return {name.removeprefix("fusioncolor.") for name in names if name.startswith("fusioncolor.")}


def test_every_module_has_a_row():
    assert set(modules()) == set(LEVEL)


@pytest.mark.parametrize("name", sorted(LEVEL))
def test_modules_import_only_from_rows_under_their_own(name):
    above = {other for other in imported(modules()[name]) if LEVEL[other] >= LEVEL[name]}
    assert not above


@pytest.mark.parametrize("name", FAMILIES)
def test_families_of_networks_know_layers_only(name):
    assert imported(modules()[name]) <= {"models.blocks", "models.extractors"}


@pytest.mark.parametrize("name", FREE_OF_KERAS)
def test_light_modules_import_no_keras(name):
    code = f"import sys, fusioncolor.{name}; sys.exit('keras' in sys.modules or 'tensorflow' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], cwd=PACKAGE.parent).returncode == 0


def test_nothing_imports_tensorflow_directly():
    for path in PACKAGE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            assert not any(name.split(".")[0] == "tensorflow" for name in names), path
