"""Small parts in place of large ones."""

import keras
from keras import layers

from fusioncolor.models.networks import inception


def stand_in_extractor() -> keras.Model:
    """Two layers in place of InceptionV3: lightness of any size -> 6 numbers."""
    lightness = keras.Input((None, None, 1))
    x = layers.Rescaling(1 / 100)(lightness)
    x = layers.GlobalAveragePooling2D()(layers.Conv2D(4, 3)(x))
    return keras.Model(lightness, layers.Dense(6)(x), name=inception.NAME)
