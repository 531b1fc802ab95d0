from pathlib import Path

import pytest

from fusioncolor.config import PredictConfig
from fusioncolor.errors import InputError


@pytest.mark.parametrize(
    "option",
    [
        {"vividness": -1.0},
        {"batch_size": 0},
        {"workers": 0},
        {"temperature": 0.0},
        {"seed": -1},
        {"temperature": 0.5, "decode": "mode"},
        {"truth": Path("/none")},
    ],
)
def test_prediction_options_out_of_range_are_refused(option):
    with pytest.raises(InputError, match=f"`{next(iter(option))}`"):
        PredictConfig(**option)
