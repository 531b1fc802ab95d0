"""Networks changed after they were built: another head, no extractor, frozen parts."""

from typing import NamedTuple

import keras

from fusioncolor.models.colorizer import Colorizer
from fusioncolor.models.factory import create
from fusioncolor.models.networks import inception


class Reheaded(NamedTuple):
    """A colorizer with another head.

    Attributes:
        colorizer: has the weights of every layer that both have in the same shape.
        random_layers: names of its other layers, whose weights are random.
    """

    colorizer: Colorizer
    random_layers: list[str]


def with_head(source: Colorizer, head: str, *, seed: int | None = None) -> Reheaded:
    """Gives a colorizer another head, and with it whatever else of the network depends on the head.

    Args:
        source: stays as it is.
        head: name of the head, such as "classification".
        seed: for the random weights.

    Raises:
        InputError: the model cannot have that head.
    """
    described = source.described
    colorizer = create(described.model, head=head, size=source.size, seed=seed, **described.options)
    saved = {layer.name: layer.get_weights() for layer in source.network.layers}
    random_layers = []
    for layer in colorizer.network.layers:
        weights = saved.get(layer.name, [])
        if [values.shape for values in weights] == [values.shape for values in layer.get_weights()]:
            layer.set_weights(weights)
        else:
            random_layers.append(layer.name)
    return Reheaded(colorizer, random_layers)


def without_extractor(network: keras.Model) -> keras.Model:
    """Returns the same layers, weights shared, as a model from (lightness, embedding) instead of lightness alone."""
    return keras.Model([network.input, network.get_layer(inception.EMBEDDING).output], network.output)


def freeze_encoder(network: keras.Model) -> None:
    """Freezes every layer before fusion and decoder; batch normalization then keeps its averages too."""
    for layer in network.layers:
        if not layer.name.startswith(("fusion", "decoder", "output")):
            layer.trainable = False


def has_extractor(colorizer: Colorizer) -> bool:
    """Returns whether the network has InceptionV3 in it."""
    return inception.NAME in [layer.name for layer in colorizer.network.layers]
