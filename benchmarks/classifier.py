"""Trains a small classifier on the true colors of photographs in class folders, for `evaluate --classifier`.

    python -m benchmarks.classifier photographs/ --output runs/classifier.keras
    fusioncolor evaluate runs/classifier.validation.txt --classifier runs/classifier.keras

It needs no download, and is no part of any colorizer. Judge on photographs that it was not trained on: those are listed
beside it.
"""

import argparse
import math
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import keras
import numpy as np
from keras import layers

from fusioncolor import files, images
from fusioncolor.data import splits, survey


class Labelled(keras.utils.PyDataset):
    """Batches of sRGB 0..255 and class indices, mirrored at random, in an order drawn for every epoch."""

    def __init__(self, paths: list[Path], classes: list[str], size: int, *, batch_size: int = 32, train: bool) -> None:
        super().__init__(workers=1)
        self.paths, self.classes, self.size, self.batch_size, self.train = paths, classes, size, batch_size, train
        self.rng = np.random.default_rng(0)
        self.order = np.arange(len(paths))
        self.pool = ThreadPoolExecutor()

    def __len__(self) -> int:
        return math.ceil(len(self.paths) / self.batch_size)

    def __getitem__(self, index: int) -> tuple[np.ndarray, np.ndarray]:
        chosen = [self.paths[i] for i in self.order[index * self.batch_size : (index + 1) * self.batch_size]]
        pictures = list(self.pool.map(lambda path: images.read_resized(path, (self.size, self.size)), chosen))
        if self.train:
            pictures = [picture[:, ::-1] if self.rng.random() < 0.5 else picture for picture in pictures]
        labels = [self.classes.index(path.parent.name) for path in chosen]
        return np.stack(pictures).astype(np.float32), np.array(labels)

    def on_epoch_begin(self) -> None:
        """Draws the order."""
        if self.train:
            self.order = self.rng.permutation(len(self.paths))


def build(size: int, classes: int) -> keras.Model:
    """Five convolutions with batch normalization, averaged over positions."""
    pictures = keras.Input((size, size, 3))
    x = layers.Rescaling(1 / 127.5, offset=-1)(pictures)
    for width in (32, 64, 96, 128, 160):
        x = layers.Conv2D(width, 3, strides=2 if width > 32 else 1, padding="same", use_bias=False)(x)
        x = layers.ReLU()(layers.BatchNormalization(momentum=0.9)(x))
    x = layers.Dropout(0.3)(layers.GlobalAveragePooling2D()(x))
    return keras.Model(pictures, layers.Dense(classes, activation="softmax")(x))


def main() -> int:
    """Trains, saves and prints the accuracy on photographs set aside."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("photographs", type=Path, help="folder with one folder of photographs per class")
    parser.add_argument("--output", type=Path, default=Path("runs/classifier.keras"))
    parser.add_argument("--epochs", type=int, default=12)
    parser.add_argument("--image-size", type=int, default=64)
    options = parser.parse_args()
    found = survey.survey(survey.find(options.photographs), workers=2)
    parts = splits.split(found.in_color, validation=0.25, test=0.0, seed=0)
    classes = sorted({path.parent.name for name in splits.PARTS for path in parts.part(name)})
    train, validation = (
        Labelled(parts.part(name), classes, options.image_size, train=name == "train")
        for name in ("train", "validation")
    )
    keras.utils.set_random_seed(0)
    network = build(options.image_size, len(classes))
    steps = options.epochs * len(train)
    network.compile(
        keras.optimizers.Adam(keras.optimizers.schedules.CosineDecay(2e-3, steps)),
        "sparse_categorical_crossentropy",
        metrics=["accuracy"],
    )
    network.fit(train, validation_data=validation, epochs=options.epochs, shuffle=False, verbose=2)
    options.output.parent.mkdir(parents=True, exist_ok=True)
    network.save(options.output)
    options.output.with_suffix(".classes.txt").write_text("\n".join(classes), encoding="utf-8")
    for name in ("train", "validation"):
        lines = "".join(f"{path}\n" for path in parts.part(name))
        files.write_text(options.output.with_suffix(f".{name}.txt"), lines)
    return 0


if __name__ == "__main__":
    sys.exit(main())
