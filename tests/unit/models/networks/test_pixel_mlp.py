from support import build_colorizer


def test_the_perceptrons_have_ten_hidden_layers_of_128_units_each():
    names = [
        layer.name for layer in build_colorizer("sift").network.layers if hasattr(layer, "units") and layer.units == 128
    ]
    assert len(names) == 20
