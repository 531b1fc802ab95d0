"""Options of training that only some models have."""

from fusioncolor.config import TrainConfig
from fusioncolor.config.fields import is_default
from fusioncolor.errors import InputError
from fusioncolor.models.families import MODELS, find_head
from fusioncolor.models.objectives import find_loss

_AUGMENTATION = ("rotation", "shear", "flip", "crop", "exposure", "emulsion", "twice")
_EXTRACTOR = ("extractor_learning_rate", "cache_embeddings", "cache_features", "embedding_size")
_WEIGHTS = ("inception_weights", "resnet_weights")


def check_model_options(config: TrainConfig) -> None:
    """Refuses options that the model to train has no use for.

    Raises:
        InputError: the model is unknown, cannot have the head, or does not take an option or its value.
    """
    head = find_head(config.model, config.head)["name"]
    if not config.init:
        check_loss_options(config, head)
    for name in (*_AUGMENTATION, *_EXTRACTOR, *_WEIGHTS, "pixels", "freeze", *_of_builders()):
        if not is_default(config, name) and not _takes(config.model, name):
            takers = [model for model in MODELS if _takes(model, name)]
            raise InputError(f"`{name}` is for model {' or '.join(takers)}, not for {config.model}")
    if config.freeze == "extractor" and not _has_extractor(config.model):
        raise InputError(f"`freeze` extractor is for models with InceptionV3; {config.model} has an encoder only")
    if config.freeze == "encoder" and not (config.init or config.resnet_weights):
        raise InputError("`freeze` encoder would keep random weights: add `init`, or `resnet_weights` for resnet")
    if len(config.stages()) > 1 and not MODELS.find(config.model).sees_photographs:
        raise InputError(f"model {config.model} trains on stored pixels, which have one `image_size` only")
    for name in (*_WEIGHTS, *_of_builders()):
        if config.init and not is_default(config, name):
            raise InputError(f"`{name}` cannot change the network that `init` loads: leave one of them out")


def check_loss_options(config: TrainConfig, head: str) -> None:
    """Refuses a loss that does not take the head's targets, and options of the classification loss for another one.

    Raises:
        InputError: the loss is unknown or for other heads, or the head is no classification.
    """
    if config.loss:
        find_loss(config.loss, head)
    for name in ("rebalancing", "error_weight"):
        if config.loss and getattr(config, name) is not None:
            raise InputError(f"`{name}` is part of the head's own loss, which `loss` replaces: leave one of them out")
        if head != "classification" and getattr(config, name) is not None:
            raise InputError(f"`{name}` is for a classification head: set `head` classification, or leave it out")


def builder_options(config: TrainConfig) -> dict[str, bool | int | float]:
    """Returns the options of the model's builder, by name."""
    return {name: getattr(config, name) for name in MODELS.find(config.model).options if hasattr(config, name)}


def extractor_rate(config: TrainConfig) -> float:
    """Returns the learning rate of the extractor; 0 if it is frozen, or the model has none."""
    if not _has_extractor(config.model) or not config.inception or config.freeze in ("extractor", "encoder"):
        return 0.0
    if config.freeze is None and not config.extractor_learning_rate:
        return 0.0
    return config.learning_rate / 10 if config.extractor_learning_rate is None else config.extractor_learning_rate


def _takes(model: str, name: str) -> bool:
    family = MODELS.find(model)
    if name in _AUGMENTATION:
        return family.sees_photographs
    if name in _EXTRACTOR:
        return _has_extractor(model)
    if name == "pixels":
        return not family.sees_photographs
    if name in _WEIGHTS:
        return name in family.initial_weights
    if name == "freeze":
        return family.encoder
    return name in family.options


def _has_extractor(model: str) -> bool:
    return MODELS.find(model).extractor


def _of_builders() -> list[str]:
    """Names of the options that any builder takes, if training has them."""
    names = dict.fromkeys(name for family in MODELS.values() for name in family.options)
    return [name for name in names if name in TrainConfig.__dataclass_fields__]
