"""A classifier of true photographs that judges colorized ones: does it still see what is there?"""

from collections.abc import Sequence
from pathlib import Path

import keras
import numpy as np

from fusioncolor import images
from fusioncolor.errors import InputError

_APPLICATION_SIZE = 224  # pixels, where a classifier takes any
_CLASSES_SUFFIX = ".classes.txt"


class Classifier:
    """Top-1 accuracy of a classifier, in percent; the class of a photograph is the name of its folder."""

    def __init__(self, name: str, paths: Sequence[Path]) -> None:
        """Loads a classifier.

        Args:
            name: of a `keras.applications` model, or the path of a saved Keras model that takes sRGB 0..255, with its
                classes, one a line, in a file beside it that ends in `.classes.txt`; without that they are the folders
                of the photographs, sorted.
            paths: of all the photographs.

        Raises:
            InputError: there is no such classifier, or it does not know the photographs' classes.
        """
        if Path(name).exists():
            self.network, self.prepare = _saved_classifier(Path(name)), lambda pictures: pictures
            self.classes = _classes_beside(Path(name)) or sorted({path.parent.name for path in paths})
        else:
            self.network, self.prepare, self.classes = _application(name)
        outputs = self.network.output_shape[-1]
        if len(self.classes) != outputs:
            raise InputError(
                f"classifier {name} tells {outputs} classes apart, {len(self.classes)} are named: list its classes, "
                f"one a line, in {Path(name).with_suffix(_CLASSES_SUFFIX)}"
            )
        unknown = sorted({path.parent.name for path in paths} - set(self.classes))
        if unknown:
            raise InputError(
                f"classifier {name} knows no class {unknown[0]!r}; the folder of a photograph must be named as its "
                f"class, such as {self.classes[0]!r}"
            )
        self.size = tuple(side or _APPLICATION_SIZE for side in self.network.input_shape[1:3])
        self.described = f"top-1 of {Path(name).name}, class = folder name, {outputs} classes"

    def measure(self, path: Path, pictures: Sequence[np.ndarray]) -> list[float]:
        """100 for each picture `(H, W, 3)` `uint8` that is taken for what it is, 0 for the others."""
        batch = np.stack([images.resize(picture, self.size) for picture in pictures]).astype(np.float32)
        chosen = np.asarray(self.network.predict_on_batch(self.prepare(batch))).argmax(axis=-1)
        return [100.0 * (self.classes[index] == path.parent.name) for index in chosen]


def _saved_classifier(path: Path) -> keras.Model:
    try:
        network = keras.saving.load_model(path, compile=False, safe_mode=True)
        shapes = network.input_shape, network.output_shape
    except Exception as error:  # Keras's readers raise nearly every kind
        reason = str(error).split("\n")[0]
        raise InputError(f"{path} cannot be loaded as a Keras classifier: {reason}") from error
    if len(shapes[0]) != 4 or shapes[0][-1] != 3 or len(shapes[1]) != 2:
        raise InputError(f"{path} is no classifier of pictures (N, H, W, 3). Received: {shapes[0]} -> {shapes[1]}")
    return network


def _classes_beside(path: Path) -> list[str]:
    file = path.with_suffix(_CLASSES_SUFFIX)
    return file.read_text(encoding="utf-8").removesuffix("\n").split("\n") if file.is_file() else []


def _application(name: str) -> tuple:
    """A classifier of `keras.applications`, the preprocessing of its input, and ImageNet's names of classes."""
    build = getattr(keras.applications, name, None)
    if not name[:1].isupper() or not callable(build):
        known = [each for each in dir(keras.applications) if each[0].isupper()]
        raise InputError(f"no classifier {name!r}: neither a file nor one of keras.applications ({', '.join(known)})")
    modules = [module for module in vars(keras.applications).values() if hasattr(module, "preprocess_input")]
    own = [module for module in modules if getattr(module, name, None) is build]
    prepare = (own[0] if own else keras.applications.mobilenet_v3).preprocess_input  # the one that hides its models
    decode = keras.applications.imagenet_utils.decode_predictions
    try:
        network = build()
        every = decode(np.eye(1000, dtype=np.float32), top=1)
    except Exception as error:  # downloads fail in many ways
        reason = str(error).split("\n")[0]
        raise InputError(
            f"--classifier {name}: its weights could not be had ({reason}); give a saved Keras classifier instead"
        ) from error
    return network, prepare, [label for ((_, label, _),) in every]
