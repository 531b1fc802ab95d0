import keras
import numpy as np
from support import build_colorizer

from fusioncolor.models import factory, saving
from fusioncolor.models.folding import fold


def test_folding_changes_no_output_and_finds_every_large_weight(tmp_path):
    keras.utils.set_random_seed(0)
    original = build_colorizer("fusion", inception=False)
    for layer in original.network.layers:  # normalizations that do something
        if isinstance(layer, keras.layers.BatchNormalization):
            shape = layer.beta.shape
            layer.set_weights([np.random.default_rng(index).uniform(0.5, 2, shape) for index in range(4)])
    original.save(tmp_path / "saved")
    colorizer = factory.load(tmp_path / "saved")
    inputs = np.random.default_rng(0).uniform(0, 100, (1, 32, 32, 1)).astype(np.float32)
    before = colorizer.network.predict_on_batch(inputs)
    constants = fold(colorizer.network, saving.weights_files(tmp_path / "saved", colorizer.origin.weights))
    np.testing.assert_allclose(np.asarray(colorizer.network(inputs)), before, atol=1e-5)
    assert sum(constant.normalization is not None for constant, _ in constants) > 10
    kernels = {weight.shape for layer in colorizer.network.layers for weight in layer.weights if len(weight.shape) == 4}
    assert kernels <= {values.shape for _, values in constants}
