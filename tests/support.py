"""What several test files share: tiny trainings, and small parts in place of large ones.

Keras and what needs it are imported inside the functions, so that tests without Keras can use the rest.
"""

import csv
import hashlib
from pathlib import Path

import pytest

from fusioncolor import images
from fusioncolor.config import PredictConfig, TrainConfig

TINY = {"inception": False, "image_size": 32, "batch_size": 4, "epochs": 1, "precision": "float32", "preview_every": 0}
"""A training of the fusion network in seconds; `GOING_ON`: the same from saved weights."""
GOING_ON = {name: value for name, value in TINY.items() if name != "inception"}

QUICK = {**GOING_ON, "model": "sift", "pixels": 16, "epochs": 2, "save_every": 1}
"""A training of the quickest system: its state is saved and restored as any other's."""


def stand_in_extractor():
    """Two layers in place of InceptionV3: lightness of any size -> 6 numbers."""
    import keras
    from keras import layers

    from fusioncolor.models.networks import inception

    lightness = keras.Input((None, None, 1))
    x = layers.Rescaling(1 / 100)(lightness)
    x = layers.GlobalAveragePooling2D()(layers.Conv2D(4, 3)(x))
    return keras.Model(lightness, layers.Dense(6)(x), name=inception.NAME)


def log_of(run: Path) -> list[dict]:
    with open(run / "log.csv") as file:
        return list(csv.DictReader(file))


def finished_run(scenes: Path, folder: Path, **options) -> Path:
    from fusioncolor.training import loop

    return loop.train(TrainConfig(folder=scenes, run=folder, **{**QUICK, **options}))


def interrupted_run(scenes: Path, folder: Path, monkeypatch, at: int, **options) -> Path:
    """A run that is broken off when it is about to save for the `at`-th time, as if killed there."""
    from fusioncolor.training import checkpoint

    written = []
    write = checkpoint.write

    def breaking(run, state):
        if len(written) == at:
            raise SystemExit("killed")
        written.append((state.epoch, state.step))
        write(run, state)

    with monkeypatch.context() as patched:
        patched.setattr(checkpoint, "write", breaking)
        with pytest.raises(SystemExit):
            finished_run(scenes, folder, **options)
    return folder


def colorize(folder: Path, output: Path, weights: str, **options) -> int:
    """`predict.py` without the process."""
    from fusioncolor.prediction import plan
    from fusioncolor.prediction.folder import predict

    config = PredictConfig(photographs=[folder], output=output, weights=[weights], batch_size=4, **options)
    return predict(config, plan.plan(images.find([folder]), output))


def content(output: Path) -> dict[str, str]:
    """What is in a folder, hidden files included."""
    files = [path for path in output.rglob("*") if path.is_file()]
    return {path.relative_to(output).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}
