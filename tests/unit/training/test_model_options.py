import pytest

from fusioncolor.config import TrainConfig
from fusioncolor.errors import InputError
from fusioncolor.models.families import MODELS, Family
from fusioncolor.training.model_options import check_model_options, extractor_rate


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
        ({"freeze": "none", "cache_embeddings": True}, "cannot be combined with `freeze` none"),
        ({"model": "resnet", "freeze": "extractor"}, "has an encoder only"),
        ({"freeze": "encoder"}, "add `init`, or `resnet_weights` for resnet"),
        ({"freeze": "none", "extractor_learning_rate": 0.0}, "use only one"),
        ({"model": "sift", "image_size": "64:1,128:1"}, "one `image_size` only"),
        ({"image_size": 8192}, "to 4096"),
        ({"model": "plain", "freeze": "encoder"}, "for model fusion or dense or resnet"),
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


def test_a_model_of_another_package_keeps_its_augmentation_options(tmp_path):
    family = Family(size=(64, 64), heads=({"name": "regression"},), summary="mine", options=("dropout",))
    MODELS.register("mine", family)
    try:
        check_model_options(TrainConfig(folder=tmp_path, model="mine", rotation=5.0, crop=0.5, dropout=0.5))
        with pytest.raises(InputError, match="`skips` is for model fusion, not for mine"):
            check_model_options(TrainConfig(folder=tmp_path, model="mine", skips=False))
        with pytest.raises(InputError, match="`pixels` is for model sift, not for mine"):
            check_model_options(TrainConfig(folder=tmp_path, model="mine", pixels=9))
    finally:
        MODELS.unregister("mine")
