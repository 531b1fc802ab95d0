"""The fusion network: an encoder-decoder whose bottleneck is fused with an InceptionV3 embedding of the photograph.

Reference: Baldassarre, Moron, Rodes-Guirao, "Deep Koalarization: Image Colorization using CNNs and
Inception-ResNet-v2", 2017, with InceptionV3, skip connections and LeakyReLU(0.1).
"""

from collections.abc import Mapping, Sequence

import keras
from keras import layers

from fusioncolor.models.networks import inception as extractors
from fusioncolor.models.networks.blocks import convolution, output, upsample

_DENSE = ("mixed7", "mixed10")  # maps that `dense_features` adds

# Layers


def fuse(local, embedding, filters: int, maps: Mapping[str, object] | None = None):
    """Fuses a grid of features with one embedding: a 1x1 convolution over both, concatenated along depth.

    Replicating the embedding over the grid, concatenating it to (H, W, C + E) and convolving 1x1 is the same sum as a
    1x1 convolution of the local features plus a broadcast dense layer of the embedding: same weights (the rows of one
    kernel) and same result, without ever building the (H, W, C + E) tensor.

    Args:
        local: `(B, H, W, C)`.
        embedding: `(B, E)`.
        filters: number of output channels.
        maps: feature maps `(B, g, g, C)` of InceptionV3 by name. They join the sum, each through a 1x1 convolution and
            resampled to the grid.

    Returns:
        `(B, H, W, filters)`.
    """
    x = layers.Conv2D(filters, 1, name="fusion_local")(local)
    y = layers.Dense(filters, use_bias=False, name="fusion_embedding")(embedding)
    y = layers.Reshape((1, 1, filters), name="fusion_replicate")(y)
    terms = [x, y]
    for name, feature_map in (maps or {}).items():
        z = layers.Conv2D(filters, 1, use_bias=False, name=f"fusion_{name}")(feature_map)
        terms.append(extractors.Alignment(name, name=f"fusion_{name}_alignment")(z, x))
    return layers.Add(name="fusion_sum")(terms)


# Functional model


def fusion(
    channels: int = 2,
    activation: str | None = "tanh",
    *,
    extractor: keras.Model | None = None,
    maps: Sequence[str] = (),
    skips: bool = True,
    batch_normalization: bool = True,
    negative_slope: float = 0.1,
    dropout: float = 0.0,
    output_stride: int = 1,
) -> keras.Model:
    """Builds the fusion network, fully convolutional: H and W are any multiples of 8 (published: 256).

    Args:
        channels: number of output channels the head expects.
        activation: output activation the head expects.
        extractor: model from lightness `(B, H, W, 1)` to an embedding `(B, E)`; None for no fusion (ablation).
        maps: names of the feature maps that the extractor returns after the embedding, and that are fused too.
        skips: whether to concatenate encoder features with decoder features of the same size (ablation: False).
        batch_normalization: whether to normalize after every 3x3 convolution (ablation: False).
        negative_slope: slope of the encoder's LeakyReLU; 0 for ReLU (ablation).
        dropout: dropout rate of the embedding, which keeps training from recognizing photographs by it.
        output_stride: 1, or 4 to end the decoder at a quarter of the size, where a color distribution is predicted.

    Returns:
        A model from lightness `(B, H, W, 1)` in 0..100 to `(B, H / output_stride, W / output_stride, channels)`.
    """

    def encode(x, filters, name, strides=1):
        return convolution(
            x,
            filters,
            name=name,
            strides=strides,
            negative_slope=negative_slope,
            batch_normalization=batch_normalization,
        )

    def decode(x, filters, name):
        return convolution(x, filters, name=name, batch_normalization=batch_normalization)

    lightness = keras.Input((None, None, 1), name="lightness")

    # encoder: 256 -> 128 -> 64 -> 32
    x = layers.Rescaling(1 / 50, -1, name="scaling")(lightness)
    x = level0 = encode(x, 32, "encoder0_conv1")  # 256x256x32
    x = encode(x, 64, "encoder1_conv1", strides=2)
    x = level1 = encode(x, 64, "encoder1_conv2")  # 128x128x64
    x = encode(x, 128, "encoder2_conv1", strides=2)
    x = level2 = encode(x, 128, "encoder2_conv2")  # 64x64x128
    x = encode(x, 256, "encoder3_conv1", strides=2)
    x = encode(x, 256, "encoder3_conv2")  # 32x32x256

    # fusion: 257 local channels (256 learned and the mean lightness) and 1000 of the embedding
    mean_lightness = layers.AveragePooling2D(8, name="mean_lightness")(lightness)
    mean_lightness = layers.Rescaling(1 / 50, -1, name="mean_lightness_scaling")(mean_lightness)
    x = layers.Concatenate(name="local_features")([x, mean_lightness])  # 32x32x257
    if extractor is None:
        x = layers.Conv2D(256, 1, name="fusion_local")(x)
    else:
        features = extractor(lightness)
        embedding, dense = extractors.named(features if maps else [features], maps)  # 1000
        if dropout:
            embedding = layers.Dropout(dropout, name="embedding_dropout")(embedding)
        x = fuse(x, embedding, 256, dense)
    x = layers.ReLU(name="fusion_activation")(x)  # 32x32x256

    # decoder: 32 -> 64 -> 128 -> 256
    x = decode(x, 256, "decoder3_conv1")
    x = decode(x, 128, "decoder3_conv2")
    x = upsample(x, level2 if skips else None, name="decoder2")
    x = decode(x, 128, "decoder2_conv1")
    if output_stride == 4:
        x = decode(x, 128, "decoder2_conv2")  # 64x64x128
        return keras.Model(lightness, output(x, channels, activation), name="fusion")
    x = decode(x, 64, "decoder2_conv2")  # 64x64x64
    x = upsample(x, level1 if skips else None, name="decoder1")
    x = decode(x, 64, "decoder1_conv1")
    x = decode(x, 32, "decoder1_conv2")  # 128x128x32
    x = upsample(x, level0 if skips else None, name="decoder0")
    x = decode(x, 32, "decoder0_conv1")  # 256x256x32
    return keras.Model(lightness, output(x, channels, activation), name="fusion")


def inception_fusion(
    channels: int = 2,
    activation: str | None = "tanh",
    *,
    inception: bool = True,
    dense_features: bool = False,
    **options,
) -> keras.Model:
    """Builds the fusion network with a randomly initialized InceptionV3 as its extractor.

    Args:
        channels: number of output channels the head expects.
        activation: output activation the head expects.
        inception: whether to fuse the embedding (ablation: False).
        dense_features: whether to fuse two of InceptionV3's feature maps too, which tell what is where.
        **options: options of `fusion`.

    Returns:
        A model from lightness to the output, as `fusion` returns it.
    """
    maps = _DENSE if inception and dense_features else ()
    extractor = extractors.inception_v3(maps) if inception else None
    return fusion(channels, activation, extractor=extractor, maps=maps, **options)
