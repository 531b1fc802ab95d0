"""Layers shared by several networks."""

import keras
from keras import initializers, layers, ops

MOMENTUM = 0.97


def convolution(
    x,
    filters: int,
    *,
    name: str,
    strides: int = 1,
    kernel_size: int = 3,
    negative_slope: float = 0.0,
    batch_normalization: bool = True,
):
    """Convolution with "same" padding, optional batch normalization, then ReLU or LeakyReLU.

    Args:
        x: `(B, H, W, C)`.
        filters: number of output channels.
        name: name of the convolution and prefix of the other layers' names.
        strides: 1, or 2 to halve H and W.
        kernel_size: side of the kernel.
        negative_slope: slope of LeakyReLU; 0 for ReLU.
        batch_normalization: whether to normalize between convolution and activation.

    Returns:
        `(B, H / strides, W / strides, filters)`.
    """
    x = layers.Conv2D(filters, kernel_size, strides, "same", use_bias=not batch_normalization, name=name)(x)
    if batch_normalization:
        x = layers.BatchNormalization(momentum=MOMENTUM, name=f"{name}_normalization")(x)
    if negative_slope:
        return layers.LeakyReLU(negative_slope, name=f"{name}_activation")(x)
    return layers.ReLU(name=f"{name}_activation")(x)


def follow_within(network: keras.Model, steps: int) -> None:
    """Lowers the momentum of batch normalization so that its averages converge within one epoch, however short.

    With Keras's momentum of 0.99, validation means nothing before step 500; 400 photographs give 40 steps per epoch.

    Args:
        network: changed in place.
        steps: training steps per epoch.
    """
    for layer in network.layers:
        if isinstance(layer, layers.BatchNormalization):
            layer.momentum = min(MOMENTUM, max(1 - 4 / steps, 0.5))


def upsample(x, skip, *, name: str):
    """Nearest-neighbor 2x upsampling, then concatenation with encoder features of that size (None: no skip)."""
    x = layers.UpSampling2D(2, name=f"{name}_upsampling")(x)
    return x if skip is None else layers.Concatenate(name=f"{name}_skip")([x, skip])


def interpolate(x, rows, columns):
    """Takes values linearly between cells, and repeats the outermost ones.

    `keras.ops.image.resize` cannot do it at sizes that are not known before the network runs.

    Args:
        x: `(B, h, w, C)`.
        rows: `(H,)` float, where to take values along the height; 0 is the middle of the first row.
        columns: `(W,)` float, likewise along the width.

    Returns:
        `(B, H, W, C)`.
    """
    height, width = ops.shape(x)[1], ops.shape(x)[2]
    x = ops.einsum("oi,bijc->bojc", _shares(rows, height, x.dtype), x)
    return ops.einsum("pj,bojc->bopc", _shares(columns, width, x.dtype), x)


def middles(cells, length):
    """Returns `(cells,)` float32: the middles of equal cells that cover a length; 0 is the middle of its first unit.

    Args:
        cells: number of cells.
        length: in units, such as pixels, or cells of another grid.
    """
    side = ops.cast(length, "float32") / ops.cast(cells, "float32")
    return (ops.arange(cells, dtype="float32") + 0.5) * side - 0.5


def _shares(at, cells, dtype: str):
    """Returns `(N, cells)`: the share of each cell in the value at each of N places."""
    at = ops.clip(at, 0, ops.cast(cells, "float32") - 1)
    distance = ops.abs(at[:, None] - ops.arange(cells, dtype="float32"))
    return ops.cast(ops.maximum(1 - distance, 0), dtype)


def output(x, channels: int, activation: str | None, *, kernel_size: int = 3):
    """Output convolution: float32 in any precision, with small initial weights, so that training starts near gray.

    Args:
        x: `(B, H, W, C)`.
        channels: number of channels the head expects.
        activation: activation the head expects.
        kernel_size: 1 or 3.

    Returns:
        `(B, H, W, channels)`.
    """
    return layers.Conv2D(
        channels,
        kernel_size,
        padding="same",
        activation=activation,
        kernel_initializer=initializers.RandomNormal(stddev=0.01),
        dtype="float32",
        name="output",
    )(x)
