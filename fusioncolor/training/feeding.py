"""Datasets of a training."""

from fnmatch import fnmatch
from functools import partial
from pathlib import Path
from typing import NamedTuple

import numpy as np

from fusioncolor.config import TrainConfig
from fusioncolor.data import datasets
from fusioncolor.data.augmentation import Augmentation
from fusioncolor.data.datasets import PhotographDataset, PixelDataset
from fusioncolor.data.features import FeatureDataset, FeatureStore, Views
from fusioncolor.data.sharing import Share
from fusioncolor.data.splits import Split
from fusioncolor.models.colorizer import Colorizer
from fusioncolor.models.families import same
from fusioncolor.models.networks import inception
from fusioncolor.run_folder import RunFolder
from fusioncolor.runtime.reporting import SILENT, Reporter
from fusioncolor.runtime.workers import default_workers

_STORED = ("train", "validation")

Batches = PhotographDataset | FeatureDataset | PixelDataset


class Datasets(NamedTuple):
    """Datasets at one size.

    Attributes:
        train: batches to train on, of all epochs.
        validation: batches to validate on; they end with the true colors.
    """

    train: Batches
    validation: Batches


class Embeddings(NamedTuple):
    """Cached embeddings of photographs and their mirror images.

    Attributes:
        train: `(N, 2, E)` float16 for the photographs to train on.
        validation: the same for those to validate on.
    """

    train: np.ndarray
    validation: np.ndarray


class Features(NamedTuple):
    """Cached views of the photographs.

    Attributes:
        train: augmented views of the photographs to train on.
        validation: the photographs to validate on, as they are.
    """

    train: Views
    validation: Views


def cached_features(
    config: TrainConfig, split: Split, colorizer: Colorizer, folder: RunFolder, *, reporter: Reporter = SILENT
) -> Features:
    """Computes the views of all photographs, or finds those of an earlier run.

    Raises:
        InputError: a photograph cannot be read, or the views cannot be written.
    """
    workers = config.workers or default_workers()
    extractor = colorizer.network.get_layer(inception.NAME)
    store = FeatureStore(
        extractor, inception.fused_maps(colorizer.network), folder.shared, workers=workers, reporter=reporter
    )
    dataset = partial(PhotographDataset, colorizer=colorizer, batch_size=1, encode=same, workers=1)
    train = store.views(
        dataset(split.train, seed=config.seed, augmentation=_augmentation(config)), config.cache_features
    )
    return Features(train, store.views(dataset(split.validation), 1, train.compressions))


def feature_datasets(config: TrainConfig, split: Split, colorizer: Colorizer, features: Features) -> Datasets:
    """Creates datasets of cached views."""
    dataset = partial(FeatureDataset, batch_size=config.batch_size, workers=config.workers or default_workers())
    encode = colorizer.head.encode
    listed = [index for index, path in enumerate(split.train) for _ in range(1 + _is_twice(config, path))]
    train = dataset(features.train, listed, encode=encode, training=True, epochs=config.total_epochs, seed=config.seed)
    return Datasets(train, dataset(features.validation, range(len(split.validation)), encode=encode, judged=True))


def _augmentation(config: TrainConfig) -> Augmentation:
    return Augmentation(config.rotation, config.shear, config.flip, config.crop, config.exposure, config.emulsion)


def _is_twice(config: TrainConfig, path: Path) -> bool:
    return any(fnmatch(path.name, pattern) for pattern in config.twice)


def photograph_datasets(
    config: TrainConfig,
    split: Split,
    colorizer: Colorizer,
    embeddings: Embeddings | None,
    share: Share = Share(),  # noqa: B008 - frozen
) -> Datasets:
    """Creates datasets of whole photographs, at the colorizer's present size.

    Args:
        config: options of the training.
        split: photographs.
        colorizer: colorizer to train.
        embeddings: cached embeddings, which then are a second input; None where there are none.
        share: part of each training batch to read, where several processes train together.
    """
    workers = config.workers or default_workers()
    again = [index for index, path in enumerate(split.train) if _is_twice(config, path)]
    train = PhotographDataset(
        [*split.train, *(split.train[index] for index in again)],
        colorizer,
        batch_size=config.batch_size,
        epochs=config.total_epochs,
        seed=config.seed,
        augmentation=_augmentation(config),
        embeddings=embeddings and np.concatenate([embeddings.train, embeddings.train[again]]),
        workers=workers,
        share=share,
    )
    validation = PhotographDataset(
        split.validation,
        colorizer,
        batch_size=config.batch_size,
        embeddings=embeddings and embeddings.validation,
        workers=workers,
        judged=True,
    )
    return Datasets(train, validation)


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
    return Datasets(train, dataset(folder.pixels("validation"), judged=True))
