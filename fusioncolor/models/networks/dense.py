"""The dense network: a light encoder-decoder fused with feature maps of InceptionV3, which predicts coarse chroma.

The fusion network learns what is in a photograph from one embedding. This one is also told what is where, by three of
InceptionV3's feature maps, so that it needs few layers of its own, with 2 million parameters.
Chroma changes slowly over a photograph, so an eighth of the size is enough; the sharpness is in the lightness.
"""

from collections.abc import Mapping

import keras
from keras import initializers, layers, ops

from fusioncolor.models.networks import inception
from fusioncolor.models.networks.blocks import MOMENTUM, convolution, interpolate, middles, output

_SLOPE = 0.1  # of LeakyReLU
_WIDTH = 160  # channels at a sixteenth of the size
_TOP = 96  # channels at an eighth of the size
_DETAIL = 32  # channels of mixed2, after its projection
_MAP_DROPOUT = 0.1  # of whole channels, so that no single feature decides a color

# Layers


class ResizeLike(layers.Layer):
    """Resizes `(B, h, w, C)` bilinearly to the height and width of a second tensor `(B, H, W, D)`."""

    def call(self, x, like):
        """Resizes; see the class."""
        (height, width), (rows, columns) = ops.shape(x)[1:3], ops.shape(like)[1:3]
        return interpolate(x, middles(rows, height), middles(columns, width))

    def compute_output_shape(self, x_shape, like_shape):
        """Returns `(B, H, W, C)`."""
        return (x_shape[0], like_shape[1], like_shape[2], x_shape[3])


def residual(x, filters: int, *, name: str):
    """Two 3x3 convolutions beside a shortcut; the block starts close to the identity.

    Args:
        x: `(B, H, W, filters)`.
        filters: number of channels.
        name: prefix of the layers' names.
    """
    y = convolution(x, filters, name=f"{name}_conv1", negative_slope=_SLOPE)
    y = layers.Conv2D(filters, 3, padding="same", use_bias=False, name=f"{name}_conv2")(y)
    small = initializers.Constant(0.2)
    y = layers.BatchNormalization(momentum=MOMENTUM, gamma_initializer=small, name=f"{name}_conv2_normalization")(y)
    x = layers.Add(name=f"{name}_sum")([x, y])
    return layers.LeakyReLU(_SLOPE, name=f"{name}_activation")(x)


def fuse(local, embedding, maps: Mapping[str, object], *, dropout: float):
    """Fuses everything that is known about a place and about the whole photograph: a sum of linear maps, normalized.

    Args:
        local: `(B, H, W, C)`.
        embedding: `(B, E)`.
        maps: `(B, g, g, C)` by name.
        dropout: dropout rate of the embedding.

    Returns:
        `(B, H, W, _WIDTH)`.
    """
    terms = [layers.Conv2D(_WIDTH, 1, name="fusion_local")(local)]
    for name, feature_map in maps.items():
        y = layers.Conv2D(_WIDTH, 1, use_bias=False, name=f"fusion_{name}")(feature_map)
        y = inception.Alignment(name, name=f"fusion_{name}_alignment")(y, local)
        terms.append(layers.SpatialDropout2D(_MAP_DROPOUT, name=f"fusion_{name}_dropout")(y))
    if dropout:
        embedding = layers.Dropout(dropout, name="embedding_dropout")(embedding)
    y = layers.Dense(_WIDTH, use_bias=False, name="fusion_embedding")(embedding)
    terms.append(layers.Reshape((1, 1, _WIDTH), name="fusion_replicate")(y))
    x = layers.Add(name="fusion_sum")(terms)
    x = layers.BatchNormalization(momentum=MOMENTUM, name="fusion_normalization")(x)
    return layers.LeakyReLU(_SLOPE, name="fusion_activation")(x)


# Functional model


def dense(
    channels: int = 313,
    activation: str | None = None,
    *,
    extractor: keras.Model | None = None,
    dropout: float = 0.0,
) -> keras.Model:
    """Builds the dense network, fully convolutional: H and W are any multiples of 8.

    Args:
        channels: number of output channels the head expects.
        activation: output activation the head expects.
        extractor: model from lightness `(B, H, W, 1)` to an embedding `(B, E)` and the maps in `inception.MAPS`; None
            for a randomly initialized InceptionV3.
        dropout: dropout rate of the embedding, which keeps training from recognizing photographs by it.

    Returns:
        A model from lightness `(B, H, W, 1)` in 0..100 to `(B, H / 8, W / 8, channels)`.
    """

    def encode(x, filters, name, **options):
        return convolution(x, filters, name=name, negative_slope=_SLOPE, **options)

    lightness = keras.Input((None, None, 1), name="lightness")
    extractor = extractor or inception.inception_v3(inception.MAPS)
    embedding, maps = inception.named(extractor(lightness), inception.MAPS)

    # encoder: 256 -> 128 -> 64 -> 32 -> 16
    x = layers.AveragePooling2D(2, name="half")(lightness)
    x = layers.Rescaling(1 / 50, -1, name="scaling")(x)  # 128x128x1
    x = encode(x, 24, "encoder1_conv1", strides=2, kernel_size=5)
    x = encode(x, 32, "encoder1_conv2")  # 64x64x32
    x = encode(x, 64, "encoder2_conv1", strides=2)
    x = level2 = encode(x, 64, "encoder2_conv2")  # 32x32x64
    x = encode(x, _WIDTH, "encoder3_conv1", strides=2)  # 16x16x160

    # fusion, where mixed7 and mixed10 are about as fine
    x = fuse(x, embedding, {name: maps[name] for name in ("mixed7", "mixed10")}, dropout=dropout)
    x = residual(x, _WIDTH, name="decoder3_residual0")
    x = residual(x, _WIDTH, name="decoder3_residual1")

    # decoder: 16 -> 32, beside the encoder's and InceptionV3's detail
    x = encode(x, _TOP, "decoder3_conv1", kernel_size=1)
    detail = layers.Conv2D(_DETAIL, 1, name="fusion_mixed2")(maps["mixed2"])
    detail = inception.Alignment("mixed2", name="fusion_mixed2_alignment")(detail, level2)
    detail = layers.BatchNormalization(momentum=MOMENTUM, name="fusion_mixed2_normalization")(detail)
    detail = layers.LeakyReLU(_SLOPE, name="fusion_mixed2_activation")(detail)
    x = layers.Concatenate(name="decoder2_skip")([ResizeLike(name="decoder2_upsampling")(x, level2), level2, detail])
    x = encode(x, _TOP, "decoder2_conv1", kernel_size=1)
    x = residual(x, _TOP, name="decoder2_residual0")  # 32x32x96
    return keras.Model(lightness, output(x, channels, activation, kernel_size=1), name="dense")
