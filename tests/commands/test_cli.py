"""Arguments, mistakes and exit codes of the commands; nothing here waits for Keras unless it must."""

import argparse
import os
import subprocess
import sys
from pathlib import Path

import pytest

from fusioncolor.cli import commands
from fusioncolor.cli.parser import add_options
from fusioncolor.config import DEFAULT_WEIGHTS, VIVID_WEIGHTS, PredictConfig, TrainConfig
from fusioncolor.errors import InputError
from fusioncolor.runtime import backend


def complain(capsys, command, *arguments) -> str:
    """Runs a command that must fail with exit code 2 and one line; returns the line."""
    assert commands.main([command, *map(str, arguments)]) == 2
    error = capsys.readouterr().err
    assert error.count("\n") == 1
    return error


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
    assert "(default: 8)" in done.stdout


def test_the_defaults_of_training_are_the_published_recipe(tmp_path):
    config = TrainConfig(folder=tmp_path)
    published = {
        "validation_split": 0.25, "learning_rate": 1e-3, "patience": 10, "factor": 0.1, "batch_size": 8, "epochs": 60,
        "rotation": 20.0, "shear": 0.2, "flip": True, "image_size": None, "extractor_learning_rate": None,
        "model": "fusion", "inception": True, "skips": True, "batch_normalization": True, "negative_slope": 0.1,
    }  # fmt: skip
    assert {name: getattr(config, name) for name in published} == published


@pytest.mark.parametrize(
    "option",
    [
        {"epochs": 0}, {"batch_size": -1}, {"image_size": 100}, {"image_size": 8}, {"learning_rate": 0.0},
        {"learning_rate": float("nan")}, {"factor": 1.0}, {"validation_split": 0.0}, {"test_split": -0.1},
        {"validation_split": 0.6, "test_split": 0.4}, {"rotation": 200.0}, {"shear": -0.1}, {"negative_slope": 1.0},
        {"cache_embeddings": True, "extractor_learning_rate": 1e-4}, {"cache_embeddings": True, "inception": False},
        {"limit": 0}, {"seed": -1}, {"seed": 2**32}, {"dropout": 1.0}, {"model": "resnet", "dropout": 0.1},
        {"inception": False, "dropout": 0.1},
        {"inception": False, "extractor_learning_rate": 1e-5}, {"embedding_size": 64},
        {"init": Path("x"), "skips": False}, {"init": Path("x"), "inception_weights": "imagenet"},
        {"model": "sift", "flip": False}, {"pixels": 64}, {"resnet_weights": Path("x")},
        {"model": "plain", "skips": False}, {"model": "resnet", "cache_embeddings": True},
    ],
)  # fmt: skip
def test_training_options_out_of_range_are_refused(tmp_path, option):
    with pytest.raises(InputError, match="--"):
        TrainConfig(folder=tmp_path, **option)


@pytest.mark.parametrize(
    "option",
    [
        {"vividness": -1.0},
        {"batch_size": 0},
        {"workers": 0},
        {"temperature": 0.0},
        {"seed": -1},
        {"temperature": 0.5, "decode": "mode"},
        {"truth": Path("/none")},
    ],
)
def test_prediction_options_out_of_range_are_refused(option):
    with pytest.raises(InputError, match="--"):
        PredictConfig(**option)


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


def test_vivid_names_the_other_included_weights(capsys, tmp_path):
    assert PredictConfig(vivid=True).weights == [VIVID_WEIGHTS]
    assert PredictConfig().weights == [DEFAULT_WEIGHTS]
    (tmp_path / "a.png").touch()
    assert "use only one" in complain(capsys, "predict", tmp_path / "a.png", "--vivid", "--weights", "gray")


@pytest.mark.parametrize("words", [["--weights", "a", "b"], ["--weights", "a", "--weights", "b"]])
def test_several_weights_can_be_given_either_way(words):
    parser = argparse.ArgumentParser()
    add_options(parser, PredictConfig)
    assert PredictConfig(**vars(parser.parse_args(words))).weights == ["a", "b"]


@pytest.mark.parametrize(
    ("option", "sentence"),
    [
        (["--hint", "10,20,red"], "not a hint"),
        (["--hint", "none.json"], "not a hint"),
        (["--reference", "none"], "no such file or folder: none"),
        (["--decode", "mode"], "need a classification model, which gray is not"),
    ],
)
def test_a_wrong_hint_reference_or_decoder_is_refused_before_anything_is_loaded(capsys, tmp_path, option, sentence):
    (tmp_path / "a.png").touch()
    line = complain(capsys, "predict", tmp_path / "a.png", "--output", tmp_path / "out", "--weights", "gray", *option)
    assert sentence in line


def test_a_baseline_without_the_reference_it_needs_is_refused(capsys, scenes, tmp_path):
    assert "--reference" in complain(capsys, "predict", scenes, "--output", tmp_path / "out", "--weights", "mean")


def test_an_unknown_model_is_refused_with_the_nearest_name(capsys, tmp_path, scenes):
    line = complain(capsys, "train", scenes, "--model", "fuson", "--run", tmp_path / "run", "--precision", "float32")
    assert "did you mean 'fusion'" in line


def test_the_command_names_its_subcommands_and_refuses_others(capsys):
    assert commands.main(["--help"]) == 0
    assert "predict" in capsys.readouterr().out
    assert commands.main(["paint"]) == 2
    assert "no command 'paint'" in capsys.readouterr().err


def test_the_table_of_systems_names_each_with_parameters_size_heads_and_reference(capsys):
    assert commands.main(["models"]) == 0
    lines = {line.split()[0]: line for line in capsys.readouterr().out.splitlines()[1:]}
    assert list(lines) == ["fusion", "plain", "residual", "resnet", "sift"]
    assert "regression, classification" in lines["fusion"]
    assert "256x256" in lines["fusion"]
    assert "Zhang et al. 2016" in lines["plain"]


def test_a_head_that_a_model_cannot_have_is_refused(capsys, scenes, tmp_path):
    line = complain(capsys, "train", scenes, "--model", "resnet", "--head", "classification", "--run", tmp_path / "run")
    assert "cannot have head 'classification'" in line


def test_rebalancing_is_refused_where_there_are_no_classes(capsys, scenes, tmp_path):
    line = complain(capsys, "train", scenes, "--no-rebalancing", "--run", tmp_path / "run")
    assert "--no-rebalancing is for a classification head" in line


def test_the_version_is_printed(capsys):
    from fusioncolor.version import __version__

    assert commands.main(["--version"]) == 0
    assert __version__ in capsys.readouterr().out


def test_an_unknown_backend_is_refused(project, tmp_path):
    (tmp_path / "a.png").touch()
    done = subprocess.run(
        [sys.executable, "predict.py", tmp_path / "a.png"],
        cwd=project, env={**os.environ, "KERAS_BACKEND": "caffe"}, capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode == 2
    assert "must be one of" in done.stderr
    assert done.stderr.count("\n") == 1


def test_without_any_backend_the_way_out_is_named(monkeypatch):
    monkeypatch.delenv("KERAS_BACKEND", raising=False)
    monkeypatch.delitem(sys.modules, "keras", raising=False)
    monkeypatch.setattr(backend, "find_spec", lambda name: None)
    with pytest.raises(InputError, match="pip install tensorflow"):
        backend.choose_backend()


def test_a_path_that_no_file_system_takes_is_one_line(capsys, tmp_path):
    assert "too long" in complain(capsys, "predict", tmp_path / ("x" * 300))


def test_links_in_a_loop_are_no_traceback(capsys, tmp_path):
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a.png").touch()
    (tmp_path / "loop").symlink_to(tmp_path / "loop")
    line = complain(capsys, "predict", tmp_path / "in", "--output", tmp_path / "loop", "--weights", tmp_path / "loop")
    assert "loop" in line


def test_an_empty_path_is_not_the_current_folder(capsys):
    for words in (["predict", ""], ["predict", "--output", ""], ["train", ""]):
        with pytest.raises(SystemExit) as stopped:
            commands.main(words)
        assert stopped.value.code == 2
        assert "an empty path" in capsys.readouterr().err


def test_photographs_in_a_folder_called_grids_do_not_meet_the_pages_of_the_grid(capsys, tmp_path):
    (tmp_path / "in" / "grids").mkdir(parents=True)
    (tmp_path / "in" / "grids" / "page-001.png").touch()
    options = ["--output", tmp_path / "out", "--weights", "gray"]
    assert "rename that folder" in complain(capsys, "predict", tmp_path / "in", "--grid", *options)
