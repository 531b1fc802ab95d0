"""The colorizer that a training starts from, and the part of its network to fit."""

import dataclasses
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import NamedTuple

import keras
import numpy as np

from fusioncolor import bins
from fusioncolor.config import DEFAULT_WEIGHTS, TrainConfig
from fusioncolor.data import datasets
from fusioncolor.data.embeddings import embed
from fusioncolor.data.splits import Split
from fusioncolor.errors import InputError
from fusioncolor.models import editing, factory, pretrained, saving
from fusioncolor.models.colorizer import Colorizer
from fusioncolor.models.heads import Head
from fusioncolor.models.networks import inception
from fusioncolor.models.objectives import find_loss
from fusioncolor.run_folder import RunFolder
from fusioncolor.runtime.reporting import SILENT, Reporter
from fusioncolor.runtime.workers import default_workers
from fusioncolor.training.feeding import Embeddings, Features, cached_features
from fusioncolor.training.model_options import builder_options, check_loss_options, extractor_rate


def create_colorizer(config: TrainConfig, *, reporter: Reporter = SILENT) -> Colorizer:
    """Builds or loads the colorizer to train, at the size of the first stage.

    Raises:
        InputError: weights cannot be loaded, or do not match the options.
    """
    side = config.stages()[0].side
    size = (side, side) if side else None
    colorizer = _saved(config, size, reporter) if config.init else _new(config, size, reporter)
    if config.error_weight is not None:
        colorizer.head = dataclasses.replace(colorizer.head, error_weight=config.error_weight)
    if config.cache_embeddings and inception.fused_maps(colorizer.network):
        raise InputError(
            "`cache_embeddings` keeps no feature maps, which this model fuses: use `cache_features` instead"
        )
    return colorizer


def _saved(config: TrainConfig, size: tuple[int, int] | None, reporter: Reporter) -> Colorizer:
    colorizer = factory.load(config.init)
    kind = colorizer.origin.model
    if kind != config.model:
        raise InputError(f"{config.init} holds model {kind!r}, not {config.model!r}: set `model` {kind}")
    if config.head and colorizer.head.name != config.head:
        colorizer, new_layers = editing.with_head(colorizer, config.head, seed=config.seed)
        reporter.info(f"{config.init}: changed to a {config.head} head; from random weights: {', '.join(new_layers)}")
    caches = config.cache_embeddings or config.cache_features
    about_extractor = caches or extractor_rate(config) or config.freeze == "extractor"
    if about_extractor and not editing.has_extractor(colorizer):
        raise InputError(f"{config.init} has no InceptionV3: leave out the options about it")
    check_loss_options(config, colorizer.head.name)
    colorizer.size = size or colorizer.size
    return colorizer


def _new(config: TrainConfig, size: tuple[int, int] | None, reporter: Reporter) -> Colorizer:
    options = builder_options(config)
    colorizer = factory.create(config.model, head=config.head, size=size, seed=config.seed, **options)
    if config.resnet_weights:
        pretrained.load_resnet18(colorizer.network, config.resnet_weights)
    if editing.has_extractor(colorizer):
        _initialize_extractor(config, colorizer, reporter)
    return colorizer


def _initialize_extractor(config: TrainConfig, colorizer: Colorizer, reporter: Reporter) -> None:
    source = config.inception_weights
    if source == "auto":
        source = DEFAULT_WEIGHTS if saving.is_colorizer(DEFAULT_WEIGHTS) else "imagenet"
    if source == "none":
        reporter.info("InceptionV3 starts from random weights (`inception_weights` none)")
    else:
        pretrained.load_extractor_weights(colorizer.network.get_layer(inception.NAME), source)


def with_prior(
    config: TrainConfig,
    colorizer: Colorizer,
    paths: Sequence[Path],
    *,
    workers: int,
    reporter: Reporter = SILENT,
) -> Head:
    """Returns the head with the prior of the photographs, counted at the size of its targets."""
    progress = partial(reporter.track, label="counting colors", total=len(paths))
    counts = datasets.count_bins(paths, colorizer.output_size(), workers=workers, progress=progress)
    prior = tuple(float(share) for share in bins.prior(counts))
    return colorizer.head.with_prior(prior, config.rebalancing)


def loss_of(config: TrainConfig, colorizer: Colorizer) -> Callable | keras.losses.Loss:
    """Returns the loss to compile with: the chosen one, or the head's own.

    Raises:
        InputError: the chosen loss is unknown, or for other heads.
    """
    return find_loss(config.loss, colorizer.head.name).loss() if config.loss else colorizer.head.loss()


class FittedPart(NamedTuple):
    """The model that `fit` gets.

    Attributes:
        network: the whole network, or without its extractor where features are cached.
        embeddings: cached embeddings, its second input; None where they are not cached.
        features: cached views of the photographs, all its inputs; None where they are not cached.
    """

    network: keras.Model
    embeddings: Embeddings | None = None
    features: Features | None = None


def create_fitted_part(
    config: TrainConfig, colorizer: Colorizer, split: Split, folder: RunFolder, *, reporter: Reporter = SILENT
) -> FittedPart:
    """Freezes layers as the options say, and computes or reads embeddings if they are to be cached.

    Raises:
        InputError: a photograph cannot be read, or embeddings cannot be written.
    """
    network = colorizer.network
    if config.freeze == "encoder":
        editing.freeze_encoder(network)
    if not editing.has_extractor(colorizer):
        return FittedPart(network)
    extractor = network.get_layer(inception.NAME)
    inception.set_trainable(extractor, extractor_rate(config) > 0)
    if config.cache_features:
        features = cached_features(config, split, colorizer, folder, reporter=reporter)
        return FittedPart(_decompressing(inception.without_extractor(network), features), features=features)
    if not config.cache_embeddings:
        return FittedPart(network)
    side = config.embedding_size or config.stages()[-1].side

    def embedded(paths: Sequence[Path]) -> np.ndarray:
        return embed(
            extractor,
            paths,
            (side, side) if side else colorizer.size,
            folder.shared,
            workers=config.workers or default_workers(),
            reporter=reporter,
        )

    embeddings = Embeddings(embedded(split.train), embedded(split.validation))
    return FittedPart(inception.without_extractor(network), embeddings)


def _decompressing(network: keras.Model, features: Features) -> keras.Model:
    """Returns a model that takes compressed feature maps and restores them first."""
    lightness, embedding, *maps = network.inputs
    inputs = [keras.Input(one.shape[1:]) for one in (lightness, embedding)]
    restored = list(inputs)
    for symbol, (name, compression) in zip(maps, features.train.compressions.items(), strict=True):
        compressed = keras.Input((*symbol.shape[1:-1], len(compression.deviations)), dtype="int8", name=name)
        inputs.append(compressed)
        values = keras.layers.Rescaling(1.0, name=f"{name}_values")(compressed)
        restored.append(compression.layer(f"{name}_restored")(values))
    return keras.Model(inputs, network(restored))
