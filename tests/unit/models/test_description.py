import json

import pytest

from fusioncolor.errors import InputError
from fusioncolor.models.description import Description, Weights

WHOLE = Description(
    "fusion",
    {"skips": True},
    {"name": "regression"},
    (64, 32),
    Weights("float16", "ab" * 32),
    {"epochs": 3},
    {"train": 9},
)


def test_a_description_is_read_back_as_it_was_written():
    assert Description.from_json(json.loads(json.dumps(WHOLE.as_json()))) == WHOLE


def test_entries_without_content_are_left_out():
    assert set(WHOLE.as_json()) == {
        "format", "fusioncolor", "model", "options", "head", "size", "weights", "training", "photographs",
    }  # fmt: skip


@pytest.mark.parametrize("changes", [{"format": 2}, {"size": [1]}, {"size": None}, {"weights": {"dtype": "float16"}}])
def test_a_wrong_entry_is_refused(changes):
    with pytest.raises(InputError):
        Description.from_json({**WHOLE.as_json(), **changes})


def test_a_missing_entry_is_refused():
    for name in ("model", "options", "head", "size"):
        entries = WHOLE.as_json()
        del entries[name]
        with pytest.raises(InputError, match="missing or wrong"):
            Description.from_json(entries)
