import json

import pytest

from fusioncolor.errors import InputError
from fusioncolor.models.description import Description, Weights

HEAD = {"name": "regression"}
WHOLE = Description("fusion", {"skips": False}, HEAD, (32, 40), Weights("float16", "ab12"), metrics={"epoch": 3})


def test_a_description_comes_back_from_json():
    assert Description.from_json(json.loads(json.dumps(WHOLE.as_json()))) == WHOLE


def test_entries_without_content_are_left_out():
    entries = Description("fusion", {}, HEAD, (32, 40)).as_json()
    assert list(entries) == ["format", "fusioncolor", "model", "options", "head", "size"]


def test_unknown_entries_are_no_hindrance():
    assert Description.from_json({**WHOLE.as_json(), "note": "mine"}) == WHOLE


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"format": 99}, "format 99, this version of fusioncolor reads format 1"),
        ({"size": [32]}, "missing or wrong"),
        ({"weights": {"dtype": "float16"}}, "sha256"),
    ],
)
def test_what_is_no_description_is_refused(changes, sentence):
    with pytest.raises(InputError, match=sentence):
        Description.from_json({**WHOLE.as_json(), **changes})
    with pytest.raises(InputError, match="holds a list"):
        Description.from_json([])
