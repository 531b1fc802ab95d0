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


def test_the_perceptrons_have_ten_hidden_layers_of_128_units_each():
    names = [layer.name for layer in build("sift").network.layers if hasattr(layer, "units") and layer.units == 128]
    assert len(names) == 20
