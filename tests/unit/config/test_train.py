"""Options of a training: defaults, ranges, and what goes together."""

from pathlib import Path

import numpy as np
import pytest

from fusioncolor import images
from fusioncolor.cli.train import Arguments
from fusioncolor.config import ResumeConfig, TrainConfig
from fusioncolor.errors import InputError
from fusioncolor.models.families import MODELS, Family
from fusioncolor.training.model_options import check_model_options, extractor_rate


@pytest.fixture
def folder(tmp_path):
    """40 different pictures of blots."""
    rng = np.random.default_rng(0)
    for index in range(40):
        blots = images.resize(rng.integers(0, 256, (9, 9, 3), dtype=np.uint8), (64, 64))
        images.write(tmp_path / "photographs" / f"{index:02}.png", blots)
    return tmp_path / "photographs"


def test_a_split_beside_a_validation_folder_is_refused(folder):
    with pytest.raises(InputError, match="`validation` replaces `validation_split`"):
        TrainConfig(folder=folder, validation=folder, validation_split=0.1)


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
    with pytest.raises(InputError, match="`"):
        check_model_options(TrainConfig(folder=tmp_path, **option))


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"warmup_epochs": 2}, "`warmup_epochs` needs `schedule` cosine"),
        ({"schedule": "cosine", "warmup_epochs": 60}, "less than `epochs`"),
        ({"schedule": "cosine", "patience": 3}, "`patience` is for `schedule` plateau"),
        ({"ema": 1.0}, "`ema` must be at least 0 and below 1"),
        ({"clip_norm": 0.0}, "`clip_norm` must be above 0"),
    ],
)
def test_recipes_that_contradict_themselves_are_refused(options, sentence):
    with pytest.raises(InputError, match=sentence):
        TrainConfig(folder=".", **options)


@pytest.mark.parametrize(
    ("options", "rate"),
    [
        ({}, 0),
        ({"freeze": "none"}, 1e-4),
        ({"freeze": "none", "learning_rate": 1e-2}, 1e-3),
        ({"freeze": "none", "extractor_learning_rate": 1e-6}, 1e-6),
        ({"extractor_learning_rate": 1e-6}, 1e-6),
        ({"freeze": "encoder", "init": "weights"}, 0),
        ({"model": "resnet", "freeze": "none"}, 0),
        ({"inception": False, "freeze": "none"}, 0),
        ({"freeze": "extractor"}, 0),
    ],
)
def test_the_extractor_learns_slowly_or_not_at_all(options, rate):
    assert extractor_rate(TrainConfig(folder=".", **options)) == pytest.approx(rate)


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"freeze": "extractor", "extractor_learning_rate": 1e-5}, "leave out `extractor_learning_rate`"),
        ({"freeze": "none", "cache_embeddings": True}, "use only one"),
        ({"model": "resnet", "freeze": "extractor"}, "has an encoder only"),
        ({"freeze": "encoder"}, "add `init`"),
        ({"freeze": "none", "extractor_learning_rate": 0.0}, "use only one"),
        ({"model": "sift", "image_size": "64:1,128:1"}, "one `image_size` only"),
        ({"image_size": 8192}, "to 4096"),
        ({"model": "plain", "freeze": "encoder"}, "for model fusion or resnet"),
        ({"inception": False, "freeze": "extractor"}, "without `inception`"),
        ({"image_size": "64:1,32"}, "sides with epochs"),
        ({"image_size": "64:1,32:0"}, "1 epoch or more"),
        ({"image_size": "a"}, "must be a number"),
        ({"image_size": "64:3,128:2", "epochs": 6}, "makes 5 epochs"),
        ({"early_stopping": 0}, "`early_stopping` must be 1"),
        ({"save_every": 0}, "`save_every` must be 1"),
    ],
)
def test_options_that_contradict_each_other_are_refused(options, sentence):
    with pytest.raises(InputError, match=sentence):
        check_model_options(TrainConfig(folder=".", **options))


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


def test_epochs_stay_as_given_and_stages_add_up(tmp_path):
    config = TrainConfig(folder=tmp_path, image_size="64:3,128:2")
    assert (config.epochs, config.total_epochs) == (60, 5)
    assert config.stages() == [(64, 3), (128, 2)]
    assert TrainConfig(folder=tmp_path, epochs=7).total_epochs == 7


def test_a_model_of_another_package_keeps_its_augmentation_options(tmp_path):
    family = Family(lambda *_, **__: None, (64, 64), ({"name": "regression"},), "mine", "nobody", options=("dropout",))
    MODELS.register("mine", family)
    try:
        check_model_options(TrainConfig(folder=tmp_path, model="mine", rotation=5.0, crop=0.5, dropout=0.5))
        with pytest.raises(InputError, match="`skips` is for model fusion, not for mine"):
            check_model_options(TrainConfig(folder=tmp_path, model="mine", skips=False))
        with pytest.raises(InputError, match="`pixels` is for model sift, not for mine"):
            check_model_options(TrainConfig(folder=tmp_path, model="mine", pixels=9))
    finally:
        MODELS.unregister("mine")
