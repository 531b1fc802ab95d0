import keras
from support import build_colorizer


def test_half_of_resnet_18_ends_at_28x28x128():
    network = build_colorizer("resnet").network
    encoder = keras.Model(network.input, network.get_layer("conv3_2_activation2").output)
    assert encoder.compute_output_shape((1, 224, 224, 1)) == (1, 28, 28, 128)
    assert network.compute_output_shape((1, 224, 224, 1)) == (1, 224, 224, 2)
