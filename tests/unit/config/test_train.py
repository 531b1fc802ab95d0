"""Options of a training: defaults, ranges, and what goes together."""

from pathlib import Path

import numpy as np
import pytest

from fusioncolor import images
from fusioncolor.config import TrainConfig
from fusioncolor.errors import InputError
from fusioncolor.training.model_options import check_model_options


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
        {"cache_features": 2, "freeze": "none"}, {"cache_features": 2, "cache_embeddings": True}, {"cache_features": 0},
        {"cache_features": 2, "image_size": "64:1,128:1"}, {"cache_features": 2, "inception": False},
        {"model": "plain", "cache_features": 2}, {"model": "sift", "emulsion": 0.5}, {"model": "sift", "twice": ["a"]},
    ],
)  # fmt: skip
def test_training_options_out_of_range_are_refused(tmp_path, option):
    with pytest.raises(InputError, match="|".join(f"`{name}`" for name in option if name != "model")):
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


def test_epochs_stay_as_given_and_stages_add_up(tmp_path):
    config = TrainConfig(folder=tmp_path, image_size="64:3,128:2")
    assert (config.epochs, config.total_epochs) == (60, 5)
    assert config.stages() == [(64, 3), (128, 2)]
    assert TrainConfig(folder=tmp_path, epochs=7).total_epochs == 7


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"hosts": "a:1,b:1"}, "`hosts` needs `host_index`, from 0 to 1"),
        ({"hosts": "a:1,b:1", "host_index": 2}, "`host_index` 2 is not in `hosts`"),
        ({"host_index": 0}, "`host_index` 0 is not in `hosts`"),
        ({"hosts": "a,b:1", "host_index": 0}, "`hosts` must be addresses with ports"),
        ({"hosts": "a:1,b:1", "host_index": 0}, "needs a folder that all hosts share"),
        ({"hosts": "a:1,b:1,c:1", "host_index": 0}, "cannot be shared by 3 devices"),
        ({"devices": 3}, "`batch_size` 8 cannot be shared by 3 devices: make it a multiple of 3"),
        ({"devices": 2, "cache_features": 1, "model": "dense"}, "`cache_features` trains on one device"),
        ({"devices": 2, "cache_embeddings": True}, "`cache_embeddings` trains on one device"),
    ],
)
def test_trainings_that_cannot_be_shared_are_refused(options, sentence):
    with pytest.raises(InputError, match=sentence):
        TrainConfig(folder=".", **options)


def test_addresses_are_read(tmp_path):
    config = TrainConfig(folder=tmp_path, hosts="a:1, [::1]:22", host_index=1, run=tmp_path / "run")
    assert config.addresses() == ["a:1", "[::1]:22"]
    assert TrainConfig(folder=tmp_path).addresses() == []
