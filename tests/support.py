"""Helpers shared by several test files: tiny trainings, and small parts in place of large ones.

Keras and what needs it are imported inside the functions, so that tests without Keras can use the rest.
"""

import csv
import hashlib
from pathlib import Path
from unittest.mock import patch

import pytest

from fusioncolor.cli.messages import TerminalReporter
from fusioncolor.config import PredictConfig, TrainConfig
from fusioncolor.prediction.summary import FolderResult
from fusioncolor.runtime.reporting import SILENT, Reporter

TINY = {"inception": False, "image_size": 32, "batch_size": 4, "epochs": 1, "precision": "float32", "preview_every": 0}
"""A training of the fusion network in seconds; `GOING_ON`: the same from saved weights."""
GOING_ON = {name: value for name, value in TINY.items() if name != "inception"}

QUICK = {**GOING_ON, "model": "sift", "pixels": 16, "epochs": 2, "save_every": 1}
"""A training of the quickest system: its state is saved and restored as any other's."""


PRINTING = TerminalReporter(TrainConfig)
"""Reports as the command line does."""


def stand_in_extractor(maps=()):
    """Two layers in place of InceptionV3: lightness of any size -> 6 numbers."""
    import keras
    from keras import layers

    from fusioncolor.models.networks import inception

    lightness = keras.Input((None, None, 1))
    x = layers.Rescaling(1 / 100)(lightness)
    x = layers.GlobalAveragePooling2D()(layers.Conv2D(4, 3)(x))
    return keras.Model(lightness, layers.Dense(6)(x), name=inception.NAME)


def build_colorizer(name: str, head: str | None = None, size: tuple[int, int] = (32, 32), **options):
    """A colorizer with random weights, InceptionV3 replaced by two layers."""
    from fusioncolor.models import factory
    from fusioncolor.models.families import find_head
    from fusioncolor.models.networks import inception

    config = dict(find_head(name, head))
    if head == "classification":
        config["prior"] = tuple([1 / 313] * 313)
    with patch.object(inception, "inception_v3", stand_in_extractor):
        return factory.create(name, head=config, size=size, seed=0, **options)


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


class Recorder(Reporter):
    """Keeps everything that is reported."""

    def __init__(self) -> None:
        self.infos: list[str] = []
        self.warnings: list[str] = []
        self.errors: list[str] = []

    def info(self, message: str) -> None:
        self.infos.append(message)

    def warning(self, message: str) -> None:
        self.warnings.append(message)

    def error(self, message: str) -> None:
        self.errors.append(message)


def colorize(
    folder: Path,
    output: Path,
    weights: str,
    reporter: Reporter = SILENT,
    photographs: list[Path] | None = None,
    **options,
) -> FolderResult:
    """`colorize_folder` with few options: batches of four, saved colorizer `weights`."""
    from fusioncolor.prediction.folder import colorize_folder

    config = PredictConfig(
        photographs=photographs or [folder], output=output, weights=[str(weights)], batch_size=4, **options
    )
    return colorize_folder(config, reporter=reporter)


def content(output: Path) -> dict[str, str]:
    """Returns the contents of a folder, including hidden files."""
    files = [path for path in output.rglob("*") if path.is_file()]
    return {path.relative_to(output).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}
