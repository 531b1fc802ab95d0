import numpy as np
import pytest
from support import TINY, build_colorizer

from fusioncolor import color, images
from fusioncolor.config import TrainConfig
from fusioncolor.data.splits import Split
from fusioncolor.training import feeding


@pytest.fixture(scope="module")
def split(scenes):
    paths = images.find_in(scenes)
    return Split(train=paths[:8], validation=paths[8:14], test=[])


@pytest.fixture(scope="module")
def colorizer():
    return build_colorizer("fusion", inception=False)


def test_training_shows_all_epochs_and_validation_all_photographs_once(split, colorizer):
    config = TrainConfig(folder=".", **{**TINY, "epochs": 3})
    found = feeding.photograph_datasets(config, split, colorizer, None)
    assert len(found.train) == 3 * 2
    assert [len(found.validation[step][0]) for step in range(len(found.validation))] == [4, 2]


def test_validation_ends_with_the_true_colors_at_the_size_of_the_output(split, colorizer):
    config = TrainConfig(folder=".", **TINY)
    lightness, encoded, lab = feeding.photograph_datasets(config, split, colorizer, None).validation[0]
    np.testing.assert_array_equal(lightness, lab[..., :1])
    np.testing.assert_allclose(colorizer.head.decode(encoded), lab[..., 1:], atol=1e-3)
    small = build_colorizer("fusion", "classification", inception=False)
    _, _, lab = feeding.photograph_datasets(config, split, small, None).validation[0]
    truth = color.rgb_to_lab(images.read_resized(split.validation[0], (32, 32)))
    np.testing.assert_allclose(lab[0], images.resize(truth, (8, 8)), atol=1e-3)


def test_photographs_of_some_names_are_shown_twice_in_every_epoch(split, colorizer):
    config = TrainConfig(folder=".", twice=[split.train[0].name, split.train[3].name], **TINY)
    found = feeding.photograph_datasets(config, split, colorizer, None)
    assert sorted(found.train.paths) == sorted([*split.train, split.train[0], split.train[3]])
    embeddings = feeding.Embeddings(np.arange(16, dtype=np.float16).reshape(8, 2, 1), np.ones((6, 2, 1), np.float16))
    found = feeding.photograph_datasets(config, split, colorizer, embeddings)
    assert found.train.embeddings[8:, 0, 0].tolist() == [0, 6]


def test_cached_embeddings_are_a_second_input(split, colorizer):
    embeddings = feeding.Embeddings(np.zeros((8, 2, 5), np.float16), np.ones((6, 2, 5), np.float16))
    found = feeding.photograph_datasets(TrainConfig(folder=".", **TINY), split, colorizer, embeddings)
    for dataset, value in ((found.train, 0), (found.validation, 1)):
        (_, embedding), *_ = dataset[0]
        assert embedding.shape == (4, 5)
        assert (embedding == value).all()
