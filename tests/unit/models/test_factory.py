"""Building, saving and loading colorizers by name."""

import json

import numpy as np
import pytest

from fusioncolor.errors import InputError
from fusioncolor.models import factory, saving
from fusioncolor.models.networks import inception


@pytest.mark.parametrize(
    ("name", "head", "sentence"),
    [
        ("fuson", None, "did you mean 'fusion'"),
        ("resnet", "classification", "model 'resnet' cannot have head 'classification'"),
        ("plain", "clasification", "did you mean 'classification'"),
    ],
)
def test_an_unknown_name_is_refused_with_the_nearest(name, head, sentence):
    with pytest.raises(InputError, match=sentence):
        factory.create(name, head=head)


def test_weights_that_do_not_fit_the_model_are_refused(tmp_path):
    factory.create("fusion", inception=False).save(tmp_path / "saved")
    config = tmp_path / "saved" / "colorizer.json"
    config.write_text(config.read_text().replace('"inception": false', '"inception": false, "skips": false'))
    with pytest.raises(InputError, match="do not fit the model"):
        factory.load(tmp_path / "saved")


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('"model": "fusion"', '"model": "fusoin"'),
        ('"name": "regression"', '"name": "telepathy"'),
        ('"inception": false', '"inception": false, "wings": 2'),
        ('"format": 1', '"format": 99'),
        ('"head": {', '"head": null, "unused": {'),
        ('"options": {', '"options": [3], "unused": {'),
        ('"size": [', '"size": [0, 0], "unused": ['),
        ('"size": [', '"size": ["a", 1e9], "unused": ['),
        ('"size": [', '"size": 8, "unused": ['),
        ('"inception": false', '"inception": false, "negative_slope": "steep"'),
        ("{", "{{{"),
    ],
)
def test_a_description_that_names_nothing_buildable_is_refused(tmp_path, old, new):
    factory.create("fusion", inception=False).save(tmp_path / "saved")
    config = tmp_path / "saved" / "colorizer.json"
    config.write_text(config.read_text().replace(old, new, 1))
    with pytest.raises(InputError, match=r"colorizer\.json"):
        factory.load(tmp_path / "saved")


LIGHT = np.random.default_rng(0).uniform(0, 100, (1, 64, 64, 1)).astype(np.float32)


@pytest.fixture(scope="module")
def parent(tmp_path_factory):
    """Two colorizers of different models with the same InceptionV3, and what they predict."""
    folder = tmp_path_factory.mktemp("weights")
    one, other = factory.create("fusion", seed=0, size=(64, 64)), factory.create("dense", seed=1, size=(64, 64))
    kept = one.network.get_layer(inception.NAME).get_weights()
    other.network.get_layer(inception.NAME).set_weights(kept)
    for name, colorizer in (("one", one), ("other", other)):
        colorizer.save(folder / name, dtype="float32", share_extractor=True)
        np.save(folder / f"{name}.npy", colorizer.predict_ab(LIGHT))
    return folder


@pytest.mark.slow
def test_a_shared_inception_is_stored_once_and_changes_no_prediction(parent):
    assert len(list(parent.glob("inception_v3-*.weights.h5"))) == 1
    assert (parent / "other" / saving.WEIGHTS_FILE).stat().st_size < 12e6
    for name in ("one", "other"):
        np.testing.assert_array_equal(factory.load(parent / name).predict_ab(LIGHT), np.load(parent / f"{name}.npy"))


@pytest.mark.slow
def test_a_loaded_colorizer_is_saved_whole_again(parent, tmp_path):
    factory.load(parent / "other").save(tmp_path / "whole", dtype="float32")
    again = factory.load(tmp_path / "whole")
    assert again.origin.weights.extractor is None
    np.testing.assert_array_equal(again.predict_ab(LIGHT), np.load(parent / "other.npy"))


def test_a_missing_or_damaged_shared_file_is_named(parent, tmp_path):
    (tmp_path / "one").mkdir()
    for file in (parent / "one").iterdir():
        (tmp_path / "one" / file.name).symlink_to(file)
    [shared] = parent.glob("inception_v3-*.weights.h5")
    with pytest.raises(InputError, match=rf"{shared.name}: missing; get the folder {tmp_path}, with this file, again"):
        factory.load(tmp_path / "one")
    (tmp_path / shared.name).write_bytes(b"\0" * 1000)
    with pytest.raises(InputError, match=f"{shared.name}: damaged"):
        factory.load(tmp_path / "one")


@pytest.mark.parametrize("name", ["../../etc/passwd", "x" * 64, "", "0" * 63])
def test_the_digest_of_a_shared_file_names_no_other_file(parent, tmp_path, name):
    (tmp_path / "one").mkdir()
    entries = json.loads((parent / "one" / saving.CONFIG_FILE).read_text())
    entries["weights"]["extractor"] = name
    (tmp_path / "one" / saving.CONFIG_FILE).write_text(json.dumps(entries))
    with pytest.raises(InputError, match=r"damaged \(ValueError: expected a SHA-256|missing"):
        factory.load(tmp_path / "one")
