import keras
import numpy as np
import pytest
from support import in_archives

from fusioncolor import bins, color, images
from fusioncolor.data import datasets
from fusioncolor.data.augmentation import Augmentation
from fusioncolor.data.sharing import Share
from fusioncolor.models import factory
from fusioncolor.models.heads import RegressionHead
from fusioncolor.models.predictor import Source

AUGMENTATION = Augmentation()
COLORIZER = factory.create("fusion", inception=False, size=(32, 32))


def dataset(paths, colorizer=COLORIZER, **options):
    defaults = {"batch_size": 4, "augmentation": AUGMENTATION, "epochs": 2}
    return datasets.PhotographDataset(paths, colorizer, **{**defaults, **options})


@pytest.fixture(scope="module")
def paths(scenes):
    return images.find_in(scenes)


def test_every_epoch_shows_every_photograph_once_in_another_order(paths):
    batches = dataset(paths, augmentation=Augmentation(0, 0, False))
    known = [color.rgb_to_lightness(images.read_resized(path, (32, 32))) for path in paths]

    def epoch_order(epoch):
        steps = range(epoch * batches.steps_per_epoch, (epoch + 1) * batches.steps_per_epoch)
        seen = np.concatenate([batches[step][0] for step in steps])
        return [int(np.argmin([np.abs(photograph - light).max() for light in known])) for photograph in seen]

    first, second = epoch_order(0), epoch_order(1)
    assert sorted(first) == sorted(second) == list(range(len(paths)))
    assert first != second


def test_an_item_depends_on_seed_and_index_alone(paths):
    forward, backward = dataset(paths, workers=1), dataset(paths, workers=4)
    wanted = {step: forward[step] for step in range(len(forward))}
    for step in reversed(range(len(backward))):
        for one, other in zip(wanted[step], backward[step], strict=True):
            np.testing.assert_array_equal(one, other)
    assert not np.array_equal(dataset(paths, seed=1)[0][0], wanted[0][0])


def test_lightness_and_target_together_are_the_photograph(paths):
    lightness, target = dataset(paths, augmentation=None)[0]
    assert target.dtype == np.float32
    rgb = color.join_in_gamut(lightness, RegressionHead().decode(target))
    for index in range(4):
        np.testing.assert_array_equal(rgb[index], images.read_resized(paths[index], (32, 32)))


def test_training_sees_a_photograph_nearly_as_prediction_does(paths):
    """It resizes bytes of sRGB, and prediction lightness: up to 0.3 of 100 units apart on photographs."""
    for path, trained in zip(paths[:4], dataset(paths, augmentation=None)[0][0], strict=True):
        predicted = COLORIZER.prepare(Source(color.rgb_to_lightness(images.read(path).rgb)))
        assert np.abs(trained - predicted).mean() < 0.3


def test_targets_of_a_classifier_are_encoded_at_the_size_of_its_output(paths):
    classifier = factory.create("fusion", head="classification", inception=False, size=(32, 48))
    lightness, target = dataset(paths, classifier, augmentation=None)[0]
    assert lightness.shape == (4, 32, 48, 1)
    assert target.shape == (4, 8, 12, 10)
    ab = color.rgb_to_lab(images.read_resized(paths[0], (32, 48)))[..., 1:]
    expected = bins.BINS[bins.nearest_bins(images.resize(ab, (8, 12)), 1)[..., 0]]
    np.testing.assert_array_equal(bins.BINS[target[0, ..., 0].astype(int)], expected)


def test_judged_photographs_end_with_their_true_colors_at_the_size_of_the_output(paths):
    classifier = factory.create("fusion", head="classification", inception=False, size=(32, 48))
    lightness, target, lab = dataset(paths, classifier, augmentation=None, judged=True)[0]
    truth = color.rgb_to_lab(images.read_resized(paths[1], (32, 48)))
    np.testing.assert_array_equal(lightness[1], truth[..., :1])
    np.testing.assert_allclose(lab[1], images.resize(truth, (8, 12)), atol=1e-3)
    np.testing.assert_array_equal(target[1], classifier.head.encode(lab[1, ..., 1:]))


def test_counting_bins_counts_every_pixel_of_every_photograph(paths):
    counts = datasets.count_bins(paths[:3], (8, 10), workers=2)
    assert counts.sum() == 3 * 8 * 10
    one_by_one = [bins.count_bins(color.rgb_to_lab(images.read_resized(path, (8, 10)))[..., 1:]) for path in paths[:3]]
    np.testing.assert_array_equal(counts, sum(one_by_one))


def test_validation_includes_the_incomplete_last_batch(paths):
    batches = dataset(paths[:7], augmentation=None, epochs=1)
    assert [len(batches[step][0]) for step in range(len(batches))] == [4, 3]


def test_a_mirrored_photograph_gets_the_embedding_of_its_mirror_image(paths):
    embeddings = np.zeros((len(paths), 2, 1), np.float16)
    embeddings[:, 1] = 1
    batches = dataset(paths, embeddings=embeddings, augmentation=Augmentation(0, 0, True), epochs=1)
    known = {path: color.rgb_to_lightness(images.read_resized(path, (32, 32))) for path in paths}
    flips = []
    for step in range(len(batches)):
        (lightness, embedding), _ = batches[step]
        for light, mark in zip(lightness, embedding[:, 0], strict=True):
            upright = light[:, ::-1] if mark else light
            assert any(np.abs(upright - original).max() < 1e-3 for original in known.values())
            flips.append(mark)
    assert 0 < sum(flips) < len(flips)
    (_, embedding), _ = dataset(paths, embeddings=embeddings, augmentation=None)[0]
    assert not embedding.any()


def test_keras_sees_the_epochs_as_one_dataset(paths):
    """`fit` with `steps_per_epoch` walks through the items 0, 1, 2, ... of all epochs, in order."""
    batches = dataset(paths)
    seen = []

    class Spy(keras.utils.PyDataset):
        def __len__(self):
            return len(batches)

        def __getitem__(self, index):
            seen.append(index)
            lightness, target = batches[index]
            return lightness, target

    network = keras.Sequential([keras.Input((32, 32, 1)), keras.layers.Conv2D(2, 1)])
    network.compile("sgd", "mse", jit_compile=False)
    history = network.fit(Spy(), epochs=2, steps_per_epoch=batches.steps_per_epoch, shuffle=False, verbose=0)
    assert len(history.epoch) == 2
    start = len(seen) - 1 - seen[::-1].index(len(batches) - 1) - (len(batches) - 1)
    assert seen[start : start + len(batches)] == list(range(len(batches)))


def test_stored_pixels_are_pixels_of_the_photographs_with_their_descriptors(paths, tmp_path):
    colorizer = factory.create("sift", size=(32, 40))
    file = tmp_path / "pixels.npz"
    datasets.store_pixels(paths[:6], colorizer, file, pixels=50, seed=0, workers=2)
    batches = datasets.PixelDataset(file, colorizer, batch_size=2, training=True, epochs=2)
    assert len(batches) == 6
    features, target = batches[0]
    assert features.shape == (2, 1, 50, 129)
    assert target.shape == (2, 1, 50, 2)
    known = [color.rgb_to_lab(images.read_resized(path, (32, 40))).reshape(-1, 3) for path in paths[:6]]
    for light, ab in zip(
        features[..., -1].reshape(2, 50), colorizer.head.decode(target).reshape(2, 50, 2), strict=True
    ):
        pixels = np.concatenate([light[:, None], ab], axis=1)
        distance = [np.abs(lab[None] - pixels[:, None]).max(-1).min(1).max() for lab in known]
        assert min(distance) < 0.05  # float16 keeps 11 bits of the lightness
    assert not np.array_equal(batches[0][1], batches[3][1])
    held_out = datasets.PixelDataset(file, colorizer, batch_size=4)
    assert [len(held_out[index][1]) for index in range(len(held_out))] == [4, 2]  # all of them, in order
    again = datasets.PixelDataset(file, colorizer, batch_size=6, seed=1, judged=True)
    np.testing.assert_array_equal(np.concatenate([held_out[0][1], held_out[1][1]]), again[0][1])
    features, target, lab = again[0]
    np.testing.assert_allclose(lab[..., 0], features[..., -1], atol=0.05)
    np.testing.assert_array_equal(colorizer.head.encode(lab[..., 1:]), target)


def test_lightness_batches_keep_the_order_and_size(paths):
    batches = list(datasets.lightness_batches(paths[:10], (16, 24), 4, workers=2))
    assert [len(batch) for batch in batches] == [4, 4, 2]
    expected = [color.rgb_to_lightness(images.read_resized(path, (16, 24))) for path in paths[:10]]
    np.testing.assert_array_equal(np.concatenate(batches), expected)


def test_crops_are_parts_of_the_photograph(tmp_path):
    """A ramp from left to right, cropped, is a narrower ramp."""
    ramp = np.broadcast_to(np.linspace(0, 255, 256).astype(np.uint8)[None, :, None], (256, 256, 3))
    images.write(tmp_path / "ramp.png", ramp)
    augmentation = Augmentation(0, 0, False, crop=0.25)
    batches = dataset([tmp_path / "ramp.png"] * 8, batch_size=8, augmentation=augmentation, epochs=4)
    spans = [np.ptp(light[16]) for step in range(4) for light in batches[step][0]]
    assert 45 < min(spans) < 75
    assert 75 < max(spans) <= 100


@pytest.fixture
def halves(tmp_path):
    """A photograph that is dark blue on its left and light yellow on its right."""
    rgb = np.zeros((64, 64, 3), np.uint8)
    rgb[:, :32], rgb[:, 32:] = (20, 30, 120), (240, 220, 120)
    images.write(tmp_path / "halves.png", rgb)
    return [tmp_path / "halves.png"]


def test_augmentation_moves_lightness_and_colors_alike(halves):
    batches = dataset(halves, augmentation=Augmentation(90, 0.5, True, 0.5, exposure=1.0), epochs=20)
    for step in range(20):
        lightness, target = batches[step]
        blue = RegressionHead().decode(target)[..., 1] < 0
        light = lightness[..., 0]
        assert (light[blue].max(initial=0) < light[~blue].min(initial=100)) or 0 < (
            blue ^ (light < light.mean())
        ).mean() < 0.1


@pytest.mark.parametrize(
    "change",
    [{"rotation": 20}, {"shear": 0.2}, {"crop": 0.5}, {"exposure": 1.0}, {"emulsion": 1.0}],
    ids=lambda change: next(iter(change)),
)
def test_a_photograph_looks_different_in_every_epoch_and_with_every_seed(paths, change):
    alone = Augmentation(**{"rotation": 0, "shear": 0, "flip": False, **change})
    seen = [
        dataset(paths[:1], batch_size=1, epochs=3, seed=seed, augmentation=alone)[step][0]
        for seed in (0, 1)
        for step in range(3)
    ]
    assert all(not np.array_equal(one, other) for i, one in enumerate(seen) for other in seen[:i])


def test_the_seed_decides_the_order(paths):
    still = Augmentation(0, 0, False)
    every = slice(0, len(paths))
    orders = [dataset(paths, augmentation=still, seed=seed)._items(0, every) for seed in (0, 1, 0)]
    assert orders[0] != orders[1]
    assert orders[0] == orders[2]


def test_an_old_photograph_has_the_colors_of_the_scene_but_not_its_lightness(halves):
    new, old = (
        dataset(halves, augmentation=Augmentation(0, 0, False, emulsion=share), epochs=8) for share in (0.0, 1.0)
    )
    for step in range(8):
        np.testing.assert_array_equal(new[step][1], old[step][1])
    assert sum(np.abs(new[step][0] - old[step][0]).mean() > 5 for step in range(8)) >= 4
    some = dataset(halves, augmentation=Augmentation(0, 0, False, emulsion=0.5), epochs=60)
    changed = [not np.array_equal(some[step][0], new[0][0]) for step in range(60)]
    assert 0.3 < np.mean(changed) < 0.7


def test_exposure_darkens_by_up_to_its_stops_and_brightens_by_half_as_many(halves):
    batches = dataset(halves, augmentation=Augmentation(0, 0, False, exposure=2.0), epochs=200)
    dark = np.array([batches[step][0].min() for step in range(200)])
    original = color.rgb_to_lightness(images.read_resized(halves[0], (32, 32))).min()
    assert dark.min() < 0.6 * original
    assert original * 1.2 < dark.max() < original * 2


def test_processes_read_parts_of_the_batches_that_one_reads(paths):
    whole, first, second = (dataset(paths[:10], share=share) for share in (Share(), Share(0, 2), Share(1, 2)))
    assert len(whole) == len(first) == len(second) == 4
    for index in range(len(whole)):
        parts = (first[index], second[index])
        assert [len(part[0]) for part in parts] == [2, 2]
        for entry, expected in enumerate(whole[index]):
            np.testing.assert_array_equal(np.concatenate([part[entry] for part in parts]), expected)


def test_without_augmentation_every_process_reads_all(paths):
    for one, other in zip(
        dataset(paths[:6], augmentation=None)[1],
        dataset(paths[:6], augmentation=None, share=Share(1, 2))[1],
        strict=True,
    ):
        np.testing.assert_array_equal(one, other)


def test_photographs_in_archives_come_archive_by_archive_and_the_same_after_a_resume(paths, tmp_path):
    inside = in_archives(paths, tmp_path / "shards", each=1)
    batches = dataset(inside, batch_size=8)
    order = batches._order(0)
    assert sorted(order) == list(range(16))
    np.testing.assert_array_equal(batches._order(0), order)
    assert (batches._order(1) != order).any()
    twice = dataset([*inside, *inside], batch_size=8)._order(0)
    assert len({index % 16 for index in twice[:16]}) == 8  # archives, both photographs of each
    resumed = dataset(inside, batch_size=8).part(range(3, 4))  # in the middle of the second epoch
    for one, other in zip(batches[3], resumed[0], strict=True):
        np.testing.assert_array_equal(one, other)
    np.testing.assert_array_equal(batches.sample(1, 5).input, dataset(paths).sample(1, 5).input)
