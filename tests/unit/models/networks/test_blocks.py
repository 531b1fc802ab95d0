import keras
import pytest
from keras import layers
from support import stand_in_extractor

from fusioncolor.models.networks.blocks import follow_within
from fusioncolor.models.networks.fusion import fusion


def small_fusion(**options) -> keras.Model:
    keras.utils.set_random_seed(0)
    return fusion(extractor=stand_in_extractor(), **options)


@pytest.mark.parametrize(("steps", "left"), [(8, 0.05), (40, 0.05), (5000, 1e-6)])
def test_the_averages_of_batch_normalization_forget_their_start_within_an_epoch(steps, left):
    network = small_fusion()
    follow_within(network, steps)
    normalizations = [layer for layer in network.layers if isinstance(layer, layers.BatchNormalization)]
    assert normalizations
    assert all(layer.momentum**steps < left for layer in normalizations)
    assert all(layer.momentum <= 0.97 for layer in normalizations)
