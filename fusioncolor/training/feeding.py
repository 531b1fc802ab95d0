"""Datasets of a training."""

from functools import partial
from typing import NamedTuple

import numpy as np

from fusioncolor.config import TrainConfig
from fusioncolor.data import datasets
from fusioncolor.data.augmentation import Augmentation
from fusioncolor.data.datasets import PhotographDataset, PixelDataset
from fusioncolor.data.splits import Split
from fusioncolor.models.colorizer import Colorizer
from fusioncolor.models.families import same
from fusioncolor.run_folder import RunFolder
from fusioncolor.runtime.reporting import SILENT, Reporter
from fusioncolor.runtime.workers import default_workers

_STORED = ("train", "validation")


class Datasets(NamedTuple):
    """Datasets at one size.

    Attributes:
        train: batches to train on, of all epochs.
        validation: batches to validate on.
        judged: as `validation`, with ab in Lab units as target; None unless decoded colors are monitored.
    """

    train: PhotographDataset | PixelDataset
    validation: PhotographDataset | PixelDataset
    judged: PhotographDataset | PixelDataset | None


class Embeddings(NamedTuple):
    """Cached embeddings of photographs and their mirror images.

    Attributes:
        train: `(N, 2, E)` float16 for the photographs to train on.
        validation: the same for those to validate on.
    """

    train: np.ndarray
    validation: np.ndarray


def photograph_datasets(
    config: TrainConfig, split: Split, colorizer: Colorizer, embeddings: Embeddings | None
) -> Datasets:
    """Creates datasets of whole photographs, at the colorizer's present size.

    Args:
        config: options of the training.
        split: photographs.
        colorizer: colorizer to train.
        embeddings: cached embeddings, which then are a second input; None where there are none.
    """
    workers = config.workers or default_workers()
    train = PhotographDataset(
        split.train,
        colorizer,
        batch_size=config.batch_size,
        epochs=config.total_epochs,
        seed=config.seed,
        augmentation=Augmentation(config.rotation, config.shear, config.flip, config.crop),
        embeddings=embeddings and embeddings.train,
        workers=workers,
    )
    held_out = partial(
        PhotographDataset,
        split.validation,
        colorizer,
        batch_size=config.batch_size,
        embeddings=embeddings and embeddings.validation,
        workers=workers,
    )
    return Datasets(train, held_out(), None if config.monitor == "val_loss" else held_out(encode=same))


def pixel_datasets(
    config: TrainConfig, split: Split, colorizer: Colorizer, folder: RunFolder, *, reporter: Reporter = SILENT
) -> Datasets:
    """Creates datasets of single pixels, which are described once and stored in the run folder.

    Raises:
        InputError: a photograph cannot be read, or the folder cannot be written to.
    """
    for part in _STORED:
        if not folder.pixels(part).exists():
            paths = split.part(part)
            datasets.store_pixels(
                paths,
                colorizer,
                folder.pixels(part),
                pixels=config.pixels,
                seed=config.seed,
                workers=config.workers or default_workers(),
                progress=partial(reporter.track, label="describing pixels", total=len(paths)),
            )
    dataset = partial(PixelDataset, colorizer=colorizer, batch_size=config.batch_size, seed=config.seed)
    train = dataset(folder.pixels("train"), training=True, epochs=config.total_epochs)
    held_out = partial(dataset, folder.pixels("validation"))
    return Datasets(train, held_out(), None if config.monitor == "val_loss" else held_out(encode=same))
