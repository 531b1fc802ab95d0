import ast
import io
import logging
import os
import re
import secrets
import shutil
import subprocess
import sys
from collections.abc import Callable
from contextlib import nullcontext, redirect_stderr, redirect_stdout
from functools import cache
from pathlib import Path

import pytest
from imports import imported, needs_keras, parsed

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
PROJECT = Path(__file__).parents[1]
TESTS = Path(__file__).parent
CHROMIUM = next((path for path in map(shutil.which, ("chromium", "chromium-browser", "google-chrome")) if path), None)
FIXTURES = {  # marks of tests that use a fixture
    "trained_run": ("keras", "training"),
    "weights": ("keras", "training"),
    "run_script": ("keras", "command"),
    "run_command": ("keras", "command"),
    "browser": ("browser",),
}
FOLDERS = {"commands": "command", "unit/training": "training"}  # marks of all tests in a folder


def pytest_addoption(parser) -> None:
    parser.addoption("--skipped-to", type=Path, help="add the names of skipped tests to this file, for `pytest @FILE`")


def pytest_terminal_summary(terminalreporter, config) -> None:
    """Names skipped tests, so that they can run where the optional packages are installed."""
    if config.option.skipped_to:
        names = dict.fromkeys(report.nodeid for report in terminalreporter.stats.get("skipped", []))
        with open(config.option.skipped_to, "a", encoding="utf-8") as file:
            file.writelines(f"{name}\n" for name in names)


def pytest_xdist_auto_num_workers(config) -> int:
    """Workers for `-n auto`: every one holds Keras in memory."""
    return min(os.cpu_count() or 1, 4)


def pytest_ignore_collect(collection_path, config) -> bool | None:
    """Does not even import files of Keras tests under `-m "not keras"`."""
    is_test = collection_path.suffix == ".py" and collection_path.name.startswith("test_")
    if is_test and re.search(r"\bnot keras\b", config.option.markexpr):
        return needs_keras(_imported_by(collection_path)) or None
    return None


@cache
def _imported_by(path: Path) -> frozenset[str]:
    """Returns the imports of a test file, and of the functions that it uses from support.py."""
    file = parsed(path)
    taken = {
        alias.name
        for node in file.body
        if isinstance(node, ast.ImportFrom) and node.module == "support"
        for alias in node.names
    }
    helpers = [node for node in parsed(TESTS / "support.py").body if getattr(node, "name", None) in taken]
    return frozenset(imported(file, at_import=True).union(*map(imported, helpers)))


def pytest_itemcollected(item) -> None:
    """Marks a test by its folder, its fixtures and what it imports."""
    folder = item.path.parent.relative_to(TESTS).as_posix()
    marks = {mark for name, mark in FOLDERS.items() if folder.startswith(name)}
    marks |= {mark for name in item.fixturenames for mark in FIXTURES.get(name, ())}
    own = [node for node in parsed(item.path).body if getattr(node, "name", None) == item.originalname]
    if needs_keras(_imported_by(item.path).union(*map(imported, own))):
        marks.add("keras")
    for mark in sorted(marks):
        item.add_marker(mark)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config, items) -> None:
    """Leaves out slow and long tests, unless `-m` says something about them or they are named."""
    if any("::" in argument for argument in config.args):
        return
    left_out = [mark for mark in ("slow", "long") if mark not in config.option.markexpr]
    dropped = [item for item in items if any(map(item.get_closest_marker, left_out))]
    if dropped:
        config.hook.pytest_deselected(items=dropped)
        items[:] = [item for item in items if item not in dropped]


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item):
    """A test that is the first to import Keras must be marked so."""
    before = "keras" in sys.modules
    result = yield
    if "keras" in sys.modules and not before and not item.get_closest_marker("keras"):
        pytest.fail("this test imports Keras: mark it with @pytest.mark.keras")
    return result


@pytest.fixture(scope="session")
def project() -> Path:
    return PROJECT


@pytest.fixture(scope="session")
def scenes(tmp_path_factory) -> Path:
    """A folder of 16 synthetic landscapes, 64x64."""
    folder = tmp_path_factory.mktemp("scenes")
    script = PROJECT / "datasets" / "synthetic" / "prepare.py"
    subprocess.run([sys.executable, script, "--count", "16", "--size", "64", "--output", folder], check=True)
    return folder


@pytest.fixture
def folder(scenes, tmp_path) -> Path:
    """A folder of twelve photographs in a tree, its own for every test."""
    from fusioncolor import images

    for index, path in enumerate(images.find_in(scenes)[:12]):
        target = tmp_path / "in" / ("deep" if index % 2 else "") / path.name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(path, target)
    return tmp_path / "in"


@pytest.fixture(scope="session")
def run_script() -> Callable:
    """Runs `train.py` or `predict.py` as a user would: (name, *arguments, cwd=..., env=...) -> CompletedProcess."""

    def run(name, *arguments, cwd=PROJECT, **environment):
        return subprocess.run(
            [sys.executable, PROJECT / name, *map(str, arguments)],
            cwd=cwd,
            env={**os.environ, "PYTHONPATH": str(PROJECT), **environment},
            capture_output=True,
            text=True,
            timeout=600,
        )

    return run


@pytest.fixture(scope="session")
def run_command() -> Callable:
    """Runs a command in this process, which spares the import of Keras: (name, *arguments) -> CompletedProcess."""
    from fusioncolor.cli import commands

    def run(name, *arguments):
        printed, complained = io.StringIO(), io.StringIO()
        with redirect_stdout(printed), redirect_stderr(complained):
            code = commands.main([name, *map(str, arguments)])
        return subprocess.CompletedProcess([name, *arguments], code, printed.getvalue(), complained.getvalue())

    return run


@pytest.fixture(scope="session")
def trained_run(scenes, run_command, tmp_path_factory) -> Path:
    """The run folder of a few epochs on the synthetic landscapes, without InceptionV3."""
    run = tmp_path_factory.mktemp("runs") / "tiny"
    options = ["--no-inception", "--image-size", 32, "--epochs", 3, "--batch-size", 4, "--preview-every", 2]
    done = run_command("train", scenes, "--run", run, "--precision", "float32", *options)
    assert done.returncode == 0, done.stderr
    return run


@pytest.fixture(scope="session")
def weights(trained_run) -> str:
    return str(trained_run / "best")


@pytest.fixture(scope="session")
def browser():
    """Chromium, through Playwright."""
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    if CHROMIUM is None:
        pytest.skip("no Chromium is installed")
    with playwright.sync_playwright() as tool:
        chromium = tool.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"] * (os.getuid() == 0))
        yield chromium
        chromium.close()


@pytest.fixture(scope="session")
def object_store():
    """Moto's S3 on loopback, for this process and those that it starts; yields a client of boto3."""
    for package in ("s3fs", "tenacity", "moto.server", "flask"):
        pytest.importorskip(package, reason=f"{package} is not installed")
    import boto3
    from moto.server import ThreadedMotoServer

    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{server.get_host_and_port()[1]}")
        for name, value in (("ACCESS_KEY_ID", "a"), ("SECRET_ACCESS_KEY", "b"), ("DEFAULT_REGION", "us-east-1")):
            patched.setenv(f"AWS_{name}", value)
        yield boto3.client("s3")
    server.stop()


@pytest.fixture
def bucket(object_store) -> str:
    """The address of a new bucket."""
    name = f"bucket-{secrets.token_hex(4)}"
    object_store.create_bucket(Bucket=name)
    return f"s3://{name}"


@pytest.fixture
def memory() -> str:
    """The address of an empty folder in memory."""
    for package in ("fsspec", "tenacity"):
        pytest.importorskip(package, reason=f"{package} is not installed")
    return f"memory://{secrets.token_hex(4)}"


@pytest.fixture
def eager(monkeypatch) -> None:
    """Trainings step by step, not as compiled functions, whose compilation takes longer than a few small steps."""
    import keras

    compile_model = keras.Model.compile
    monkeypatch.setattr(
        keras.Model, "compile", lambda *args, **options: compile_model(*args, **{**options, "run_eagerly": True})
    )


@pytest.fixture
def on_a_loop(monkeypatch) -> Callable:
    """Puts a stand-in with the methods of `runtime.cluster.Cluster` in place of a Ray cluster."""
    from fusioncolor.runtime import cluster

    monkeypatch.setattr(cluster, "check_installed", lambda: None)

    def use(loop):
        monkeypatch.setattr(cluster, "connected", lambda address, cpus: nullcontext(loop))
        return loop

    return use
