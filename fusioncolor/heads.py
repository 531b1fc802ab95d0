"""What a network's output means: its channels, training target, loss, and the way back to ab."""

import numpy as np

from fusioncolor.color import AB_SCALE
from fusioncolor.errors import InputError


class RegressionHead:
    """Two tanh channels: ab divided by `AB_SCALE`. Loss: mean squared error of the scaled ab.

    C = 1 / (2HW) * sum over a, b and pixels of (predicted - true)^2.

    Reference: Baldassarre, Moron, Rodes-Guirao, "Deep Koalarization", 2017.
    """

    name = "regression"
    channels = 2
    activation = "tanh"
    loss = "mse"

    def encode(self, ab: np.ndarray) -> np.ndarray:
        """Lab ab `(..., 2)` -> training target `(..., 2)` in [-1, 1]."""
        return ab / np.float32(AB_SCALE)

    def decode(self, output: np.ndarray) -> np.ndarray:
        """Network output `(..., 2)` in [-1, 1] -> ab in Lab units."""
        return output * np.float32(AB_SCALE)

    def config(self) -> dict:
        """What `make_head` needs to build this head again."""
        return {"name": self.name}


HEADS = {head.name: head for head in (RegressionHead,)}


def make_head(config: dict) -> RegressionHead:
    """Builds a head from its `config()`.

    Raises:
        InputError: no head of that name.
    """
    if config.get("name") not in HEADS:
        raise InputError(f"no head of that name; there are: {', '.join(HEADS)}. Received: {config.get('name')!r}")
    return HEADS[config["name"]]()
