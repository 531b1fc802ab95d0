"""Building, saving and loading colorizers by name."""

import pytest

from fusioncolor.errors import InputError
from fusioncolor.models import factory


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
