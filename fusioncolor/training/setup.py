"""What a training starts from: the colorizer, with random weights or saved ones, and its optimizer."""

import dataclasses
from pathlib import Path

from fusioncolor import bins
from fusioncolor.config import DEFAULT_WEIGHTS, TrainConfig
from fusioncolor.data import datasets
from fusioncolor.errors import InputError
from fusioncolor.models import editing, factory, families, pretrained, saving
from fusioncolor.models.colorizer import Colorizer
from fusioncolor.models.editing import has_extractor
from fusioncolor.models.heads import Head
from fusioncolor.models.networks import inception
from fusioncolor.runtime.progress import bar


def create_colorizer(config: TrainConfig) -> Colorizer:
    """The colorizer to train: new, with the wanted extractor, or a saved one, at the size of the first stage.

    Raises:
        InputError: weights cannot be loaded, or are of another system or kind than the options say.
    """
    side = config.stages()[0][0]
    size = (side, side) if side else None
    return _saved(config, size) if config.init else _new(config, size)


def _saved(config: TrainConfig, size: tuple[int, int] | None) -> Colorizer:
    colorizer = factory.load(config.init)
    if colorizer.described.model != config.model:
        kind = colorizer.described.model
        raise InputError(f"{config.init} holds model {kind!r}, not {config.model!r}: add --model {kind}")
    if config.head and colorizer.head.name != config.head:
        colorizer, begun_anew = editing.with_head(colorizer, config.head, seed=config.seed)
        print(f"{config.init}: now with a {config.head} head; from random weights: {', '.join(begun_anew)}")
    about_extractor = config.cache_embeddings or config.extractor_rate() or config.freeze == "extractor"
    if about_extractor and not has_extractor(colorizer):
        raise InputError(f"{config.init} has no InceptionV3: leave out the options about it")
    _check_rebalancing(config, colorizer.head.name)
    colorizer.size = size or colorizer.size
    return colorizer


def _new(config: TrainConfig, size: tuple[int, int] | None) -> Colorizer:
    _check_rebalancing(config, families.find_head(config.model, config.head)["name"])
    options = config.build_options()
    colorizer = factory.create(config.model, head=config.head, size=size, seed=config.seed, **options)
    if config.resnet_weights:
        pretrained.load_resnet18(colorizer.network, config.resnet_weights)
    if not options.get("inception"):
        return colorizer
    source = config.inception_weights
    if source == "auto":
        source = DEFAULT_WEIGHTS if saving.is_colorizer(DEFAULT_WEIGHTS) else "imagenet"
    if source == "none":
        print("InceptionV3 starts from random weights, as --inception-weights none says")
    else:
        pretrained.load_extractor_weights(colorizer.network.get_layer(inception.NAME), source)
    return colorizer


def _check_rebalancing(config: TrainConfig, head: str) -> None:
    if head == "regression" and config.rebalancing is False:
        raise InputError("--no-rebalancing is for a classification head: add --head classification, or leave it out")


def with_prior(config: TrainConfig, colorizer: Colorizer, paths: list[Path], workers: int) -> Head:
    """The classification head with the prior of the training photographs, counted at the size of its targets."""
    progress = bar("counting colors", len(paths))
    counts = datasets.count_bins(paths, colorizer.output_size(), workers=workers, progress=progress)
    prior = tuple(float(share) for share in bins.prior(counts))
    rebalancing = colorizer.head.rebalancing if config.rebalancing is None else config.rebalancing
    return dataclasses.replace(colorizer.head, prior=prior, rebalancing=rebalancing)
