"""Imports point one way: a room imports only from rows under its own."""

import ast
import subprocess
import sys
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest
from imports import MODULES, PACKAGE, imported, parsed

ROWS = [  # lowest first; rooms of one row do not import each other
    ["the top"],  # modules that know only arrays; see TOP
    ["files", "runtime", "config"],
    ["images"],
    ["hints", "compose", "data", "pages"],
    ["refinement", "run_folder"],
    ["models"],
    ["training", "prediction", "video", "evaluation", "exporting", "diagnosis"],
    ["plugins", "reproduction", "app", "quiz"],
    ["cli"],  # and __main__
]
TOP = {"addresses", "bins", "color", "errors", "metrics", "plotting", "registries", "version"}
LEVEL = {room: level for level, row in enumerate(ROWS) for room in row}
FREE_OF_KERAS = [  # rooms and modules that must not need Keras; a room stands for all its modules
    *sorted(TOP),
    "files",
    "config",
    "images",
    "cli",
    "hints",
    "pages",
    "compose",
    "refinement",
    "runtime.arithmetic",
    "runtime.backend",
    "runtime.cluster",
    "runtime.interrupts",
    "runtime.reporting",
    "runtime.supervision",
    "runtime.workers",
    "data.augmentation",
    "data.duplicates",
    "data.fingerprints",
    "data.mirrors",
    "data.shards",
    "data.sharing",
    "data.splits",
    "data.survey",
    "models.baselines",
    "models.colorizer",
    "models.decoding",
    "models.description",
    "models.engines",
    "models.families",
    "models.foreign_files",
    "models.heads",
    "models.identity",
    "models.objectives",
    "models.predictor",
    "models.presets",
    "models.runtimes",
    "models.saving",
    "models.session",
    "models.sift",
    "models.skeletons",
    "prediction",
    "run_folder",
    "training.model_options",
    "video",
    "app.strokes",
    "diagnosis",
    "quiz.answers",
    "evaluation.catalog",
    "evaluation.cluster",
    "evaluation.comparison",
    "evaluation.evaluate",
    "evaluation.evaluator",
    "evaluation.gallery",
    "evaluation.judges",
    "evaluation.measuring",
    "evaluation.page",
    "evaluation.perceptual",
    "evaluation.photographs",
    "evaluation.report",
    "evaluation.scores",
    "evaluation.tables",
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


def test_the_way_to_a_picture_imports_nothing_slow():
    slow = {"scipy", "skimage", "matplotlib", "cv2", "imagecodecs", "tifffile", "h5py"}
    slow |= {"tqdm", "asyncio", "http.client", "urllib.request", "xml.etree.ElementTree"}
    modules = "sys, fusioncolor.cli.predict, fusioncolor.prediction.folder"
    code = f"import {modules}; sys.exit(' '.join({slow!r} & set(sys.modules)) or 0)"
    done = subprocess.run([sys.executable, "-c", code], cwd=PACKAGE.parent, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_nothing_imports_tensorflow_directly():
    for path in MODULES.values():
        assert not any(name.split(".")[0] == "tensorflow" for name in imported(parsed(path))), path


CHANGING = {  # methods of paths and functions of os that change the file system
    *("chmod", "hardlink_to", "link", "makedirs", "mkdir", "remove", "removedirs", "rename", "rmdir", "symlink_to"),
    *("touch", "truncate", "unlink", "write_bytes", "write_text"),
}
FOR_FILES_ONLY = {"fcntl", "hashlib", "shutil", "tempfile"}
ENCODERS = {  # calls of other libraries that take a path and write to it, and the modules that may use them
    "Image.save": {
        "images.writing",
        "pages.parts",
        "images.signing",
        "quiz.pairs",
    },  # files.replacing; the others: to memory
    "tifffile.imwrite": {"images.sixteen_bit"},  # to the path that images.writing got from files.replacing
    "savefig": {  # files.replacing; evaluation.page: to memory
        *("evaluation.page", "prediction.gallery", "prediction.grid", "training.callbacks"),
    },
    "np.save": {"data.embeddings"},  # files.replacing
    "np.savez": {"data.datasets", "data.features", "training.checkpoint", "video.segments"},  # files.replacing
    "open_memmap": {"data.features"},  # into the folder of files.replacing_folder
    "save_weights": {"models.colorizer"},  # into the folder of files.replacing_folder
    "h5py.File": {"models.saving"},  # the same
    "av.open": {"video.joining", "video.tracks", "video.writing"},  # files.replacing; video.tracks: to memory
    "network.export": {"exporting"},  # into the folder of files.working_folder
    "save_model": {"exporting"},  # the same
}


def is_opening_to_write(call: ast.Call) -> bool:
    """Of `open` in any spelling: with a mode that writes, or with flags of os.open; os.devnull is no file."""
    if call.args and ast.unparse(call.args[0]) == "os.devnull":
        return False
    given = [*call.args, *(keyword.value for keyword in call.keywords if keyword.arg == "mode")]
    modes = [one.value for one in given if isinstance(one, ast.Constant) and isinstance(one.value, str)]
    writes = any(set(mode) <= set("rwaxbt+") and set(mode) & set("wax+") for mode in modes)
    return writes or ast.unparse(call.func) == "os.open"


def encoder_of(call: ast.Call) -> str | None:
    full = ast.unparse(call.func)
    name = full.rpartition(".")[2]
    if name == "File" and not is_opening_to_write(call):
        return None
    if full == "av.open":
        return full if is_opening_to_write(call) else None
    if name == "save" and full.startswith("Image."):
        return "Image.save"
    return next((one for one in ENCODERS if full == one or ("." not in one and "." in full and name == one)), None)


def changes_of_files(source: str, module: str) -> list[str]:
    """Places in the source of a module that change the file system without files/."""
    found = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import | ast.ImportFrom):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else [node.module or ""]
            found += [f"{node.lineno}: import {name}" for name in names if name.split(".")[0] in FOR_FILES_ONLY]
        elif isinstance(node, ast.Call):
            full, encoder = ast.unparse(node.func), encoder_of(node)
            owner, _, name = full.rpartition(".")
            renames = name == "replace" and len(node.args) == 1 and not node.keywords  # str.replace takes two
            if owner == "files" or full == "self.bar.rename":  # a progress bar has a name too
                continue
            if (
                (name in CHANGING and owner)
                or renames
                or (name == "open" and not encoder and is_opening_to_write(node))
            ):
                found.append(f"{node.lineno}: {full}")
            elif encoder and module not in ENCODERS[encoder]:
                found.append(f"{node.lineno}: {encoder}")
    return found


@pytest.mark.parametrize("module", sorted(name for name in MODULES if room_of(name) != "files"))
def test_only_files_changes_files(module):
    assert not changes_of_files(MODULES[module].read_text(), module)


def test_changes_of_files_are_noticed():
    wrong = """
import shutil, hashlib
from tempfile import mkdtemp
path.write_text("a"); path.unlink(); path.replace(new); os.rename(a, b); Path(a).mkdir()
open(path, "w"); open(path, mode="ab"); path.open("x"); os.open(path, flags); h5py.File(path, "w")
np.save(path, array); figure.savefig(path); Image.fromarray(rgb).save(path); av.open(str(path), "w")
"""
    right = """
text.replace("a", "b"); dataclasses.replace(one, field=1); files.write_text(path, "a"); files.remove(path)
open(path); open(path, "rb"); open(os.devnull, "w"); h5py.File(path); Image.open(file); colorizer.save(folder)
av.open(str(path))
"""
    assert len(changes_of_files(wrong, "some.module")) == 17
    assert not changes_of_files(right, "some.module")


TESTS = PACKAGE.parent / "tests"
UNIT = TESTS / "unit"
COMMANDS = (
    "app",
    "completion",
    "doctor",
    "compare",
    "evaluate",
    "evaluate_video",
    "export",
    "import_zhang",
    "merge_reports",
    "models",
    "predict",
    "presets",
    "quiz",
    "reproduce",
    "train",
    "video",
)
TESTED_ELSEWHERE = {  # modules without a test file of their own, and where they are tested
    "__main__": "commands/test_help.py",
    "app.parts": "unit/app/test_page.py",
    "app.photographs_tab": "unit/app/test_page.py",
    "config.choices": "unit/test_registries.py",
    "evaluation.evaluate": "commands/test_evaluate.py",
    "evaluation.page": "unit/evaluation/test_report.py",
    "models.networks.residual": "unit/models/test_families.py",  # as every entry of MODELS
    "models.predictor": "unit/models/test_session.py",
    "prediction.coloring": "unit/prediction/test_folder.py",
    "video.stages": "unit/video/test_colorizing.py",
    "plugins": "project/test_contributing.py",
    "version": "commands/test_help.py",
    **{f"cli.{name}": f"commands/test_{name}.py" for name in COMMANDS},
    "cli.commands": "commands/test_help.py",
}


def unit_test_of(module: str) -> Path:
    *rooms, name = module.split(".")
    return UNIT.joinpath(*rooms, f"test_{name}.py")


@pytest.mark.parametrize("module", [name for name, path in MODULES.items() if path.name != "__init__.py"])
def test_every_module_is_tested_in_a_file_of_its_name(module):
    elsewhere = TESTED_ELSEWHERE.get(module)
    assert unit_test_of(module).is_file() != bool(elsewhere), "list it in TESTED_ELSEWHERE, or take it out there"
    assert not elsewhere or (TESTS / elsewhere).is_file()


def test_every_file_of_unit_tests_has_a_module():
    assert set(UNIT.rglob("test_*.py")) <= {unit_test_of(module) for module in MODULES}
