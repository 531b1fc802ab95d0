"""Accuracy of an image classifier on colorized photographs."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

import keras
import numpy as np

from fusioncolor import images
from fusioncolor.errors import InputError

_APPLICATION_SIZE = 224  # pixels per side, for classifiers that accept any size
_CLASSES_SUFFIX = ".classes.txt"


class Classifier:
    """Top-1 accuracy of a classifier, in percent; a photograph's class is the name of its folder.

    Attributes:
        network: Keras model from pictures `(N, H, W, 3)` to `(N, classes)`.
        prepare: preprocessing of pictures `(N, H, W, 3)` float32 in 0..255.
        classes: names, in the order of the outputs.
        size: (height, width) of the network's input.
        described: one line for the protocol.
    """

    def __init__(self, name: str, paths: Sequence[Path]) -> None:
        """Loads a classifier.

        Args:
            name: name of a `keras.applications` model, or path of a saved Keras model that takes sRGB in 0..255. A
                file beside the saved model that ends in `.classes.txt` lists its classes, one per line; without that
                file, the classes are the photographs' folders, sorted.
            paths: all photographs to classify.

        Raises:
            InputError: there is no such classifier, or it does not know the photographs' classes.
        """
        loaded = _saved(Path(name), paths) if Path(name).exists() else _application(name)
        self.network = loaded.network
        self.prepare = loaded.prepare
        self.classes = loaded.classes
        outputs = self.network.output_shape[-1]
        if len(self.classes) != outputs:
            raise InputError(
                f"classifier {name} has {outputs} classes, but {len(self.classes)} are named: list its classes, one "
                f"per line, in {Path(name).with_suffix(_CLASSES_SUFFIX)}"
            )
        unknown = sorted({path.parent.name for path in paths} - set(self.classes))
        if unknown:
            raise InputError(
                f"classifier {name} knows no class {unknown[0]!r}; a photograph's folder must have the name of its "
                f"class, such as {self.classes[0]!r}"
            )
        self.size = tuple(side or _APPLICATION_SIZE for side in self.network.input_shape[1:3])
        self.described = f"top-1 of {Path(name).name}, class = folder name, {outputs} classes"

    def measure(self, path: Path, pictures: Sequence[np.ndarray]) -> list[float]:
        """Returns 100 for each picture `(H, W, 3)` `uint8` that is classified correctly, 0 for the others."""
        batch = np.stack([images.resize(picture, self.size) for picture in pictures]).astype(np.float32)
        chosen = np.asarray(self.network.predict_on_batch(self.prepare(batch))).argmax(axis=-1)
        return [100.0 * (self.classes[index] == path.parent.name) for index in chosen]


class _Loaded(NamedTuple):
    """A classifier, its preprocessing, and the names of its classes."""

    network: keras.Model
    prepare: Callable[[np.ndarray], np.ndarray]
    classes: list[str]


def _saved(path: Path, photographs: Sequence[Path]) -> _Loaded:
    classes = _classes_beside(path) or sorted({photograph.parent.name for photograph in photographs})
    return _Loaded(_saved_network(path), lambda pictures: pictures, classes)


def _saved_network(path: Path) -> keras.Model:
    try:
        network = keras.saving.load_model(path, compile=False, safe_mode=True)
        shapes = network.input_shape, network.output_shape
    except Exception as error:  # Keras's readers raise nearly every kind
        reason = str(error).split("\n")[0]
        raise InputError(f"{path} cannot be loaded as a Keras classifier: {reason}") from error
    if len(shapes[0]) != 4 or shapes[0][-1] != 3 or len(shapes[1]) != 2:
        raise InputError(f"{path} is not a classifier of pictures (N, H, W, 3). Received: {shapes[0]} -> {shapes[1]}")
    return network


def _classes_beside(path: Path) -> list[str]:
    file = path.with_suffix(_CLASSES_SUFFIX)
    return file.read_text(encoding="utf-8").removesuffix("\n").split("\n") if file.is_file() else []


def _application(name: str) -> _Loaded:
    """Downloads a classifier of `keras.applications`; its classes are ImageNet's."""
    build = getattr(keras.applications, name, None)
    if not name[:1].isupper() or not callable(build):
        known = [each for each in dir(keras.applications) if each[0].isupper()]
        raise InputError(f"no classifier {name!r}: neither a file nor one of keras.applications ({', '.join(known)})")
    modules = [module for module in vars(keras.applications).values() if hasattr(module, "preprocess_input")]
    own = [module for module in modules if getattr(module, name, None) is build]
    # Only the module of MobileNetV3 does not show its models.
    prepare = (own[0] if own else keras.applications.mobilenet_v3).preprocess_input
    decode = keras.applications.imagenet_utils.decode_predictions
    try:
        network = build()
        every = decode(np.eye(1000, dtype=np.float32), top=1)
    except Exception as error:  # downloads fail in many ways
        reason = str(error).split("\n")[0]
        raise InputError(
            f"`classifier` {name}: its weights cannot be downloaded ({reason}); give a saved Keras classifier instead"
        ) from error
    return _Loaded(network, prepare, [label for ((_, label, _),) in every])
