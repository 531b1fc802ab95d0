import numpy as np
import pytest
from support import TINY, build_colorizer

from fusioncolor import color, images
from fusioncolor.config import TrainConfig
from fusioncolor.data.augmentation import Augmentation
from fusioncolor.data.features import Views
from fusioncolor.data.sharing import Share
from fusioncolor.data.splits import Split
from fusioncolor.run_folder import RunFolder
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


CHOSEN = {"rotation": 11.0, "shear": 0.3, "flip": False, "crop": 0.5, "exposure": 0.7, "emulsion": 0.4}


def test_what_is_chosen_reaches_the_datasets(split, colorizer):
    config = TrainConfig(folder=".", **{**TINY, **CHOSEN, "epochs": 3, "seed": 5, "batch_size": 3, "workers": 6})
    train, validation = feeding.photograph_datasets(config, split, colorizer, None, Share(1, 2))
    assert train.augmentation == Augmentation(**CHOSEN)
    assert (train.batch_size, train.epochs, train.seed, train.share) == (3, 3, 5, Share(1, 2))
    assert (validation.batch_size, validation.epochs, validation.augmentation) == (3, 1, None)
    assert train._pool._max_workers == validation._pool._max_workers == 6


def test_augmentation_is_that_of_a_training_unless_chosen():
    assert feeding._augmentation(TrainConfig(folder=".")) == Augmentation()


def test_pixels_are_stored_once_for_each_part(split, tmp_path, monkeypatch):
    perceptron = build_colorizer("sift")
    config = TrainConfig(folder=".", **{**TINY, "epochs": 3, "seed": 5, "batch_size": 4, "pixels": 7, "workers": 6})
    run, store, asked = RunFolder(tmp_path), feeding.datasets.store_pixels, []
    monkeypatch.setattr(
        feeding.datasets, "store_pixels", lambda *given, **options: asked.append(options) or store(*given, **options)
    )
    for _ in range(2):
        train, validation = feeding.pixel_datasets(config, split, perceptron, run)
        assert len(train) == 3 * 2
        features, target = train[0]
        assert (features.shape, target.shape) == ((4, 1, 7, 129), (4, 1, 7, 2))
        assert [len(validation[index][0]) for index in range(len(validation))] == [4, 2]
        assert len(validation[0]) == 3  # with the true colors
        assert (train.seed, train.training, validation.seed, validation.training) == (5, True, 5, False)
        assert [(each["pixels"], each["seed"], each["workers"]) for each in asked] == [(7, 5, 6)] * 2
        monkeypatch.setattr(feeding.datasets, "store_pixels", lambda *_, **__: pytest.fail("stored again"))


def test_views_are_batched_with_listed_photographs_twice(split, colorizer):
    options = {**TINY, "epochs": 2, "batch_size": 3, "seed": 5, "workers": 6}
    config = TrainConfig(folder=".", twice=[split.train[3].name], **options)
    stored = [
        {
            "lightness": np.zeros((8, 4, 4), np.uint8),
            "embedding": np.arange(8, dtype=np.float16)[:, None],
            "target": np.zeros((8, 4, 4, 2), np.float16),
        }
    ]
    train, validation = feeding.feature_datasets(
        config, split, colorizer, feeding.Features(Views({}, stored), Views({}, stored))
    )
    assert len(train) == 2 * 3
    seen = np.concatenate([train[step][0][1][:, 0] for step in range(3)])
    assert sorted(seen) == [0, 1, 2, 3, 3, 4, 5, 6, 7]
    assert (train.seed, train.training, validation.training) == (5, True, False)
    assert train._pool._max_workers == validation._pool._max_workers == 6
    seen = np.concatenate([validation[step][0][1][:, 0] for step in range(len(validation))])
    np.testing.assert_array_equal(seen, np.arange(6))
    assert len(validation[0]) == 3


def test_views_to_train_on_are_augmented_and_those_to_validate_on_are_not(split, tmp_path, monkeypatch):
    asked = []

    class Store:
        def __init__(self, extractor, maps, folder, *, workers, reporter):
            assert (folder, workers) == (RunFolder(tmp_path).shared, 6)

        def views(self, dataset, count, compressions=None):
            asked.append((dataset, count, compressions))
            return Views({"mixed": len(asked)}, [])

    monkeypatch.setattr(feeding, "FeatureStore", Store)
    options = {**TINY, **CHOSEN, "seed": 5, "inception": True, "cache_features": 4, "workers": 6}
    config = TrainConfig(folder=".", **options)
    found = feeding.cached_features(config, split, build_colorizer("fusion"), RunFolder(tmp_path))
    (train, count, fitted), (validation, once, kept) = asked
    assert (train.paths, train.seed, train.augmentation) == (split.train, 5, Augmentation(**CHOSEN))
    assert (validation.paths, validation.augmentation) == (split.validation, None)
    assert (count, fitted, once, kept) == (4, None, 1, {"mixed": 1})
    assert found.train.compressions == {"mixed": 1}
    assert found.validation.compressions == {"mixed": 2}
