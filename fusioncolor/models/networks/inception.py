"""Feature extractor: lightness in, one embedding per photograph and feature maps out."""

from collections.abc import Sequence

import keras
from keras import layers, ops

from fusioncolor.models.networks.blocks import interpolate, middles

NAME = "extractor"
EMBEDDING = "embedding"
MAPS = ("mixed2", "mixed7", "mixed10")  # feature maps of 35x35x288, 17x17x768 and 8x8x2048
_SEEN = 299  # pixels, the side of the square that InceptionV3 sees
# pixel of a map's first cell, and pixels from one cell to the next
_CENTERS = {"mixed2": (13, 8), "mixed7": (21, 16), "mixed10": (37, 32)}


def inception_v3(maps: Sequence[str] = ()) -> keras.Model:
    """Builds InceptionV3 with its 1000-class top, without the softmax, for lightness of any size; random weights.

    Lightness `(B, H, W, 1)` in 0..100 is scaled to [-1, 1], resized bilinearly to 299x299 and repeated in three
    channels.

    Args:
        maps: names of feature maps to return too, among `MAPS`.

    Returns:
        A model whose output is logits `(B, 1000)`, one per ImageNet class; with maps, a list of those and the maps
        `(B, g, g, C)`.

    Reference: Szegedy et al., "Rethinking the Inception Architecture for Computer Vision", 2016.
    """
    lightness = keras.Input((None, None, 1), name="lightness")
    x = layers.Rescaling(1 / 50, -1, name="to_unit_range")(lightness)
    x = layers.Resizing(_SEEN, _SEEN, interpolation="bilinear", name="to_299")(x)
    x = layers.Concatenate(name="to_three_channels")([x, x, x])
    classifier = keras.applications.InceptionV3(weights=None, classifier_activation=None, name="inception_v3")
    if maps:
        outputs = [classifier.output, *(classifier.get_layer(name).output for name in maps)]
        classifier = keras.Model(classifier.input, outputs, name="inception_v3")
    extractor = keras.Model(lightness, classifier(x), name=NAME)
    set_trainable(extractor, False)
    return extractor


def set_trainable(extractor: keras.Model, trainable: bool) -> None:
    """Freezes or unfreezes an extractor; its batch normalization stays in inference mode either way.

    Its statistics come from ImageNet's millions of photographs; a few batches of another set would only spoil them.
    Calling the layers with `training=False` would not help: a functional model passes its own `training` to them.
    """
    extractor.trainable = trainable
    for layer in extractor.get_layer("inception_v3").layers:
        if isinstance(layer, layers.BatchNormalization):
            layer.trainable = False


def named(features: Sequence, maps: Sequence[str]) -> tuple:
    """Names what an extractor returns, so that a network can be cut there.

    Args:
        features: an embedding and feature maps.
        maps: names of the maps.

    Returns:
        The embedding, and the maps by name.
    """
    embedding, *dense = features
    named_maps = {name: layers.Identity(name=name)(one) for name, one in zip(maps, dense, strict=True)}
    return layers.Identity(name=EMBEDDING)(embedding), named_maps


def without_extractor(network: keras.Model) -> keras.Model:
    """Returns a model that shares the network's layers but takes (lightness, embedding, *maps) instead of lightness."""
    names = (EMBEDDING, *fused_maps(network))
    return keras.Model([network.input, *(network.get_layer(name).output for name in names)], network.output)


def fused_maps(network: keras.Model) -> tuple[str, ...]:
    """Returns the names of the extractor's feature maps that a network fuses, in the extractor's order."""
    names = {layer.name for layer in network.layers}
    return tuple(name for name in MAPS if name in names)


class Alignment(layers.Layer):
    """Resamples one of InceptionV3's maps to a grid of cells that covers the photograph evenly.

    InceptionV3's unpadded convolutions leave out the borders: cell `i` of `mixed7` lies at pixel 21 + 16 i of 299, not
    at 17.6 (i + 1/2). Interpolates linearly between cells, and repeats the outermost ones.

    Call: a map `(B, g, g, C)` and any tensor `(B, h, w, D)` on the wanted grid -> `(B, h, w, C)`.
    """

    def __init__(self, tap: str, **options) -> None:
        """Takes the name of the map, one of `MAPS`."""
        super().__init__(**options)
        self.tap = tap

    def call(self, x, like):
        """Interpolates along both axes; see the class."""
        return interpolate(x, *(self._places(cells) for cells in ops.shape(like)[1:3]))

    def compute_output_shape(self, x_shape, like_shape):
        """Returns `(B, h, w, C)`."""
        return (x_shape[0], like_shape[1], like_shape[2], x_shape[3])

    def get_config(self) -> dict:
        """Returns the arguments."""
        return {**super().get_config(), "tap": self.tap}

    def _places(self, cells):
        """Returns `(cells,)`: where the map has what is in the middle of each cell of the result."""
        first, stride = _CENTERS[self.tap]
        return (middles(cells, _SEEN) - first) / stride
