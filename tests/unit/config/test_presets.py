import pytest

from fusioncolor.config import PresetsConfig
from fusioncolor.errors import InputError


def test_one_thing_is_done_at_a_time():
    assert PresetsConfig().download == []
    with pytest.raises(InputError, match="give one of `download`, `add` and `remove`"):
        PresetsConfig(add="a.json", remove="b")
