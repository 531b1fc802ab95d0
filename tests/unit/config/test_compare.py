import pytest

from fusioncolor.config import CompareConfig
from fusioncolor.errors import InputError


def test_impossible_options_are_refused(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(InputError, match="name `folders`"):
        CompareConfig()
    with pytest.raises(InputError, match="must be a folder"):
        CompareConfig([tmp_path], tmp_path / "file")
    with pytest.raises(InputError, match="`limit` must be"):
        CompareConfig([tmp_path], limit=0)
