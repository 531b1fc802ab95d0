"""Feature extractor: lightness in, one embedding per photograph out."""

import keras
from keras import layers

NAME = "extractor"
EMBEDDING = "embedding"


def inception_v3() -> keras.Model:
    """Builds InceptionV3 with its 1000-class top, without the softmax, for lightness of any size; random weights.

    Lightness `(B, H, W, 1)` in 0..100 is scaled to [-1, 1], resized bilinearly to 299x299 and repeated in three
    channels. The output is logits `(B, 1000)`, one per ImageNet class.

    Reference: Szegedy et al., "Rethinking the Inception Architecture for Computer Vision", 2016.
    """
    lightness = keras.Input((None, None, 1), name="lightness")
    x = layers.Rescaling(1 / 50, -1, name="to_unit_range")(lightness)
    x = layers.Resizing(299, 299, interpolation="bilinear", name="to_299")(x)
    x = layers.Concatenate(name="to_three_channels")([x, x, x])
    classifier = keras.applications.InceptionV3(weights=None, classifier_activation=None, name="inception_v3")
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
