"""The ResNet colorizer: the first half of ResNet-18 as encoder, and a decoder with three nearest-neighbor upsamplings.

Reference: He, Zhang, Ren, Sun, "Deep Residual Learning for Image Recognition", 2016 (the encoder).
"""

import keras
from keras import layers

from fusioncolor.models.networks import blocks

_EPSILON = 1e-5  # batch normalization of the ImageNet weights
_MEAN, _DEVIATION = 0.449, 0.226  # ImageNet's pixels in [0, 1], averaged over the three channels

# Layers


def convolution(x, filters: int, name: str, *, kernel_size: int = 3, strides: int = 1):
    """Convolution without bias, padded equally on all sides, and batch normalization."""
    if kernel_size > 1:
        x = layers.ZeroPadding2D(kernel_size // 2, name=f"{name}_padding")(x)
    x = layers.Conv2D(filters, kernel_size, strides, use_bias=False, name=name)(x)
    return layers.BatchNormalization(momentum=blocks.MOMENTUM, epsilon=_EPSILON, name=f"{name}_normalization")(x)


def basic_block(x, filters: int, name: str, *, strides: int = 1):
    """Two 3x3 convolutions and a shortcut, which is a 1x1 convolution if the size or number of channels changes."""
    y = convolution(x, filters, f"{name}_conv1", strides=strides)
    y = layers.ReLU(name=f"{name}_activation1")(y)
    y = convolution(y, filters, f"{name}_conv2")
    if strides > 1:
        x = convolution(x, filters, f"{name}_shortcut", kernel_size=1, strides=strides)
    x = layers.Add(name=f"{name}_sum")([x, y])
    return layers.ReLU(name=f"{name}_activation2")(x)


# Functional model


def resnet(channels: int = 2, activation: str | None = "tanh") -> keras.Model:
    """Builds the ResNet colorizer; H and W are any multiples of 8 (published: 224).

    Args:
        channels: number of output channels the head expects.
        activation: output activation the head expects.

    Returns:
        A model from lightness `(B, H, W, 1)` in 0..100 to `(B, H, W, channels)`.
    """
    lightness = keras.Input((None, None, 1), name="lightness")
    x = layers.Rescaling(1 / (100 * _DEVIATION), -_MEAN / _DEVIATION, name="scaling")(lightness)

    # encoder: ResNet-18 up to conv3_x
    x = convolution(x, 64, "conv1", kernel_size=7, strides=2)
    x = layers.ReLU(name="conv1_activation")(x)  # 112x112x64
    x = layers.ZeroPadding2D(1, name="pool_padding")(x)  # zeros are neutral after a ReLU
    x = layers.MaxPooling2D(3, 2, name="pool")(x)
    x = basic_block(x, 64, "conv2_1")
    x = basic_block(x, 64, "conv2_2")  # 56x56x64
    x = basic_block(x, 128, "conv3_1", strides=2)
    x = basic_block(x, 128, "conv3_2")  # 28x28x128

    # decoder
    x = blocks.convolution(x, 128, name="decoder1_conv1")
    x = blocks.upsample(x, None, name="decoder1")
    x = blocks.convolution(x, 64, name="decoder2_conv1")
    x = blocks.convolution(x, 64, name="decoder2_conv2")  # 56x56x64
    x = blocks.upsample(x, None, name="decoder2")
    x = blocks.convolution(x, 32, name="decoder3_conv1")  # 112x112x32
    x = blocks.upsample(x, None, name="decoder3")
    return keras.Model(lightness, blocks.output(x, channels, activation), name="resnet")
