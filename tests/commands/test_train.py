"""The run folder that `train.py` makes, as a user sees it."""

import json
from importlib.util import find_spec

import numpy as np
import pytest
from support import log_of

from fusioncolor.cli.train import Arguments
from fusioncolor.config import ResumeConfig, TrainConfig
from fusioncolor.errors import InputError
from fusioncolor.models import factory


def test_a_run_folder_holds_everything_about_the_run(trained_run):
    names = {path.name for path in trained_run.iterdir()}
    assert names == {
        ".lock", "best", "config.json", "curves.png", "last", "log.csv", "photographs.json", "previews", "state",
        "train.txt", "validation.txt",
    }  # fmt: skip
    assert sorted(path.name for path in (trained_run / "previews").iterdir()) == ["epoch-002.png", "epoch-003.png"]
    config = json.loads((trained_run / "config.json").read_text())
    assert config["epochs"] == 3
    assert config["learning_rate"] == 1e-3
    assert len((trained_run / "train.txt").read_text().splitlines()) == 12
    assert len((trained_run / "validation.txt").read_text().splitlines()) == 4


def test_the_loss_falls(trained_run):
    losses = [float(row["loss"]) for row in log_of(trained_run)]
    assert len(losses) == 3
    assert losses[-1] < losses[0]


def test_best_is_the_epoch_of_lowest_validation_loss_and_last_the_last(trained_run):
    losses = [float(row["val_loss"]) for row in log_of(trained_run)]
    best = factory.load(trained_run / "best").origin.metrics
    assert best["epoch"] == int(np.argmin(losses)) + 1
    assert best["val_loss"] == pytest.approx(min(losses))
    assert factory.load(trained_run / "last").origin.metrics["epoch"] == 3


def test_what_is_passed_on_names_no_folder_of_this_machine(trained_run, scenes):
    saved = (trained_run / "best" / "colorizer.json").read_text()
    assert str(scenes.parent) not in saved
    assert str(trained_run.parent) not in saved
    assert json.loads(saved)["photographs"] == {"test": 0, "validation": 4, "train": 12}


def test_tensorboard_is_refused_where_it_is_not_installed(scenes, tmp_path, run_script):
    if find_spec("tensorboard"):
        pytest.skip("it is installed")
    done = run_script("train.py", scenes, "--run", tmp_path / "run", "--tensorboard")
    assert done.returncode == 2
    assert "pip install tensorboard" in done.stderr
    assert not (tmp_path / "run").exists()


def test_options_beside_resume_are_refused(tmp_path):
    with pytest.raises(InputError, match="leave out `epochs`"):
        Arguments(resume=tmp_path, epochs=3)
    with pytest.raises(InputError, match="leave out `folder`"):
        Arguments(resume=tmp_path, folder=tmp_path)
    with pytest.raises(InputError, match="name a FOLDER"):
        Arguments()
    with pytest.raises(InputError, match="`folder` is missing"):
        TrainConfig()
    with pytest.raises(InputError, match="`workers` must be 1 or more"):
        Arguments(resume=tmp_path, workers=0).config()
    assert Arguments(resume=tmp_path, workers=3).config() == ResumeConfig(tmp_path, 3)
    assert Arguments(folder=tmp_path, epochs=3).config() == TrainConfig(folder=tmp_path, epochs=3)
