"""What determines the pictures of a model is told without Keras."""

import json
from pathlib import Path

from fusioncolor import files
from fusioncolor.config import DEFAULT_WEIGHTS, PUBLISHED_WEIGHTS, PredictConfig
from fusioncolor.models import engines, saving
from fusioncolor.models.identity import identity_of


def digest(**options) -> str:
    config = PredictConfig(**options)
    return json.dumps(identity_of(config.weights[0], config, config.engine))


def exported(path: Path, network: bytes, weights: str) -> None:
    """Writes a file in place of an exported network, and its description."""
    path.write_bytes(network)
    origin = saving.read_description(Path(weights)).weights.sha256
    facts = {"format": "onnx", "weights": origin, "sha256": {path.name: files.sha256(path)}}
    engines.description_of(path).write_text(json.dumps(facts))


def test_everything_that_changes_a_picture_changes_the_identity(tmp_path):
    changes = [
        {"vividness": 1.5},
        {"refine": ["segment"]},
        {"decode": "mode"},
        {"temperature": 0.5, "decode": "annealed_mean"},
        {"weights": [PUBLISHED_WEIGHTS]},
        {"weights": ["gray"]},
        {"batch_size": 4},
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
