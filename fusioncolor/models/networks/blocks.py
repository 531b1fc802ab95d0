"""Layers that several networks share."""

import keras
from keras import initializers, layers

MOMENTUM = 0.97


def convolution(
    x, filters: int, *, name: str, strides: int = 1, negative_slope: float = 0.0, batch_normalization: bool = True
):
    """3x3 convolution with "same" padding, batch normalization if wanted, then (leaky) ReLU.

    Args:
        x: `(B, H, W, C)`.
        filters: channels of the result.
        name: of the convolution; the other layers' names start with it.
        strides: 1, or 2 to halve H and W.
        negative_slope: 0 for ReLU, otherwise LeakyReLU's.
        batch_normalization: whether to normalize between convolution and activation.

    Returns:
        `(B, H / strides, W / strides, filters)`.
    """
    x = layers.Conv2D(filters, 3, strides, "same", use_bias=not batch_normalization, name=name)(x)
    if batch_normalization:
        x = layers.BatchNormalization(momentum=MOMENTUM, name=f"{name}_normalization")(x)
    if negative_slope:
        return layers.LeakyReLU(negative_slope, name=f"{name}_activation")(x)
    return layers.ReLU(name=f"{name}_activation")(x)


def follow_within(network: keras.Model, steps: int) -> None:
    """Lets batch normalization's averages forget their start within an epoch of so many steps, also if they are few.

    Keras's momentum of 0.99 takes 500 steps until validation means anything; 400 photographs make 40 an epoch.
    """
    for layer in network.layers:
        if isinstance(layer, layers.BatchNormalization):
            layer.momentum = min(MOMENTUM, max(1 - 4 / steps, 0.5))


def upsample(x, skip, *, name: str):
    """Nearest-neighbour 2x upsampling, then the encoder's features of that size along depth (None: no skip)."""
    x = layers.UpSampling2D(2, name=f"{name}_upsampling")(x)
    return x if skip is None else layers.Concatenate(name=f"{name}_skip")([x, skip])


def output(x, channels: int, activation: str | None, *, kernel_size: int = 3):
    """The last convolution, float32 under every precision; small weights, so that training starts near gray.

    Args:
        x: `(B, H, W, C)`.
        channels: as the head wants them.
        activation: as the head wants it.
        kernel_size: 1 or 3.

    Returns:
        `(B, H, W, channels)`.
    """
    options = {"padding": "same", "kernel_initializer": initializers.RandomNormal(stddev=0.01), "dtype": "float32"}
    return layers.Conv2D(channels, kernel_size, activation=activation, name="output", **options)(x)
