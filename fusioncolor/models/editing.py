"""Networks changed after they were built: another head, no extractor, frozen parts."""

import keras

from fusioncolor.models.colorizer import Colorizer
from fusioncolor.models.networks import inception
from fusioncolor.models.registry import create


def with_head(source: Colorizer, head: str, *, seed: int | None = None) -> tuple[Colorizer, list[str]]:
    """Gives a colorizer another head, and with it whatever else of the network depends on the head.

    Args:
        source: is left as it is.
        head: "regression" or "classification".
        seed: of the random weights.

    Returns:
        The new colorizer, with the weights of every layer that both have in the same shape, and the names of its other
        layers, whose weights are random.

    Raises:
        InputError: the model cannot have that head.
    """
    config = source.config
    colorizer = create(config["model"], head=head, size=source.size, seed=seed, **config["options"])
    saved = {layer.name: layer.get_weights() for layer in source.network.layers}
    begun_anew = []
    for layer in colorizer.network.layers:
        weights = saved.get(layer.name, [])
        if [values.shape for values in weights] == [values.shape for values in layer.get_weights()]:
            layer.set_weights(weights)
        else:
            begun_anew.append(layer.name)
    return colorizer, begun_anew


def without_extractor(network: keras.Model) -> keras.Model:
    """The same layers, weights shared, as a model from (lightness, embedding) instead of lightness alone."""
    return keras.Model([network.input, network.get_layer(inception.EMBEDDING).output], network.output)


def freeze_encoder(network: keras.Model) -> None:
    """Freezes every layer before fusion and decoder; batch normalization then keeps its averages too."""
    for layer in network.layers:
        if not layer.name.startswith(("fusion", "decoder", "output")):
            layer.trainable = False


def has_extractor(colorizer: Colorizer) -> bool:
    """Whether the network has InceptionV3 in it."""
    return inception.NAME in [layer.name for layer in colorizer.network.layers]
