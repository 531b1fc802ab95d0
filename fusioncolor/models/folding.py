"""The constants of a saved network: where they are stored, and what remains of batch normalization once it is folded.

Runtimes multiply the kernels before a batch normalization by its factor anyway. Done before the export, the exported
file has constants that can be computed from the weights files to the last bit, and need not be stored again.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path

import h5py
import keras
import numpy as np
from keras import layers

from fusioncolor.models.skeletons import Constant, Normalization, Stored, sources


def fold(network: keras.Model, weights: Sequence[Path]) -> list[tuple[Constant, np.ndarray]]:
    """Folds batch normalizations into the convolutions before them, in place.

    Args:
        network: as loaded from the files.
        weights: the files, uncompressed HDF5.

    Returns:
        Each constant with its values, float32. Constants that are not in the files are left out.
    """
    stored, content = _Places(weights), sources(weights)
    constants: list[tuple[Constant, np.ndarray]] = []
    folded: set[str] = set()
    every = list(_flat(network))
    for layer in every:
        if isinstance(layer, layers.BatchNormalization) and (convolution := _only_convolution_before(layer)):
            norm = stored.normalization(layer)
            kernel = Constant(stored.find(convolution.kernel), norm)
            bias = Constant(None, norm)
            constants += [(one, one.values(content)) for one in (kernel, bias)]
            convolution.kernel.assign(constants[-2][1])
            _make_addition(layer, constants[-1][1])
            folded |= {layer.path, convolution.path}
    for layer in every:
        if layer.path not in folded:
            constants += [(Constant(place), np.asarray(one)) for one in layer.weights if (place := stored.find(one))]
    return constants


class _Places:
    """Places of arrays in weights files, by their values."""

    def __init__(self, weights: Sequence[Path]) -> None:
        self._places: dict[tuple, Stored] = {}
        for index, path in enumerate(weights):
            with h5py.File(path) as file:
                file.visititems(lambda name, item, index=index: self._note(index, item))

    def _note(self, index: int, item: h5py.Dataset | h5py.Group) -> None:
        if isinstance(item, h5py.Dataset) and item.chunks is None and item.id.get_offset() is not None:
            place = Stored(index, int(item.id.get_offset()), item.dtype.name, item.shape)
            self._places[_key(item[()])] = place

    def find(self, variable: keras.Variable) -> Stored | None:
        return self._places.get(_key(np.asarray(variable)))

    def normalization(self, layer: layers.BatchNormalization) -> Normalization:
        beta, mean, variance = map(self.find, (layer.beta, layer.moving_mean, layer.moving_variance))
        return Normalization(beta, mean, variance, self.find(layer.gamma) if layer.scale else None, layer.epsilon)


def _key(values: np.ndarray) -> tuple:
    return values.shape, values.astype(np.float32).tobytes()


def _flat(network: keras.Model) -> Iterator[keras.Layer]:
    for layer in network.layers:
        if isinstance(layer, keras.Model):
            yield from _flat(layer)
        else:
            yield layer


def _only_convolution_before(layer: layers.BatchNormalization) -> layers.Conv2D | None:
    before = layer._inbound_nodes[0].input_tensors[0]._keras_history.operation
    if not isinstance(before, layers.Conv2D) or before.use_bias:
        return None
    return before if all(node.operation is layer for node in before._outbound_nodes) else None  # models share nodes


def _make_addition(layer: layers.BatchNormalization, bias: np.ndarray) -> None:
    """Makes a normalization add a bias: factor 1, mean 0, and a variance that is 1 with epsilon."""
    if layer.scale:
        layer.gamma.assign(np.ones_like(bias))
    layer.beta.assign(bias)
    layer.moving_mean.assign(np.zeros_like(bias))
    layer.moving_variance.assign(np.full_like(bias, 1 - layer.epsilon))
