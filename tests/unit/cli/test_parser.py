import argparse

import pytest

from fusioncolor.cli import commands, predict
from fusioncolor.cli.parser import add_options
from fusioncolor.config import PredictConfig


@pytest.mark.parametrize("words", [["--weights", "a", "b"], ["--weights", "a", "--weights", "b"]])
def test_several_weights_can_be_given_either_way(words):
    parser = argparse.ArgumentParser()
    add_options(parser, PredictConfig)
    assert PredictConfig(**vars(parser.parse_args(words))).weights == ["a", "b"]


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
        (["--xyzzy=3"], "predict.py: error: no option --xyzzy; --help lists all options\n"),
        (["--quality", "high"], "predict.py: error: argument --quality: invalid int value: 'high'\n"),
    ],
)
def test_a_wrong_option_is_said_in_one_line(words, sentence, capsys):
    with pytest.raises(SystemExit) as stopped:
        predict.main(words)
    assert stopped.value.code == 2
    assert capsys.readouterr().err == sentence
