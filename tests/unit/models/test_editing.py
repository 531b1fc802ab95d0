import numpy as np
import pytest
from support import build_colorizer

from fusioncolor.errors import InputError
from fusioncolor.models import editing
from fusioncolor.models.networks import inception


def test_another_head_keeps_the_weights_of_all_layers_that_stay_the_same():
    source = build_colorizer("fusion", inception=False)
    changed, begun_anew = editing.with_head(source, "classification", seed=1)
    assert changed.head.name == "classification"
    assert source.head.name == "regression"
    assert changed.size == source.size
    assert "output" in begun_anew
    kept = [layer for layer in changed.network.layers if layer.weights and layer.name not in begun_anew]
    assert kept
    for layer in kept:
        for one, other in zip(layer.get_weights(), source.network.get_layer(layer.name).get_weights(), strict=True):
            np.testing.assert_array_equal(one, other)


def test_a_head_that_the_model_cannot_have_is_refused():
    with pytest.raises(InputError, match="cannot have head 'classification'"):
        editing.with_head(build_colorizer("resnet"), "classification")


def test_a_network_without_its_extractor_takes_the_embedding_from_outside():
    whole = build_colorizer("fusion")
    assert editing.has_extractor(whole)
    lightness = np.random.default_rng(0).uniform(0, 100, (2, 32, 32, 1)).astype(np.float32)
    embedding = whole.network.get_layer(inception.NAME).predict_on_batch(lightness)
    split = inception.without_extractor(whole.network)
    expected = whole.network.predict_on_batch(lightness)
    np.testing.assert_allclose(split.predict_on_batch([lightness, embedding]), expected, atol=1e-5)
    assert not editing.has_extractor(build_colorizer("fusion", inception=False))


def test_a_frozen_encoder_leaves_fusion_decoder_and_output_to_learn():
    network = build_colorizer("fusion", inception=False).network
    editing.freeze_encoder(network)
    learning = {variable.path.split("/")[0] for variable in network.trainable_variables}
    assert learning
    assert all(name.startswith(("fusion", "decoder", "output")) for name in learning)
