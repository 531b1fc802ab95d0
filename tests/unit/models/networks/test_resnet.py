from unittest.mock import patch

import keras
from support import stand_in_extractor

from fusioncolor.models import factory
from fusioncolor.models.colorizer import Colorizer
from fusioncolor.models.networks import inception

UNIFORM = tuple([1 / 313] * 313)


def build(name: str, head: str | None = None, size: tuple[int, int] = (32, 32), **options) -> Colorizer:
    """A colorizer with random weights, InceptionV3 replaced by two layers."""
    config = dict(find_head(name, head))
    if head == "classification":
        config["prior"] = UNIFORM
    with patch.object(inception, "inception_v3", stand_in_extractor):
        return factory.create(name, head=config, size=size, seed=0, **options)


def test_half_of_resnet_18_ends_at_28x28x128():
    network = build("resnet").network
    encoder = keras.Model(network.input, network.get_layer("conv3_2_activation2").output)
    assert encoder.compute_output_shape((1, 224, 224, 1)) == (1, 28, 28, 128)
    assert network.compute_output_shape((1, 224, 224, 1)) == (1, 224, 224, 2)
