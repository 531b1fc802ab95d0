import math

from support import build_colorizer


def test_the_plain_network_has_the_published_sizes():
    network = build_colorizer("plain", "classification").network
    assert network.compute_output_shape((1, 224, 224, 1)) == (1, 56, 56, 313)
    middle = [layer for layer in network.layers if layer.name[:5] in ("conv4", "conv5", "conv6", "conv7")]
    assert sum(math.prod(layer.kernel.shape) for layer in middle if hasattr(layer, "kernel")) == 27_131_904
    rates = {layer.name: layer.dilation_rate for layer in middle if hasattr(layer, "kernel")}
    assert {name[:5] for name, rate in rates.items() if rate == (2, 2)} == {"conv5", "conv6"}
