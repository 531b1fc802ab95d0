"""Training losses by name, readable without Keras: each takes the place of a head's own loss."""

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING

from fusioncolor.errors import InputError
from fusioncolor.registries import Registry

if TYPE_CHECKING:
    import keras


@dataclass(frozen=True)
class Objective:
    """A loss that training can minimize.

    Attributes:
        build: function `(target, output)` -> the loss of each photograph or pixel, on the head's encoded targets; or a
            class of `keras.losses.Loss`; or "module:name" of one of these.
        heads: names of the heads whose targets it takes.
        summary: description in one line.
    """

    build: "Callable | type[keras.losses.Loss] | str"
    heads: tuple[str, ...]
    summary: str = ""

    def loss(self) -> "Callable | keras.losses.Loss":
        """Imports `build`; returns what Keras's `compile` takes."""
        built = self.build
        if isinstance(built, str):
            module, _, name = built.partition(":")
            built = getattr(import_module(module), name)
        return built() if isinstance(built, type) else built


LOSSES: Registry[Objective] = Registry(
    "loss",
    "fusioncolor.losses",
    {
        "mse": Objective("keras.losses:MeanSquaredError", ("regression",), "mean squared error of scaled ab"),
        "mae": Objective("keras.losses:MeanAbsoluteError", ("regression",), "mean absolute error of scaled ab"),
        "huber": Objective(
            "fusioncolor.models.losses:HuberLoss", ("regression",), "squared error below 11 Lab units, absolute above"
        ),
        "euclidean": Objective(
            "fusioncolor.models.losses:EuclideanLoss", ("regression",), "half the summed squared error (Zhang et al.)"
        ),
        "cross_entropy": Objective(
            "fusioncolor.models.losses:SoftCrossEntropy", ("classification",), "without rebalancing or error weight"
        ),
    },
)


def find_loss(name: str, head: str) -> Objective:
    """Returns a loss by name.

    Raises:
        InputError: there is no such loss, or it does not take the head's targets.
    """
    objective = LOSSES.find(name)
    if head not in objective.heads:
        fitting = [one for one, entry in LOSSES.items() if head in entry.heads]
        known = f"; for head {head}: {', '.join(fitting)}" if fitting else ""
        raise InputError(f"`loss` {name} is for head {' or '.join(objective.heads)}, not for {head}{known}")
    return objective
