"""What a training starts from: the colorizer, with random weights or saved ones, and its optimizer."""

import dataclasses
from pathlib import Path

import keras

from fusioncolor import data, gamut, importers, models, storage
from fusioncolor.colorizer import Colorizer
from fusioncolor.config import DEFAULT_WEIGHTS, TrainConfig
from fusioncolor.errors import InputError
from fusioncolor.heads import Head
from fusioncolor.models import extractors
from fusioncolor.optimizers import Adam
from fusioncolor.progress import bar


def create_colorizer(config: TrainConfig) -> Colorizer:
    """The colorizer to train: new, with the wanted extractor, or a saved one, at the size of the first stage.

    Raises:
        InputError: weights cannot be loaded, or are of another system or kind than the options say.
    """
    side = config.stages()[0][0]
    size = (side, side) if side else None
    return _saved(config, size) if config.init else _new(config, size)


def _saved(config: TrainConfig, size: tuple[int, int] | None) -> Colorizer:
    colorizer = models.load(config.init)
    if colorizer.config["model"] != config.model:
        kind = colorizer.config["model"]
        raise InputError(f"{config.init} holds model {kind!r}, not {config.model!r}: add --model {kind}")
    if config.head and colorizer.head.name != config.head:
        colorizer, begun_anew = models.with_head(colorizer, config.head, seed=config.seed)
        print(f"{config.init}: now with a {config.head} head; from random weights: {', '.join(begun_anew)}")
    about_extractor = config.cache_embeddings or config.extractor_rate() or config.freeze == "extractor"
    if about_extractor and not has_extractor(colorizer):
        raise InputError(f"{config.init} has no InceptionV3: leave out the options about it")
    _check_rebalancing(config, colorizer.head)
    colorizer.size = size or colorizer.size
    return colorizer


def _new(config: TrainConfig, size: tuple[int, int] | None) -> Colorizer:
    _check_rebalancing(config, models.find_head(config.model, config.head))
    options = config.build_options()
    colorizer = models.create(config.model, head=config.head, size=size, seed=config.seed, **options)
    if config.resnet_weights:
        importers.load_resnet18(colorizer.network, config.resnet_weights)
    if not options.get("inception"):
        return colorizer
    source = config.inception_weights
    if source == "auto":
        source = DEFAULT_WEIGHTS if storage.is_colorizer(DEFAULT_WEIGHTS) else "imagenet"
    if source == "none":
        print("InceptionV3 starts from random weights, as --inception-weights none says")
    else:
        models.load_extractor_weights(colorizer.network.get_layer(extractors.NAME), source)
    return colorizer


def _check_rebalancing(config: TrainConfig, head: Head) -> None:
    if head.name == "regression" and config.rebalancing is False:
        raise InputError("--no-rebalancing is for a classification head: add --head classification, or leave it out")


def has_extractor(colorizer: Colorizer) -> bool:
    """Whether the network has InceptionV3 in it."""
    return extractors.NAME in [layer.name for layer in colorizer.network.layers]


def with_prior(config: TrainConfig, colorizer: Colorizer, paths: list[Path], workers: int) -> Head:
    """The classification head with the prior of the training photographs, counted at the size of its targets."""
    progress = bar("counting colors", len(paths))
    counts = data.count_bins(paths, colorizer.output_size(), workers=workers, progress=progress)
    prior = tuple(float(share) for share in gamut.prior(counts))
    rebalancing = colorizer.head.rebalancing if config.rebalancing is None else config.rebalancing
    return dataclasses.replace(colorizer.head, prior=prior, rebalancing=rebalancing)


def create_optimizer(config: TrainConfig, colorizer: Colorizer, steps_per_epoch: int) -> keras.optimizers.Optimizer:
    """Adam or AdamW with the options' learning rate over all epochs, slower on the extractor, averaging if wanted."""
    rate = config.learning_rate
    if config.schedule == "cosine":
        steps = config.epochs * steps_per_epoch
        warmup = min(round(config.warmup_epochs * steps_per_epoch), steps - 1)
        rate = keras.optimizers.schedules.CosineDecay(
            0.0 if warmup else config.learning_rate,
            steps - warmup,
            warmup_target=config.learning_rate if warmup else None,
            warmup_steps=warmup,
        )
    options = {"weight_decay": config.weight_decay or None, "global_clipnorm": config.clip_norm}
    if config.ema:
        options |= {"use_ema": True, "ema_momentum": config.ema}
    if config.extractor_rate() and has_extractor(colorizer):
        options["slow"] = colorizer.network.get_layer(extractors.NAME).trainable_variables
        options["factor"] = config.extractor_rate() / config.learning_rate
    optimizer = Adam(rate, **options)
    if config.weight_decay:
        optimizer.exclude_from_weight_decay(list(options.get("slow", [])), ["bias", "gamma", "beta"])
    return optimizer
