"""What a manifest knows its results by is told without Keras."""

import dataclasses
import json
import subprocess
import sys
from pathlib import Path

from fusioncolor import files
from fusioncolor.config import DEFAULT_WEIGHTS, PUBLISHED_WEIGHTS, PredictConfig
from fusioncolor.models import engines, saving
from fusioncolor.prediction import settings


def digest(**options) -> str:
    return settings.digest(settings.settings_of(PredictConfig(**options)))


def exported(path: Path, network: bytes, weights: str) -> None:
    """Writes a file in place of an exported network, and its description."""
    path.write_bytes(network)
    origin = saving.read_description(Path(weights)).weights.sha256
    facts = {"format": "onnx", "weights": origin, "sha256": {path.name: files.sha256(path)}}
    engines.description_of(path).write_text(json.dumps(facts))


def test_everything_that_changes_a_picture_changes_the_settings(tmp_path):
    changes = [
        {"vividness": 1.5},
        {"refine": ["segment"]},
        {"decode": "mode"},
        {"temperature": 0.5, "decode": "annealed_mean"},
        {"hint": ["1,1,red"]},
        {"hint": ["1,1,blue"]},
        {"weights": [PUBLISHED_WEIGHTS]},
        {"weights": ["gray"]},
        {"batch_size": 4},
        {"quality": 80},
        {"format": "png"},
    ]
    digests = [digest(), *(digest(**change) for change in changes)]
    assert len(set(digests)) == len(digests)
    assert digest() == digests[0] == digest(output=tmp_path, report=tmp_path / "a.csv", grid=True, workers=1)


def test_the_seed_matters_only_where_colors_are_drawn():
    assert digest(seed=1) == digest(seed=2)
    assert digest(seed=1, decode="sample") != digest(seed=2, decode="sample")


def test_references_are_known_by_their_content(tmp_path):
    (tmp_path / "a.png").touch()
    options = {"weights": ["mean"], "reference": [tmp_path]}
    before = digest(**options)
    (tmp_path / "a.png").write_bytes(b"other")
    assert digest(**options) != before


def test_another_engine_under_the_same_name_is_noticed(tmp_path):
    engine = tmp_path / "net.onnx"
    exported(engine, b"one", saving.find_folder(DEFAULT_WEIGHTS))
    one = digest(engine=engine)
    exported(engine, b"other", saving.find_folder(DEFAULT_WEIGHTS))
    assert one != digest(engine=engine) == digest(engine=engine)


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
