"""Arguments, mistakes and exit codes of the commands; nothing here waits for Keras unless it must."""

import dataclasses
import os
import subprocess
import sys

import pytest

from fusioncolor.cli import commands
from fusioncolor.config import DEFAULT_WEIGHTS, PUBLISHED_WEIGHTS, VIVIDNESS, PredictConfig


def complain(capsys, command, *arguments) -> str:
    """Runs a command that must fail with exit code 2 and one line; returns the line."""
    try:
        code = commands.main([command, *map(str, arguments)])
    except SystemExit as ended:  # from argparse
        code = ended.code
    assert code == 2
    error = capsys.readouterr().err
    assert error.count("\n") == 1
    return error


def test_a_missing_training_folder_is_named(capsys, tmp_path):
    assert "no such folder" in complain(capsys, "train", tmp_path / "none")


def test_a_file_as_training_folder_is_named(capsys, tmp_path):
    (tmp_path / "a.jpg").touch()
    assert "not a folder" in complain(capsys, "train", tmp_path / "a.jpg")


def test_an_empty_training_folder_is_named(capsys, tmp_path):
    assert "no image in folder" in complain(capsys, "train", tmp_path, "--run", tmp_path / "run")


def test_missing_initial_weights_are_named(capsys, tmp_path, scenes):
    assert "no weights folder" in complain(capsys, "train", scenes, "--init", tmp_path / "none")
    line = complain(capsys, "train", scenes, "--inception-weights", tmp_path / "none.weights.h5")
    assert "none.weights.h5" in line


def test_missing_photographs_and_weights_are_named(capsys, tmp_path):
    (tmp_path / "a.png").touch()
    line = complain(capsys, "predict", tmp_path / "a.png", "--weights", tmp_path / "none")
    assert "no weights folder" in line
    assert "Traceback" not in line


def test_photographs_after_weights_are_not_taken_for_weights_in_silence(capsys, tmp_path):
    (tmp_path / "a.png").touch()
    assert "name photographs before --weights" in complain(capsys, "predict", "--weights", tmp_path / "a.png")
    assert "name photographs before --weights" in complain(capsys, "predict", "--weights", tmp_path)


def test_vivid_is_short_for_a_vividness_of_any_weights(capsys, tmp_path):
    vivid = PredictConfig(vivid=True, weights=["gray"])
    assert (vivid.vividness, vivid.weights) == (VIVIDNESS, ["gray"])
    assert dataclasses.replace(vivid, quality=80).vividness == VIVIDNESS
    assert (PredictConfig().vividness, PredictConfig().weights) == (1, [DEFAULT_WEIGHTS])
    (tmp_path / "a.png").touch()
    assert "use only one" in complain(capsys, "predict", tmp_path / "a.png", "--vivid", "--vividness", 2)


@pytest.mark.parametrize(
    ("option", "sentence"),
    [
        (["--hint", "10,20"], "not a hint"),
        (["--hint", "10,20,readd"], "no color 'readd'; did you mean 'red'?"),
        (["--hint", "none.json"], "not a hint"),
        (["--reference", "none"], "no such file or folder: none"),
        (["--decode", "mode"], "need a classification model, which gray is not"),
    ],
)
def test_a_wrong_hint_reference_or_decoder_is_refused_before_anything_is_loaded(capsys, tmp_path, option, sentence):
    (tmp_path / "a.png").touch()
    line = complain(capsys, "predict", tmp_path / "a.png", "--output", tmp_path / "out", "--weights", "gray", *option)
    assert sentence in line


def test_addresses_and_patterns_that_match_nothing_are_told_in_a_sentence(capsys, tmp_path):
    assert "is an address: download it" in complain(capsys, "video", "https://example.org/old.mp4", "out.mp4")
    assert "what://x/old.jpg: " in complain(capsys, "predict", "what://x/old.jpg")
    assert "results go to a folder, or" in complain(capsys, "predict", tmp_path, "--output", "https://example.org/")
    assert "no photograph matches" in complain(capsys, "predict", tmp_path / "*.jpg")


def test_hints_for_one_photograph_are_not_used_for_many(capsys, scenes, tmp_path):
    words = ["predict", scenes, "--output", tmp_path / "out", "--weights", "gray", "--hint", "1,1,red"]
    assert "--hint is for one photograph, and there are 16" in complain(capsys, *words)
    assert "lies outside" in complain(capsys, *words[:-1], "9999,1,red", "--hint-all")
    assert not (tmp_path / "out").exists()


def test_a_suffix_that_would_be_a_folder_is_refused(capsys, tmp_path):
    assert "--suffix is part of a file's name" in complain(capsys, "predict", tmp_path, "--suffix", "../x")


def test_a_baseline_without_the_reference_it_needs_is_refused(capsys, scenes, tmp_path):
    assert "--reference" in complain(capsys, "predict", scenes, "--output", tmp_path / "out", "--weights", "mean")


def test_an_unknown_model_is_refused_with_the_nearest_name(capsys, tmp_path, scenes):
    line = complain(capsys, "train", scenes, "--model", "fuson", "--run", tmp_path / "run", "--precision", "float32")
    assert "did you mean 'fusion'" in line


def test_a_head_that_a_model_cannot_have_is_refused(capsys, scenes, tmp_path):
    line = complain(capsys, "train", scenes, "--model", "resnet", "--head", "classification", "--run", tmp_path / "run")
    assert "cannot have head 'classification'" in line


def test_rebalancing_is_refused_where_there_are_no_classes(capsys, scenes, tmp_path):
    line = complain(capsys, "train", scenes, "--no-rebalancing", "--run", tmp_path / "run")
    assert "--rebalancing is for a classification head" in line


def test_an_unknown_backend_is_refused(project, tmp_path):
    (tmp_path / "a.png").touch()
    done = subprocess.run(
        [sys.executable, "predict.py", tmp_path / "a.png"],
        cwd=project, env={**os.environ, "KERAS_BACKEND": "caffe"}, capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode == 2
    assert "must be one of" in done.stderr
    assert done.stderr.count("\n") == 1


def test_a_path_that_no_file_system_takes_is_one_line(capsys, tmp_path):
    assert "too long" in complain(capsys, "predict", tmp_path / ("x" * 300))


def test_links_in_a_loop_are_no_traceback(capsys, tmp_path):
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a.png").touch()
    (tmp_path / "loop").symlink_to(tmp_path / "loop")
    line = complain(capsys, "predict", tmp_path / "in", "--output", tmp_path / "loop", "--weights", tmp_path / "loop")
    assert "loop" in line


def test_photographs_in_a_folder_called_grids_do_not_meet_the_pages_of_the_grid(capsys, tmp_path):
    (tmp_path / "in" / "grids").mkdir(parents=True)
    (tmp_path / "in" / "grids" / "page-001.png").touch()
    options = ["--output", tmp_path / "out", "--weights", "gray"]
    assert "rename that folder" in complain(capsys, "predict", tmp_path / "in", "--grid", *options)


@pytest.mark.parametrize("options", [["--decode", "mode"], ["--temperature", "0.5"], ["--refine", "peaks"]])
def test_options_that_the_weights_cannot_use_are_refused_before_the_network_is_loaded(capsys, tmp_path, options):
    (tmp_path / "a.png").touch()
    words = ["predict", tmp_path / "a.png", "--output", tmp_path / "out", "--weights", PUBLISHED_WEIGHTS, *options]
    assert "classification model" in complain(capsys, *words)
    assert not (tmp_path / "out").exists()
