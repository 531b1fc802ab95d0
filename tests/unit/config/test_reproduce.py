from pathlib import Path

import pytest

from fusioncolor.config import ReproduceConfig
from fusioncolor.errors import InputError


@pytest.mark.parametrize(
    "options",
    [{"data": None}, {"steps": 0}, {"batch_size": 0}, {"limit": 0}, {"workers": 0}, {"image_size": 30}],
)
def test_what_is_missing_or_out_of_range_is_refused(options):
    ReproduceConfig(table="losses", data=Path("photographs"))
    [name] = options
    with pytest.raises(InputError, match=f"`{name}`"):
        ReproduceConfig(**{"table": "losses", "data": Path("photographs"), **options})
