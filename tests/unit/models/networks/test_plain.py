import math
from unittest.mock import patch

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


def test_the_plain_network_has_the_published_sizes():
    network = build("plain", "classification").network
    assert network.compute_output_shape((1, 224, 224, 1)) == (1, 56, 56, 313)
    middle = [layer for layer in network.layers if layer.name[:5] in ("conv4", "conv5", "conv6", "conv7")]
    assert sum(math.prod(layer.kernel.shape) for layer in middle if hasattr(layer, "kernel")) == 27_131_904
    rates = {layer.name: layer.dilation_rate for layer in middle if hasattr(layer, "kernel")}
    assert {name[:5] for name, rate in rates.items() if rate == (2, 2)} == {"conv5", "conv6"}
