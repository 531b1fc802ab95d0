import numpy as np
import pytest
from support import build_colorizer

from fusioncolor import color, images
from fusioncolor.data import features
from fusioncolor.data.augmentation import Augmentation
from fusioncolor.data.datasets import PhotographDataset
from fusioncolor.data.features import Compression, FeatureDataset, FeatureStore, Views
from fusioncolor.models.families import same
from fusioncolor.models.networks import inception


@pytest.fixture(scope="module")
def colorizer():
    return build_colorizer("dense")


@pytest.fixture(scope="module")
def paths(scenes):
    return images.find_in(scenes)[:10]


def photographs(paths, colorizer, **options) -> PhotographDataset:
    return PhotographDataset(paths, colorizer, batch_size=1, encode=same, **options)


def store_in(folder, colorizer) -> FeatureStore:
    extractor = colorizer.network.get_layer(inception.NAME)
    return FeatureStore(extractor, inception.fused_maps(colorizer.network), folder, workers=2)


def test_principal_components_are_those_of_the_covariance():
    rng = np.random.default_rng(0)
    features = rng.normal(size=(5000, 6)) @ rng.normal(size=(6, 6)) + rng.normal(size=6)
    fitted = Compression.fit(len(features), features.sum(axis=0), features.T @ features, components=4)
    centered = features - features.mean(axis=0)
    _, scale, expected = np.linalg.svd(centered, full_matrices=False)
    np.testing.assert_allclose(fitted.mean, features.mean(axis=0), atol=1e-5)
    np.testing.assert_allclose(np.abs((fitted.directions.T * expected[:4]).sum(axis=1)), 1, atol=1e-4)
    np.testing.assert_allclose(fitted.deviations, scale[:4] / np.sqrt(len(features)), rtol=1e-4)


def test_all_components_restore_the_features_up_to_rounding():
    rng = np.random.default_rng(0)
    features = rng.normal(size=(400, 5)) * [9, 4, 2, 1, 0.5] + 3
    fitted = Compression.fit(len(features), features.sum(axis=0), features.T @ features, components=5)
    compressed = fitted.compress(features)
    assert compressed.dtype == np.int8
    restored = np.asarray(fitted.layer("restored")(compressed.astype(np.float32)))
    within = np.abs((features - features.mean(axis=0)) / features.std(axis=0)).max(axis=1) < 3
    np.testing.assert_allclose(restored[within], features[within], atol=9 * 5 / 127)
    assert np.abs(restored - features).std() < 0.1


def test_views_are_what_augmented_training_would_show(paths, colorizer, tmp_path):
    shown = photographs(paths, colorizer, seed=3, augmentation=Augmentation(0, 0, True, 0.5))
    views = store_in(tmp_path, colorizer).views(shown, 2)
    extractor = colorizer.network.get_layer(inception.NAME)
    for view, index in ((0, 1), (1, 9)):
        sample = shown.sample(view, index)
        lightness, embedding, *maps = views.input(view, index)
        np.testing.assert_allclose(lightness, sample.input, atol=0.2)  # 8 bits of lightness
        np.testing.assert_allclose(views.target(view, index), sample.target, rtol=1e-3, atol=0.01)
        expected_embedding, *expected = (np.asarray(one) for one in extractor.predict_on_batch(sample.input[None]))
        np.testing.assert_allclose(embedding, expected_embedding[0], rtol=2e-3, atol=1e-3)
        for compressed, compression, wanted in zip(maps, views.compressions.values(), expected, strict=True):
            restored = np.asarray(compression.layer("one")(compressed[None].astype(np.float32)))
            assert np.abs(restored - wanted).mean() < 0.02 * wanted.std() + 1e-3
    assert not np.array_equal(views.input(0, 1)[0], views.input(1, 1)[0])


def test_views_are_computed_once_and_anew_for_other_settings(paths, colorizer, tmp_path, monkeypatch):
    shown = photographs(paths, colorizer, augmentation=Augmentation(0, 0))
    kept = store_in(tmp_path, colorizer).views(shown, 1)
    store = store_in(tmp_path, colorizer)
    monkeypatch.setattr(store, "_extract", lambda samples: pytest.fail("computed again"))
    np.testing.assert_array_equal(store.views(shown, 1).input(0, 3)[2], kept.input(0, 3)[2])
    for options in ({"seed": 1}, {"augmentation": Augmentation(0, 0, True, 0.9)}, {"augmentation": None}):
        with pytest.raises(pytest.fail.Exception):
            store.views(photographs(paths, colorizer, **{"augmentation": Augmentation(0, 0), **options}), 1)
    with pytest.raises(pytest.fail.Exception):
        store.views(photographs(paths[:9], colorizer, augmentation=Augmentation(0, 0)), 1)


def test_a_view_that_was_broken_off_is_computed_again(paths, colorizer, tmp_path, monkeypatch):
    shown = photographs([*paths, *paths, *paths, *paths], colorizer, augmentation=None)
    store = store_in(tmp_path, colorizer)
    extract, calls = store._extract, []

    def breaking(samples):
        calls.append(len(samples))
        if len(calls) == 4:  # components of 40 photographs take two batches, and so does the view
            raise KeyboardInterrupt
        return extract(samples)

    monkeypatch.setattr(store, "_extract", breaking)
    with pytest.raises(KeyboardInterrupt):
        store.views(shown, 1)
    assert not list(tmp_path.glob("features-*"))
    [stored] = store.views(shown, 1).stored
    for name in ("lightness", "embedding", "target"):
        assert stored[name][0].any()
        for start in (10, 20, 30):  # the same ten photographs again
            np.testing.assert_array_equal(stored[name][start : start + 10], stored[name][:10])


def test_components_are_fitted_to_all_photographs_of_a_small_folder_and_to_some_of_a_large_one(
    paths, colorizer, tmp_path, monkeypatch
):
    shown = photographs(paths, colorizer)
    sample, fitted = shown.sample, []
    monkeypatch.setattr(shown, "sample", lambda view, index: fitted.append(index) or sample(view, index))
    store_in(tmp_path / "all", colorizer)._compressions(shown)
    assert sorted(fitted) == list(range(10))
    fitted.clear()
    monkeypatch.setattr(features, "_FITTED", 4)
    store_in(tmp_path / "some", colorizer)._compressions(shown)
    assert sorted(fitted) == [0, 3, 6, 9]


def test_space_is_required_for_each_array_before_it_is_written(paths, colorizer, tmp_path, monkeypatch):
    required = []
    monkeypatch.setattr(features.files, "require_space", lambda folder, size: required.append(size))
    [stored] = store_in(tmp_path, colorizer).views(photographs(paths, colorizer), 1).stored
    assert sorted(required) == sorted(array.nbytes for array in stored.values())


def stored_views(count: int, views: int) -> Views:
    """Views without maps, whose embedding is the number of the photograph, and the lightness that of the view."""
    return Views(
        {},
        [
            {
                "lightness": np.full((count, 4, 4), 50 * view, np.uint8),
                "embedding": np.arange(count, dtype=np.float16)[:, None],
                "target": np.zeros((count, 1, 1, 2), np.float16),
            }
            for view in range(views)
        ],
    )


def test_every_epoch_shows_every_listed_photograph_in_another_order_and_all_views():
    listed = [*range(12), 3, 5]
    batches = FeatureDataset(stored_views(12, 3), listed, batch_size=7, encode=same, training=True, epochs=4)
    epochs = []
    for epoch in range(4):
        items = [batches[step][0] for step in range(epoch * 2, epoch * 2 + 2)]
        epochs.append(np.concatenate([embedding[:, 0] for _, embedding in items]).astype(int).tolist())
        assert sorted(epochs[-1]) == sorted(listed)
    assert len({tuple(order) for order in epochs}) == 4
    seen = np.concatenate([batches[step][0][0] for step in range(len(batches))])
    assert len(np.unique(seen)) == 3


def test_a_part_of_the_items_is_the_same_items():
    batches = FeatureDataset(stored_views(12, 3), range(12), batch_size=4, encode=same, training=True, epochs=3, seed=5)
    later = batches.part(range(4, 9))
    assert len(later) == 5
    for one, other in zip(later[1][0], batches[5][0], strict=True):
        np.testing.assert_array_equal(one, other)


def test_validation_shows_the_first_view_of_all_photographs_in_order():
    batches = FeatureDataset(stored_views(5, 1), range(5), batch_size=2, encode=same)
    assert len(batches) == 3
    seen = np.concatenate([batches[step][0][1][:, 0] for step in range(3)])
    np.testing.assert_array_equal(seen, np.arange(5))


def test_judged_views_end_with_the_true_colors_at_the_size_of_the_target(paths, colorizer, tmp_path):
    views = store_in(tmp_path, colorizer).views(photographs(paths, colorizer), 1)
    inputs, target, lab = FeatureDataset(views, range(4), batch_size=4, encode=same, judged=True)[0]
    assert [len(part) for part in inputs] == [4] * len(inputs)
    np.testing.assert_array_equal(lab[..., 1:], target)
    truth = color.rgb_to_lab(images.read_resized(paths[2], (32, 32)))
    expected = images.resize(truth, lab.shape[1:3])
    np.testing.assert_allclose(lab[2, ..., 0], expected[..., 0], atol=0.4)  # 8 bits of lightness
    np.testing.assert_allclose(lab[2, ..., 1:], expected[..., 1:], atol=0.1)  # 11 bits of chroma


def test_judged_lightness_stays_in_its_range_where_resizing_would_overshoot():
    views = stored_views(1, 1)
    views.stored[0]["lightness"] = np.zeros((1, 16, 16), np.uint8)
    views.stored[0]["lightness"][:, :, 8:] = 255
    views.stored[0]["target"] = np.zeros((1, 5, 5, 2), np.float16)
    _, _, lab = FeatureDataset(views, [0], batch_size=1, encode=same, judged=True)[0]
    assert (lab[..., 0].min(), lab[..., 0].max()) == (0, 100)


def test_an_extractor_without_maps_is_cached_too(paths, tmp_path):
    colorizer = build_colorizer("fusion")
    views = store_in(tmp_path, colorizer).views(photographs(paths, colorizer), 1)
    lightness, embedding = views.input(0, 2)
    expected = color.rgb_to_lightness(images.read_resized(paths[2], (32, 32)))
    np.testing.assert_allclose(lightness, expected, atol=0.2)
    assert embedding.shape == (6,)
