from pathlib import Path

import pytest

from fusioncolor.config import EvaluateConfig
from fusioncolor.errors import InputError


@pytest.mark.parametrize(
    "options",
    [
        {"photographs": []},
        {"image_size": 0},
        {"limit": 0},
        {"examples": -1},
        {"batch_size": 0},
        {"lpips_weights": Path("alex.pth")},
        {"fid_weights": Path("inception.pth")},
        {"fid": True, "fid_weights": Path("nowhere.pth")},
    ],
)
def test_what_is_out_of_range_or_contradicts_itself_is_refused(options):
    name = list(options)[-1]
    with pytest.raises(InputError, match=f"`{name}`" if name != "photographs" else "name color photographs"):
        EvaluateConfig(**{"photographs": [Path("photographs")], **options})


def test_the_report_goes_to_a_folder(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(InputError, match="must be a folder"):
        EvaluateConfig(photographs=[tmp_path], output=tmp_path / "file")
