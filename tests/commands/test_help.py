"""Help and version of the commands."""

import os
import subprocess
import sys
from importlib.metadata import PackageNotFoundError

import pytest

from fusioncolor.cli import commands, train


@pytest.mark.parametrize("name", ["train", "predict"])
def test_help_shows_examples_and_defaults_without_importing_keras_or_numpy(name, project):
    code = (
        f"import sys; from fusioncolor.cli.{name} import main\n"
        "try: main(['--help'])\n"
        "except SystemExit: sys.exit(sum(m in sys.modules for m in ('keras', 'tensorflow', 'numpy')))"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=project, capture_output=True, text=True)
    assert done.returncode == 0
    assert f"python {name}.py" in done.stdout
    assert "(default: 8;" in done.stdout


def test_the_command_names_its_subcommands_and_refuses_others(capsys):
    assert commands.main(["--help"]) == 0
    assert "predict" in capsys.readouterr().out
    assert commands.main(["paint"]) == 2
    assert "no command 'paint'" in capsys.readouterr().err


@pytest.mark.parametrize("arguments", [["--help"], ["--version"], ["predict", "--help"], ["predict", "--version"]])
def test_help_for_a_reader_that_has_stopped_is_no_traceback(arguments, project):
    reader, writer = os.pipe()
    os.close(reader)
    command = [sys.executable, "-m", "fusioncolor", *arguments]
    done = subprocess.run(command, cwd=project, stdout=writer, stderr=subprocess.PIPE, text=True)
    os.close(writer)
    assert done.stderr == ""
    assert done.returncode in (0, 1)  # argparse ignores that its help cannot be written


def test_the_version_is_printed(capsys):
    from fusioncolor.version import __version__

    assert commands.main(["--version"]) == 0
    assert __version__ in capsys.readouterr().out


def test_the_package_runs_by_its_path_from_any_folder(project, tmp_path):
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    command = [sys.executable, project / "fusioncolor", "presets"]
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    assert "photographs" in done.stdout


def test_what_training_prints_to_paste_starts_the_package_from_the_current_folder(project, tmp_path, monkeypatch):
    def missing(name):
        raise PackageNotFoundError(name)

    monkeypatch.setattr(train, "distribution", missing)
    monkeypatch.chdir(project)
    assert train._program() == ["-m", "fusioncolor"]
    monkeypatch.chdir(tmp_path)
    assert train._program() == [str(project / "fusioncolor")]
    monkeypatch.setattr(train, "distribution", lambda name: name)  # installed
    assert train._program() == ["-m", "fusioncolor"]
