"""Every command and every Python snippet of the documents runs, in a folder with the files that they name.

The quick test hands every command to its parser. The slow one runs it: trainings for one short epoch on a dozen small
pictures, everything else as it stands.
"""

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import certificates
import pytest
import videos
from PIL import Image
from support import NEEDED, require

from docs.generate import PAGES
from fusioncolor.cli import commands, parser

PROJECT = Path(__file__).parents[2]
DOCUMENTS = [PROJECT / "README.md", *sorted((PROJECT / "docs").glob("*.md")), *PROJECT.glob("datasets/*/README.md")]
SHORT = ["--epochs", "1", "--image-size", "32", "--batch-size", "4", "--limit", "12", "--preview-every", "0"]
NOT_RUN = {  # beginnings of commands, and why
    "python3 -m venv": "the README's own commands, which CI runs",
    "pip install": "needs a registry",
    "python -m benchmarks.": "a measurement; tests/project/test_benchmarks.py starts each",
    "python -m docs.generate": "writes into the project; tests/project/test_documents.py runs it with --check",
    "python -m fusioncolor reproduce": "trains many networks; tests/commands/test_reproduce.py runs it on few pictures",
    "fusioncolor app": "serves a page until Ctrl-C; tests/commands/test_app.py starts it",
    "fusioncolor quiz": "serves a page until Ctrl-C; tests/commands/test_quiz.py starts it",
    "python -m fusioncolor merge-reports": "tests/commands/test_merge_reports.py runs it, on reports of real parts",
    "python -m fusioncolor app": "serves a page until Ctrl-C; tests/commands/test_app.py starts it",
    "KERAS_BACKEND=jax python train.py": "tests/robustness/test_hosts.py runs it",
    "python train.py photographs --run runs/large --devices 4": "tests/unit/runtime/test_distribution.py has two",
    "python without.py": "tests/commands/test_export.py runs it",
    "python predict.py s3://": "needs a bucket; tests/unit/prediction/test_elsewhere.py and tests/robustness/ have one",
    "python predict.py https://": "needs the web; the same tests read pages and archives",
    "python -m fusioncolor import-zhang": "needs a file that the reader has to download",
}
STAND_INS = {  # what a line names, and what is there
    "datasets/synthetic/photographs": "photographs",
    "PHOTOGRAPHS": "photographs",
    "shards": "photographs",
    "RUN/train.txt": "runs/mine/train.txt",
}
VARIABLES = {"SLURM_ARRAY_TASK_ID": "3", "SLURM_ARRAY_TASK_COUNT": "16"}  # that a line takes from its surroundings
LIGHT = ("presets", "models")  # commands that have no page of options, or nothing to choose


def blocks_of(path: Path, languages: tuple[str, ...]) -> list[str]:
    """The code blocks of a document in one of some languages; "" is a block without one."""
    found = re.findall(r"^```(\S*)[^\n]*\n(.*?)^```$", path.read_text(encoding="utf-8"), re.M | re.S)
    return [text for language, text in found if language in languages]


def shell_blocks(path: Path) -> list[list[str]]:
    """The commands of every block of them, one per line, continued lines joined."""
    blocks = [text.replace("\\\n", " ").splitlines() for text in blocks_of(path, ("", "sh", "bash"))]
    return [[line for line in block if is_command(line)] for block in blocks if any(map(is_command, block))]


def is_command(line: str) -> bool:
    return bool(re.match(r"(\w+=\S+ )?(\S*python3?|fusioncolor|pip|apt-get) ", line))


def reason_not_to_run(line: str) -> str | None:
    return next((reason for start, reason in NOT_RUN.items() if line.startswith(start)), None)


def of_fusioncolor(line: str) -> list[str] | None:
    """The subcommand and the arguments of a line, if it calls one of the project's commands."""
    words = shlex.split(line, comments=True)
    if "=" in words[0]:
        words = words[1:]
    for start in (["python", "-m", "fusioncolor"], ["fusioncolor"]):
        if words[: len(start)] == start:
            return words[len(start) :]
    if words[:2] in (["python", "train.py"], ["python", "predict.py"]):
        return [words[1].removesuffix(".py"), *words[2:]]
    return None


def as_the_shell_would(words: list[str]) -> list[str]:
    """Words with variables and patterns expanded, and names of the reader's files in place of placeholders."""
    expanded = []
    for word in words:
        word = os.path.expandvars(STAND_INS.get(word, word).removeprefix("/data/"))
        expanded += (sorted(map(str, Path().glob(word))) if "*" in word else None) or [word]
    return expanded


LINES = {(path, line) for path in DOCUMENTS for block in shell_blocks(path) for line in block}
BLOCKS = [
    pytest.param(block, id=f"{path.relative_to(PROJECT)}-{index}")
    for path in DOCUMENTS
    for index, block in enumerate(shell_blocks(path))
    if not all(map(reason_not_to_run, block))
]


def test_no_exception_is_left_over():
    assert all(any(line.startswith(start) for _, line in LINES) for start in NOT_RUN)


PARSED = {
    line for _, line in LINES if (words := of_fusioncolor(line)) and words[0] not in LIGHT and "--import" not in words
}


@pytest.mark.parametrize("line", sorted(PARSED))
def test_a_command_is_parsed(line, desk):
    name, *arguments = as_the_shell_would(of_fusioncolor(line))
    config = PAGES[name][1]
    assert parser.run(config, lambda config, reporter: 0, arguments, prog=name, description="", examples="") == 0


def test_every_other_command_is_known():
    for path, line in LINES:
        known = reason_not_to_run(line) or of_fusioncolor(line) or (PROJECT / shlex.split(line)[1]).is_file()
        assert known, f"{path}: {line}"


@pytest.fixture
def desk(tmp_path, monkeypatch) -> Path:
    """The current folder, with files of the names in the documents, most of them empty."""
    for folder in ("color", "photographs", "scans", "runs/mine", "runs/small"):
        (tmp_path / folder).mkdir(parents=True)
    for name in ("runs/mine/train.txt", "old.mp4", "color.mp4"):
        (tmp_path / name).touch()
    for part in range(1, 17):
        (tmp_path / f"report-{part:02}-of-16.csv").touch()
    contributing = blocks_of(PROJECT / "CONTRIBUTING.md", ("python",))
    mine = [block for block in contributing if re.search(r"register_(model|loss)\(", block)]
    (tmp_path / "mine.py").write_text("\n".join(mine), encoding="utf-8")
    for name, value in VARIABLES.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("PYTHONPATH", str(PROJECT))  # for workers of a cluster, where the package is not installed
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def reader(desk, scenes, trained_run) -> Path:
    """The current folder, with everything in it that the documents name."""
    tmp_path = desk
    for folder in ("color", "photographs", "scans", "runs/mine", "runs/small"):
        shutil.rmtree(tmp_path / folder)
    pictures = sorted(path for path in scenes.rglob("*") if path.is_file())
    for folder in ("photographs", "scans/box", "others", "holiday", "mine", "color", "datasets/landscape Images/color"):
        (tmp_path / folder).mkdir(parents=True)
        for index, picture in enumerate(pictures):
            if folder == "photographs" or index < 6:
                name = f"holiday_{index}" if folder == "photographs" and index < 4 else f"{index}"
                shutil.copy(picture, tmp_path / folder / f"{name}{picture.suffix}")
    for folder in ("gray", "datasets/landscape Images/gray"):
        (tmp_path / folder).mkdir()
        for path in (tmp_path / "color").iterdir():
            Image.open(path).convert("L").save(tmp_path / folder / path.name)
    for name in ("old.jpg", "portrait.jpg"):
        Image.open(pictures[0]).convert("L").resize((400, 300)).save(tmp_path / name)
    (tmp_path / "list.txt").write_text("old.jpg\nportrait.jpg\n")
    (tmp_path / "hints.json").write_text(json.dumps([{"x": 120, "y": 80, "color": "#cc2200"}]))
    scribbles = Image.new("RGBA", (400, 300))
    scribbles.paste((200, 30, 20, 255), (100, 100, 130, 110))
    scribbles.save(tmp_path / "scribbles.png")
    for name in ("weights", "train.py", "predict.py", "datasets/synthetic"):
        (tmp_path / name).symlink_to(PROJECT / name)
    for name in ("mine", "kaggle", "plain", "small"):
        shutil.copytree(trained_run, tmp_path / "runs" / name)
    if find_spec("c2pa"):
        certificates.make(tmp_path)
    if find_spec("av"):
        for name in ("old.mp4", "color.mp4"):
            videos.write(tmp_path / name, videos.pictures(6), codec="libx264", chroma=(100, 150))
    return tmp_path


def require_packages(words: list[str]) -> None:
    """Skips a test where a command needs an optional package that is not installed."""
    for kind in NEEDED:
        if kind in words or (kind == "openvino" and "--engine" in words):
            require(kind)
    for package, needed in (
        ("av", words[0] in ("video", "evaluate-video")),
        ("c2pa", "--sign-cert" in words),
        ("ray.data", "--cluster" in words),
    ):
        if needed:
            pytest.importorskip(package)


def prepare(words: list[str]) -> None:
    """Removes the run that a training is about to make, and makes the results that are about to be compared."""
    if words[0] == "train" and "--run" in words:
        shutil.rmtree(words[words.index("--run") + 1], ignore_errors=True)
    if words[0] == "compare":
        assert commands.main(["predict", "photographs", "--output", words[1]]) == 0


@pytest.mark.slow
@pytest.mark.keras
@pytest.mark.parametrize("block", BLOCKS)
@pytest.mark.usefixtures("eager")
def test_a_block_of_commands_runs(block, reader, capfd):
    for line in block:
        words = of_fusioncolor(line)
        if reason_not_to_run(line):
            continue
        if words is None:
            script, *arguments = shlex.split(line)[1:]
            output = ["--output", str(reader / "rendered")]
            assert subprocess.run([sys.executable, PROJECT / script, *arguments, *output]).returncode == 0
            continue
        words = as_the_shell_would(words)
        require_packages(words)
        prepare(words)
        if words[0] == "train" and "--resume" not in words:
            words += SHORT
        if "--import" in words:  # what the file registers must not stay for other tests
            command = [sys.executable, "-m", "fusioncolor", *words]
            assert subprocess.run(command, env={**os.environ, "PYTHONPATH": str(PROJECT)}).returncode == 0
        else:
            assert commands.main(words) == 0, (line, capfd.readouterr().err)


@pytest.mark.slow
@pytest.mark.keras
@pytest.mark.parametrize(
    "path", [path for path in DOCUMENTS if blocks_of(path, ("python",))], ids=lambda path: path.name
)
@pytest.mark.usefixtures("eager")
def test_the_python_of_a_document_runs(path, reader):
    shutil.rmtree("runs/mine")
    namespace = {"photograph": Image.open("old.jpg")}
    for block in blocks_of(path, ("python",)):
        if "serve_forever" in block or "sys.argv" in block:  # run by tests of their own
            continue
        unmet = ("caffemodel", "reproduce(") + (() if find_spec("tf2onnx") else ("onnx",))
        possible = [line for line in block.splitlines() if not any(word in line for word in unmet)]
        quick = "\n".join(possible).replace('image_size="64:9,128:6"', 'image_size="32:1"')  # a minute, not ten
        exec(compile(quick, str(path), "exec"), namespace)
