"""A folder of photographs -> batches of (input, target).

Order and augmentation are pure functions of (seed, epoch, index): nothing depends on timing or on the number of
threads. Threads prepare batches ahead of time (Pillow and NumPy release the interpreter lock), on every backend alike.
"""

import copy
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple, Protocol

import keras
import numpy as np

from fusioncolor import bins, color, files, images
from fusioncolor.data import emulsions
from fusioncolor.data.augmentation import Augmentation, augment, random_box

_BATCHES_AHEAD = 4


class Encoder(Protocol):
    """The head of a trainee."""

    def encode(self, ab: np.ndarray) -> np.ndarray:
        """Encodes ab `(..., 2)` in Lab units as training target."""


class Trainee(Protocol):
    """The part of a colorizer that a dataset needs.

    Attributes:
        size: (height, width) at which the network sees photographs.
        head: encodes targets.
        preprocess: lightness `(h, w, 1)` in 0..100 -> the network's input `(h, w, C)`.
    """

    size: tuple[int, int]
    head: Encoder
    preprocess: Callable[[np.ndarray], np.ndarray]

    def output_size(self) -> tuple[int, int]:
        """Returns (height, width) of the network's output."""


class Sample(NamedTuple):
    """A photograph, prepared for training.

    Attributes:
        input: `(h, w, C)`, as the trainee preprocesses lightness.
        target: encoded chroma at the size of the network's output.
        embedding: `(E,)` float32, or None where embeddings are not cached.
    """

    input: np.ndarray
    target: np.ndarray
    embedding: np.ndarray | None


class PhotographDataset(keras.utils.PyDataset):
    """Batches of photographs for Keras's `fit` and `evaluate`.

    In training, item `i` is batch `i % steps_per_epoch` of epoch `i // steps_per_epoch`, so that one pass over the
    dataset is the whole training; give `fit` the same `steps_per_epoch`, and `shuffle=False`.

    An item is `(input, target)`, input `(B, h, w, C)` as the colorizer preprocesses lightness and target as its head
    encodes ab at the size of the network's output; with `embeddings`, `((input, embedding), target)`.
    """

    def __init__(
        self,
        paths: Sequence[Path],
        colorizer: Trainee,
        *,
        batch_size: int,
        epochs: int = 1,
        seed: int = 0,
        augmentation: Augmentation | None = None,
        embeddings: np.ndarray | None = None,
        workers: int = 2,
        encode: Callable[[np.ndarray], np.ndarray] | None = None,
    ) -> None:
        """Starts the threads; no photograph is read before the first item is requested.

        Args:
            paths: N color photographs.
            colorizer: the trainee; only its preprocessing and encoding run here.
            batch_size: photographs per batch.
            epochs: passes over the photographs.
            seed: random seed for order and augmentation.
            augmentation: random changes; None keeps photographs as they are, in order, with a smaller last batch.
            embeddings: `(N, 2, E)`, each photograph's embedding and its mirror image's.
            workers: number of threads.
            encode: ab `(h', w', 2)` -> target; default: the encoding of the colorizer's head.
        """
        super().__init__(workers=1)
        self.paths = list(paths)
        self.colorizer = colorizer
        self.size = colorizer.size
        self.output_size = colorizer.output_size()
        self.batch_size = min(batch_size, len(self.paths))
        self.epochs = epochs
        self.seed = seed
        self.augmentation = augmentation
        self.embeddings = embeddings
        self.encode = encode or colorizer.head.encode
        self._pool = ThreadPoolExecutor(workers)
        self._ahead: dict[int, list[Future]] = {}
        self._steps = range(self.steps_per_epoch * epochs)

    @property
    def steps_per_epoch(self) -> int:
        """Batches in one pass; in training the incomplete last one is dropped (other photographs every epoch)."""
        whole, rest = divmod(len(self.paths), self.batch_size)
        return whole if self.augmentation or not rest else whole + 1

    def part(self, steps: range) -> "PhotographDataset":
        """Returns a dataset of only these items; it shares no changing state with this one."""
        other = copy.copy(self)
        other._steps = steps
        other._ahead = {}
        return other

    def __len__(self) -> int:
        return len(self._steps)

    def __getitem__(self, index: int) -> tuple:
        wanted = self._steps[index : index + _BATCHES_AHEAD + 1]
        self._ahead = {step: self._ahead.get(step) or self._submit(step) for step in wanted}
        samples = [future.result() for future in self._ahead[wanted[0]]]
        inputs = np.stack([sample.input for sample in samples])
        target = np.stack([sample.target for sample in samples])
        if self.embeddings is None:
            return inputs, target
        return (inputs, np.stack([sample.embedding for sample in samples])), target

    def _submit(self, step: int) -> list[Future]:
        epoch, batch = divmod(step, self.steps_per_epoch)
        order = self._order(epoch)[batch * self.batch_size : (batch + 1) * self.batch_size]
        return [self._pool.submit(self.sample, epoch, int(index)) for index in order]

    def _order(self, epoch: int) -> np.ndarray:
        if self.augmentation is None:
            return np.arange(len(self.paths))
        return np.random.default_rng([self.seed, 1, epoch]).permutation(len(self.paths))

    def sample(self, epoch: int, index: int) -> Sample:
        """Prepares a photograph as it is shown in an epoch."""
        rgb, flipped = self._read(epoch, index)
        lightness, ab = color.split(color.rgb_to_lab(rgb))
        if self.augmentation is not None and self.augmentation.emulsion:
            rng = np.random.default_rng([self.seed, 7, epoch, index])
            if rng.random() < self.augmentation.emulsion:
                lightness = emulsions.record(rgb, rng)
        embedding = None if self.embeddings is None else self.embeddings[index, int(flipped)].astype(np.float32)
        if self.output_size != self.size:
            ab = images.resize(ab, self.output_size)
        return Sample(self.colorizer.preprocess(lightness), self.encode(ab), embedding)

    def _read(self, epoch: int, index: int) -> tuple[np.ndarray, bool]:
        """Reads a photograph with its changes of that epoch: `(*size, 3)` `uint8`, and whether it is mirrored."""
        if self.augmentation is None:
            return images.read_resized(self.paths[index], self.size), False
        box = random_box(self.augmentation.crop, np.random.default_rng([self.seed, 5, epoch, index]))
        rgb = images.read_resized(self.paths[index], self.size, box=box)
        if self.augmentation.exposure:
            reach = self.augmentation.exposure
            rgb = color.expose(rgb, np.random.default_rng([self.seed, 6, epoch, index]).uniform(-reach, reach / 2))
        return augment(rgb, self.augmentation, np.random.default_rng([self.seed, 2, epoch, index]))


def store_pixels(
    paths: Sequence[Path], colorizer: Trainee, file: Path, *, pixels: int, seed: int, workers: int, progress=iter
) -> None:
    """Stores features and ab of random pixels, for models that see single pixels.

    Args:
        paths: N color photographs.
        colorizer: computes the features of pixels, by its preprocessing.
        file: .npz file for the arrays `features` `(N, pixels, C)` float16 and `ab` `(N, pixels, 2)` float32.
        pixels: pixels per photograph, drawn with replacement.
        seed: random seed for the draw.
        workers: number of threads.
        progress: wraps the iterator over photographs, as `tqdm` does.

    Raises:
        InputError: a photograph cannot be read, or the file cannot be written.
    """

    def describe(index: int) -> tuple[np.ndarray, np.ndarray]:
        lightness, ab = color.split(color.rgb_to_lab(images.read_resized(paths[index], colorizer.size)))
        features = colorizer.preprocess(lightness)
        chosen = np.random.default_rng([seed, 4, index]).integers(0, lightness.size, pixels)
        return features.reshape(lightness.size, -1)[chosen].astype(np.float16), ab.reshape(-1, 2)[chosen]

    with ThreadPoolExecutor(workers) as pool:
        features, ab = zip(*progress(pool.map(describe, range(len(paths)))), strict=True)
    with files.replacing(file) as temporary:
        np.savez(temporary, features=np.stack(features), ab=np.stack(ab))


class PixelDataset(keras.utils.PyDataset):
    """Batches of stored pixels: items `(B, 1, pixels, C)` and `(B, 1, pixels, 2)`.

    Items are ordered as those of `PhotographDataset`: in training, each epoch has an order of its own and drops an
    incomplete last batch; otherwise the order is that of the file, and nothing is dropped.
    """

    def __init__(
        self,
        file: Path,
        colorizer: Trainee,
        *,
        batch_size: int,
        training: bool = False,
        epochs: int = 1,
        seed: int = 0,
        encode: Callable[[np.ndarray], np.ndarray] | None = None,
    ) -> None:
        """Loads a file of `store_pixels`; the other arguments are those of `PhotographDataset`."""
        super().__init__(workers=1)
        with np.load(file, allow_pickle=False) as stored:
            self.features = stored["features"]
            self.ab = stored["ab"]
        self.encode = encode or colorizer.head.encode
        self.batch_size = min(batch_size, len(self.ab))
        self.training = training
        self.epochs = epochs
        self.seed = seed
        whole, rest = divmod(len(self.ab), self.batch_size)
        self.steps_per_epoch = whole if training or not rest else whole + 1
        self._steps = range(self.steps_per_epoch * epochs)

    def part(self, steps: range) -> "PixelDataset":
        """Returns a dataset of only these items."""
        other = copy.copy(self)
        other._steps = steps
        return other

    def __len__(self) -> int:
        return len(self._steps)

    def __getitem__(self, index: int) -> tuple[np.ndarray, np.ndarray]:
        epoch, batch = divmod(self._steps[index], self.steps_per_epoch)
        order = np.arange(len(self.ab))
        if self.training:
            order = np.random.default_rng([self.seed, 1, epoch]).permutation(order)
        chosen = order[batch * self.batch_size : (batch + 1) * self.batch_size]
        return self.features[chosen, None].astype(np.float32), self.encode(self.ab[chosen, None])


def lightness_batches(
    paths: Sequence[Path], size: tuple[int, int], batch_size: int, *, workers: int
) -> Iterator[np.ndarray]:
    """Yields lightness `(B, *size, 1)` of photographs, in order, `batch_size` at a time; threads read ahead."""

    def load(path: Path) -> np.ndarray:
        return color.rgb_to_lightness(images.read_resized(path, size))

    with ThreadPoolExecutor(workers) as pool:
        ahead = [pool.submit(load, path) for path in paths[: 2 * batch_size]]
        for start in range(0, len(paths), batch_size):
            later = paths[start + 2 * batch_size : start + 3 * batch_size]
            batch, ahead = ahead[:batch_size], ahead[batch_size:] + [pool.submit(load, path) for path in later]
            yield np.stack([future.result() for future in batch])


def count_bins(paths: Sequence[Path], size: tuple[int, int], *, workers: int, progress=iter) -> np.ndarray:
    """Counts the pixels of photographs in each bin of the ab plane.

    Args:
        paths: color photographs.
        size: (height, width) at which to count.
        workers: number of threads.
        progress: wraps the iterator over photographs, as `tqdm` does.

    Returns:
        `(313,)` counts.
    """

    def count(path: Path) -> np.ndarray:
        return bins.count_bins(color.rgb_to_lab(images.read_resized(path, size))[..., 1:])

    with ThreadPoolExecutor(workers) as pool:
        return sum(progress(pool.map(count, paths)))
