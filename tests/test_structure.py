"""Imports point one way: a room imports only from rows under its own."""

import subprocess
import sys
from graphlib import CycleError, TopologicalSorter

import pytest
from imports import MODULES, PACKAGE, imported, parsed

ROWS = [  # lowest first; rooms of one row do not import each other
    ["the top"],  # modules that know only arrays; see TOP
    ["files", "runtime", "config"],
    ["images"],
    ["hints", "compose", "data"],
    ["refinement", "run_folder"],
    ["models"],
    ["training", "prediction", "evaluation", "exporting"],
    ["plugins", "reproduction"],
    ["cli"],  # and __main__
]
TOP = {"bins", "color", "errors", "metrics", "plotting", "registries", "version"}
LEVEL = {room: level for level, row in enumerate(ROWS) for room in row}
FREE_OF_KERAS = [  # rooms and modules that must not need Keras; a room stands for all its modules
    *sorted(TOP),
    "files",
    "config",
    "images",
    "cli",
    "hints",
    "compose",
    "refinement",
    "runtime.backend",
    "runtime.interrupts",
    "runtime.progress",
    "runtime.reporting",
    "runtime.workers",
    "data.augmentation",
    "data.duplicates",
    "data.splits",
    "data.survey",
    "models.engines",
    "models.saving",
    "models.sift",
    "run_folder",
    "models.description",
    "models.families",
    "models.predictor",
    "prediction.grid",
    "prediction.manifest",
    "prediction.plan",
    "prediction.summary",
    "evaluation.catalog",
    "evaluation.comparison",
    "evaluation.judges",
    "evaluation.perceptual",
    "evaluation.scores",
]


def room_of(module: str) -> str:
    first = module.split(".")[0].replace("__main__", "cli")
    return "the top" if first in TOP else first


IMPORTS = {  # of the package's own modules, anywhere in a module
    name: {one.removeprefix("fusioncolor.") for one in imported(parsed(path)) if one.startswith("fusioncolor.")}
    for name, path in MODULES.items()
}


def test_every_room_has_a_row():
    assert {room_of(name) for name in MODULES} == set(LEVEL)


@pytest.mark.parametrize("name", sorted(MODULES))
def test_a_module_imports_only_its_own_room_and_rows_under_it(name):
    room = room_of(name)
    wrong = {other for other in IMPORTS[name] if room_of(other) != room and LEVEL[room_of(other)] >= LEVEL[room]}
    assert not wrong


@pytest.mark.parametrize("room", sorted(LEVEL))
def test_no_room_has_a_circle(room):
    inside = {name: {one for one in IMPORTS[name] if room_of(one) == room} for name in MODULES if room_of(name) == room}
    try:
        TopologicalSorter(inside).prepare()
    except CycleError as error:
        pytest.fail(" -> ".join(error.args[1]))


@pytest.mark.parametrize("name", [name for name in sorted(MODULES) if name.startswith("models.networks.")])
def test_networks_know_layers_only(name):
    assert IMPORTS[name] <= {"models.networks.blocks", "models.networks.inception"}


def test_light_rooms_import_no_keras():
    wanted = [name for name in MODULES if any(name == one or name.startswith(f"{one}.") for one in FREE_OF_KERAS)]
    code = (
        "import importlib, sys\n"
        f"for name in {wanted!r}:\n"
        "    importlib.import_module('fusioncolor.' + name)\n"
        "    heavy = {'keras', 'tensorflow', 'jax', 'torch'} & set(sys.modules)\n"
        "    if heavy: sys.exit(f'{name} imports {heavy}')\n"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=PACKAGE.parent, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_nothing_imports_tensorflow_directly():
    for path in MODULES.values():
        assert not any(name.split(".")[0] == "tensorflow" for name in imported(parsed(path))), path
