"""The plain CNN: 22 convolutions in 8 blocks, from 224x224 to 56x56.

Reference: Zhang, Isola, Efros, "Colorful Image Colorization", 2016.
"""

import keras
from keras import layers

from fusioncolor.models.networks import blocks

_EPSILON = 1e-5  # batch normalization of the public weights


# Layers


def convolution(x, filters: int, name: str, *, strides: int = 1, dilation: int = 1):
    """3x3 convolution and ReLU; with a stride of 2, pads by 1 on each side, as the public weights expect."""
    if strides == 2:
        x = layers.ZeroPadding2D(1, name=f"{name}_padding")(x)
        return layers.Conv2D(filters, 3, strides=2, activation="relu", name=name)(x)
    return layers.Conv2D(filters, 3, padding="same", dilation_rate=dilation, activation="relu", name=name)(x)


def normalization(x, name: str):
    """Batch normalization after the last activation of a block."""
    return layers.BatchNormalization(momentum=blocks.MOMENTUM, epsilon=_EPSILON, name=name)(x)


# Functional model


def plain(channels: int = 313, activation: str | None = None, *, dropout: float = 0.0) -> keras.Model:
    """Builds the plain CNN; H and W are any multiples of 8 (published: 224).

    Args:
        channels: number of output channels the head expects.
        activation: output activation the head expects.
        dropout: dropout rate after conv8; 0 for none (published option: 0.1).

    Returns:
        A model from lightness `(B, H, W, 1)` in 0..100 to `(B, H / 4, W / 4, channels)`.
    """
    lightness = keras.Input((None, None, 1), name="lightness")
    x = layers.Rescaling(1 / 50, -1, name="scaling")(lightness)

    x = convolution(x, 64, "conv1_1")
    x = convolution(x, 64, "conv1_2", strides=2)
    x = normalization(x, "conv1_normalization")  # 112x112x64

    x = convolution(x, 128, "conv2_1")
    x = convolution(x, 128, "conv2_2", strides=2)
    x = normalization(x, "conv2_normalization")  # 56x56x128

    x = convolution(x, 256, "conv3_1")
    x = convolution(x, 256, "conv3_2")
    x = convolution(x, 256, "conv3_3", strides=2)
    x = normalization(x, "conv3_normalization")  # 28x28x256

    x = convolution(x, 512, "conv4_1")
    x = convolution(x, 512, "conv4_2")
    x = convolution(x, 512, "conv4_3")
    x = normalization(x, "conv4_normalization")  # 28x28x512

    x = convolution(x, 512, "conv5_1", dilation=2)
    x = convolution(x, 512, "conv5_2", dilation=2)
    x = convolution(x, 512, "conv5_3", dilation=2)
    x = normalization(x, "conv5_normalization")  # 28x28x512

    x = convolution(x, 512, "conv6_1", dilation=2)
    x = convolution(x, 512, "conv6_2", dilation=2)
    x = convolution(x, 512, "conv6_3", dilation=2)
    x = normalization(x, "conv6_normalization")  # 28x28x512

    x = convolution(x, 512, "conv7_1")
    x = convolution(x, 512, "conv7_2")
    x = convolution(x, 512, "conv7_3")
    x = normalization(x, "conv7_normalization")  # 28x28x512

    x = layers.Conv2DTranspose(256, 4, strides=2, padding="same", activation="relu", name="conv8_1")(x)
    x = convolution(x, 256, "conv8_2")
    x = convolution(x, 256, "conv8_3")  # 56x56x256
    if dropout:
        x = layers.Dropout(dropout, name="dropout")(x)
    return keras.Model(lightness, blocks.output(x, channels, activation, kernel_size=1), name="plain")
