from pathlib import Path

import pytest

from fusioncolor.config import CompareConfig, PredictConfig
from fusioncolor.errors import InputError


def test_impossible_options_are_refused(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(InputError, match="name at least one `folders`"):
        CompareConfig()
    with pytest.raises(InputError, match="must be a folder"):
        CompareConfig([tmp_path], tmp_path / "file")
    with pytest.raises(InputError, match="`limit` must be"):
        CompareConfig([tmp_path], limit=0)


def test_paths_may_be_text():
    config = CompareConfig(folders=["out"], output="look")
    assert (config.folders, config.output) == ([Path("out")], Path("look"))
    predict = PredictConfig(photographs=["a.jpg"], output="out", report="run.csv")
    assert (predict.photographs, predict.output, predict.report) == ([Path("a.jpg")], Path("out"), Path("run.csv"))
