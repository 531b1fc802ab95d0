"""The program that changes the code and counts what the unit tests notice, on a small sample."""

import ast
import subprocess
import sys

import mutation
import pytest

SOURCE = """\
def halve(x, y=2):
    if x > 0 and not y < 1:
        return [-x / y, sorted(x, reverse=True)]
    return 1.5
"""


def test_every_kind_of_change_is_made(tmp_path, monkeypatch):
    (tmp_path / "one.py").write_text(SOURCE)
    monkeypatch.setattr(mutation, "PACKAGE", tmp_path)
    changes = {mutant.change for mutant in mutation.mutants_of("one")}
    assert {
        "x > 0  ->  x >= 0", "y < 1  ->  y <= 1", "not y < 1  ->  y < 1", "-x / y  ->  -x * y", "-x  ->  x", "2  ->  3",
        "x > 0 and (not y < 1)  ->  x > 0 or not y < 1", "True  ->  False", "1.5  ->  3.0", "0  ->  1",
        "sorted(x, reverse=True)  ->  sorted(x)", "if x > 0 and (not y < 1):  ->  if not (x > 0 and (not y < 1)):",
    } <= changes  # fmt: skip
    for mutant in mutation.mutants_of("one"):
        assert ast.dump(ast.parse(mutant.source)) != ast.dump(ast.parse(SOURCE))


def test_messages_annotations_and_constants_are_left_alone(tmp_path, monkeypatch):
    (tmp_path / "one.py").write_text(
        '_SIZE = 64\n"""Doc."""\ndef f(x: "1 + 1") -> 3:\n    raise ValueError(f"{x + 1}")\n'
    )
    monkeypatch.setattr(mutation, "PACKAGE", tmp_path)
    assert not list(mutation.mutants_of("one"))


def test_survivors_of_another_run_are_found_again(tmp_path, monkeypatch, capsys):
    (tmp_path / "one.py").write_text(SOURCE)
    (tmp_path / "other.py").write_text(SOURCE)
    monkeypatch.setattr(mutation, "PACKAGE", tmp_path)
    monkeypatch.setattr(mutation, "preload", lambda modules: None)
    monkeypatch.setattr(mutation, "trials", lambda mutants, **_: [(one, False, 1.0) for one in mutants])
    (tmp_path / "run.txt").write_text("9 of 24 mutants\nsurvived: one:4: 1.5  ->  3.0\nsurvived: one:3: -x  ->  x\n")
    monkeypatch.setattr(sys, "argv", ["", "--modules", "one", "other", "--again", str(tmp_path / "run.txt")])
    assert mutation.main() == 1
    printed = capsys.readouterr().out.splitlines()
    assert printed[1:3] == ["survived: one:3: -x  ->  x", "survived: one:4: 1.5  ->  3.0"]
    assert printed[-1] == "0 of 2 noticed (0 %)"


@pytest.mark.slow
def test_a_sample_of_changes_is_noticed():
    """In a process of its own: trials are forked, which a process with the threads of a backend may not survive."""
    command = [sys.executable, mutation.__file__, "--modules", "bins", "images.pixels", "--count", "12"]
    done = subprocess.run(command, capture_output=True, text=True)
    assert int(done.stdout.strip().splitlines()[-1].split()[0]) >= 9, done.stdout + done.stderr
