from pathlib import Path

import pytest

from fusioncolor.config import MergeConfig
from fusioncolor.errors import InputError


def test_reports_are_needed_and_must_be_there(tmp_path):
    with pytest.raises(InputError, match="name at least one `reports`"):
        MergeConfig([])
    with pytest.raises(InputError, match=r"no such file: .*a\.csv"):
        MergeConfig([tmp_path / "a.csv"])


@pytest.mark.parametrize(("report", "output"), [("a.txt", "r.csv"), ("a.csv", "r.txt")])
def test_other_suffixes_are_refused(tmp_path, report, output):
    (tmp_path / report).touch()
    with pytest.raises(InputError, match="a report ends in"):
        MergeConfig([tmp_path / report], Path(output))
