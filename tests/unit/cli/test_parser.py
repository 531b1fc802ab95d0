import argparse

import pytest

from fusioncolor.cli import commands, import_zhang, parser, predict
from fusioncolor.cli.parser import add_options
from fusioncolor.config import PredictConfig

USAGES = {"video": "IN OUT", "predict": "[FILE|FOLDER ...]", "completion": "{bash,zsh,fish}"}


@pytest.mark.parametrize("words", [["--weights", "a", "b"], ["--weights", "a", "--weights", "b"]])
def test_several_weights_can_be_given_either_way(words):
    plain = argparse.ArgumentParser()
    add_options(plain, PredictConfig)
    assert PredictConfig(**vars(plain.parse_args(words))).weights == ["a", "b"]


def test_an_empty_path_is_not_the_current_folder(capsys):
    for words in (["predict", ""], ["predict", "--output", ""], ["train", ""]):
        with pytest.raises(SystemExit) as stopped:
            commands.main(words)
        assert stopped.value.code == 2
        assert "an empty path" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["--outptu", "x", "a.jpg"], "predict.py: error: no option --outptu; did you mean --output?\n"),
        (["--limit", "3", "a.jpg"], "predict.py: error: no option --limit; --help lists all options\n"),
        (["--xyzzy=3"], "predict.py: error: no option --xyzzy; --help lists all options\n"),
        (["--quality", "high"], "predict.py: error: --quality takes a whole number. Received: 'high'\n"),
        (["--vividness", "high"], "predict.py: error: --vividness takes a number. Received: 'high'\n"),
        (["--quality"], "predict.py: error: --quality needs a value\n"),
        (["--weights"], "predict.py: error: --weights needs a value\n"),
        (["--refine", "segments"], "predict.py: error: --refine: no choice 'segments'; did you mean segment?\n"),
        (["--refine", "xy"], "predict.py: error: --refine: no choice 'xy'; choose from segment, chrominance, peaks\n"),
    ],
)
def test_a_wrong_option_is_said_in_one_line(words, sentence, capsys):
    with pytest.raises(SystemExit) as stopped:
        predict.main(words)
    assert stopped.value.code == 2
    assert capsys.readouterr().err == sentence


def test_an_argument_that_is_missing_is_said_in_one_line(capsys):
    with pytest.raises(SystemExit) as stopped:
        import_zhang.main([])
    assert stopped.value.code == 2
    assert capsys.readouterr().err == "fusioncolor import-zhang: error: FILE is missing; --help tells what it is\n"


def test_a_choice_that_is_missing_is_said_with_what_there_is_to_choose(capsys):
    with pytest.raises(SystemExit):
        commands.main(["completion"])
    sentence = "fusioncolor completion: error: shell is missing; choose from bash, zsh, fish\n"
    assert capsys.readouterr().err == sentence


def test_photographs_may_stand_between_and_after_options():
    found = parser.of(predict.main).parse_intermixed_args(["a.jpg", "--vivid", "b.jpg", "--quality", "90", "c.jpg"])
    assert [str(path) for path in found.photographs] == ["a.jpg", "b.jpg", "c.jpg"]
    assert found.vivid
    assert found.quality == 90


def test_a_photograph_after_an_option_is_looked_for(capsys, tmp_path):
    (tmp_path / "a.jpg").touch()
    assert predict.main([str(tmp_path / "a.jpg"), "--vivid", "missing.jpg"]) == 2
    assert capsys.readouterr().err == "predict.py: error: no such file or folder: missing.jpg\n"


@pytest.mark.parametrize(
    ("prog", "typed"), [("predict.py", "python predict.py"), ("fusioncolor predict", "fusioncolor")]
)
def test_the_examples_name_a_script_only_to_those_who_started_it(prog, typed, capsys, monkeypatch):
    monkeypatch.setattr("sys.argv", ["/usr/bin/fusioncolor"])
    with pytest.raises(SystemExit):
        predict.main(["--help"], prog=prog)
    examples = capsys.readouterr().out.split("examples:")[1]
    assert f"  {typed}" in examples
    assert ("predict.py" in examples) is (prog == "predict.py")


def test_an_empty_default_is_not_shown(capsys):
    with pytest.raises(SystemExit):
        predict.main(["--help"])
    assert "default: )" not in capsys.readouterr().out


@pytest.mark.parametrize(
    ("started", "typed"),
    [("/usr/bin/fusioncolor", "fusioncolor"), ("/src/fusioncolor/__main__.py", "python -m fusioncolor")],
)
def test_the_examples_are_what_can_be_typed_here(started, typed, capsys, monkeypatch):
    monkeypatch.setattr("sys.argv", [started, "evaluate", "--help"])
    with pytest.raises(SystemExit):
        commands.main()
    assert f"  {typed} evaluate photographs/\n" in capsys.readouterr().out
    assert commands.main(["--help"]) == 0
    assert capsys.readouterr().out.startswith(f"usage: {typed} COMMAND ...\n")


def test_the_usage_shows_what_must_be_given():
    places = {command: parser.of(commands.COMMANDS[command][0]).usage.split("[options] ")[1] for command in USAGES}
    assert places == USAGES
