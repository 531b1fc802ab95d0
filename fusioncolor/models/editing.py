"""Changes to networks after they are built: another head, no extractor, frozen parts."""

from typing import NamedTuple

import keras

from fusioncolor.models.colorizer import Colorizer
from fusioncolor.models.factory import create
from fusioncolor.models.networks import inception


class Reheaded(NamedTuple):
    """A colorizer with another head.

    Attributes:
        colorizer: keeps the weights of every layer whose shapes have not changed.
        random_layers: names of the other layers, whose weights are random.
    """

    colorizer: Colorizer
    random_layers: list[str]


def with_head(source: Colorizer, head: str, *, seed: int | None = None) -> Reheaded:
    """Builds a colorizer with another head, and with the layers that depend on the head.

    Args:
        source: colorizer to copy the weights from; not changed.
        head: name of the head, such as "classification".
        seed: seed of the random weights.

    Raises:
        InputError: the model cannot have that head.
    """
    origin = source.origin
    colorizer = create(origin.model, head=head, size=source.size, seed=seed, **origin.options)
    saved = {layer.name: layer.get_weights() for layer in source.network.layers}
    random_layers = []
    for layer in colorizer.network.layers:
        weights = saved.get(layer.name, [])
        if [values.shape for values in weights] == [values.shape for values in layer.get_weights()]:
            layer.set_weights(weights)
        else:
            random_layers.append(layer.name)
    return Reheaded(colorizer, random_layers)


def freeze_encoder(network: keras.Model) -> None:
    """Freezes every layer before fusion and decoder, including the averages of batch normalization."""
    for layer in network.layers:
        if not layer.name.startswith(("fusion", "decoder", "output")):
            layer.trainable = False


def has_extractor(colorizer: Colorizer) -> bool:
    """Returns whether the network contains the InceptionV3 extractor."""
    return inception.NAME in [layer.name for layer in colorizer.network.layers]
