"""The pixel MLP: two perceptrons per pixel, one for a and one for b, fed with a SIFT descriptor and the lightness."""

import keras
from keras import layers

_LAYERS, _UNITS = 10, 128


def pixel_mlp(channels: int = 2, activation: str | None = "sigmoid", *, descriptor: int = 128) -> keras.Model:
    """Builds the perceptrons; a dense layer on `(B, H, W, D)` is a perceptron on every pixel.

    Gradients nearly vanish in ten sigmoid layers: expect a result near the mean color.

    Args:
        channels: number of output channels, one perceptron each.
        activation: output activation the head expects.
        descriptor: length of the descriptor.

    Returns:
        A model from `(B, H, W, descriptor + 1)`, with lightness in 0..100 last, to `(B, H, W, channels)`.
    """
    features = keras.Input((None, None, descriptor + 1), name="features")
    scale = [1.0] * descriptor + [1 / 100]
    scaled = layers.Rescaling(scale, name="scaling")(features)
    outputs = []
    for channel in range(channels):
        x = scaled
        for layer in range(_LAYERS):
            x = layers.Dense(_UNITS, activation="sigmoid", name=f"mlp{channel}_dense{layer + 1}")(x)
        outputs.append(layers.Dense(1, activation=activation, dtype="float32", name=f"mlp{channel}_output")(x))
    return keras.Model(features, layers.Concatenate(dtype="float32", name="output")(outputs), name="pixel_mlp")
