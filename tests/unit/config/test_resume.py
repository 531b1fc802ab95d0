from pathlib import Path

import pytest

from fusioncolor.config.resume import ResumeConfig
from fusioncolor.errors import InputError


def test_only_threads_can_be_chosen_and_there_is_one_at_least():
    assert ResumeConfig(Path("run"), workers=3).workers == 3
    with pytest.raises(InputError, match="`workers` must be 1 or more"):
        ResumeConfig(Path("run"), workers=0)
