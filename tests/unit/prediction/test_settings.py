"""What a manifest knows its results by is told without Keras."""

import dataclasses
import json
import subprocess
import sys

from fusioncolor.config import PredictConfig
from fusioncolor.prediction import settings


def digest(**options) -> str:
    return settings.digest(settings.settings_of(PredictConfig(**options)))


def test_everything_that_changes_a_file_changes_the_settings(tmp_path):
    changes = [
        {"vividness": 1.5},
        {"hint": ["1,1,red"]},
        {"hint": ["1,1,blue"]},
        {"quality": 80},
        {"format": "png"},
        {"mark": False},
    ]
    digests = [digest(), *(digest(**change) for change in changes)]
    assert len(set(digests)) == len(digests)
    assert digest() == digests[0] == digest(output=tmp_path, report=tmp_path / "a.csv", grid=True, workers=1)


def test_settings_need_no_keras():
    code = (
        "import sys; from fusioncolor.config import PredictConfig; from fusioncolor.prediction import settings; "
        "settings.settings_of(PredictConfig()); assert 'keras' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_settings_are_ready_for_json():
    config = PredictConfig(hint=["1,2,#aabbcc"])
    found = settings.settings_of(config)
    assert json.loads(json.dumps(found)) == found
    assert found["hints"] == ["1,2,#aabbcc"]
    assert settings.settings_of(dataclasses.replace(config, hint=[]))["hints"] == []
