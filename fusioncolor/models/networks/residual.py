"""The residual CNN: five stages with convolutional shortcuts, from 224x224 to 56x56."""

import keras
from keras import layers

from fusioncolor.models.networks import blocks

# Layers


def convolution(x, filters: int, name: str, *, strides: int = 1, dilation: int = 1, activation: str | None = "relu"):
    """3x3 convolution and ReLU; the last convolution of a branch and the shortcuts have no ReLU of their own."""
    convolve = layers.Conv2D(
        filters, 3, strides, padding="same", dilation_rate=dilation, activation=activation, name=name
    )
    return convolve(x)


def add(branch, shortcut, name: str):
    """Batch normalization of the branch, then its sum with the shortcut, and ReLU."""
    branch = layers.BatchNormalization(momentum=blocks.MOMENTUM, name=f"{name}_normalization")(branch)
    x = layers.Add(name=f"{name}_sum")([branch, shortcut])
    return layers.ReLU(name=f"{name}_activation")(x)


def shortcut(x, filters: int, name: str, *, strides: int = 1):
    """Convolution and batch normalization, for stages that change the size or the number of channels."""
    x = convolution(x, filters, f"{name}_shortcut", strides=strides, activation=None)
    return layers.BatchNormalization(momentum=blocks.MOMENTUM, name=f"{name}_shortcut_normalization")(x)


# Functional model


def residual(channels: int = 313, activation: str | None = None, *, dropout: float = 0.0) -> keras.Model:
    """Builds the residual CNN; H and W are any multiples of 4 (published: 224).

    Args:
        channels: number of output channels the head expects.
        activation: output activation the head expects.
        dropout: dropout rate before the last layer; 0 for none.

    Returns:
        A model from lightness `(B, H, W, 1)` in 0..100 to `(B, H / 4, W / 4, channels)`.
    """
    lightness = keras.Input((None, None, 1), name="lightness")
    x = layers.Rescaling(1 / 50, -1, name="scaling")(lightness)
    x = convolution(x, 64, "conv0")  # 224x224x64

    y = convolution(x, 128, "conv1_1")
    y = convolution(y, 256, "conv1_2", strides=2, activation=None)
    x = add(y, shortcut(x, 256, "conv1", strides=2), "conv1")  # 112x112x256

    y = convolution(x, 256, "conv2_1")
    y = convolution(y, 256, "conv2_2", activation=None)
    x = add(y, x, "conv2")  # 112x112x256

    y = convolution(x, 512, "conv3_1", strides=2)
    y = convolution(y, 512, "conv3_2", dilation=2)
    y = convolution(y, 256, "conv3_3", dilation=2, activation=None)
    x = add(y, shortcut(x, 256, "conv3", strides=2), "conv3")  # 56x56x256

    y = convolution(x, 512, "conv4_1", dilation=2)
    y = convolution(y, 512, "conv4_2", dilation=2, activation=None)
    x = add(y, shortcut(x, 512, "conv4"), "conv4")  # 56x56x512

    x = convolution(x, 256, "conv5_1")
    x = convolution(x, 512, "conv5_2", dilation=2)
    x = convolution(x, 512, "conv5_3")  # 56x56x512
    if dropout:
        x = layers.Dropout(dropout, name="dropout")(x)
    return keras.Model(lightness, blocks.output(x, channels, activation, kernel_size=1), name="residual")
