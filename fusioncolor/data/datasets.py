"""A folder of photographs -> batches of (input, target).

Order and augmentation are pure functions of (seed, epoch, index): nothing depends on timing or on the number of
threads. Threads prepare batches ahead of time (Pillow and NumPy release the interpreter lock), on every backend alike.
"""

import copy
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple, Protocol, Self

import keras
import numpy as np

from fusioncolor import bins, color, files, images
from fusioncolor.data import emulsions, shards
from fusioncolor.data.augmentation import Augmentation, augment, random_box
from fusioncolor.data.sharing import Share

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
        lab: the truth in CIELAB at the size of the network's output, `(h', w', 3)`; None unless it is to be judged by.
    """

    input: np.ndarray
    target: np.ndarray
    embedding: np.ndarray | None
    lab: np.ndarray | None = None


class Steps(keras.utils.PyDataset):
    """Batches of N items. In training, every epoch has an order of its own and drops an incomplete last batch.

    Item `i` is batch `i % steps_per_epoch` of epoch `i // steps_per_epoch`, so that one pass over the dataset is the
    whole training; give `fit` the same `steps_per_epoch`, and `shuffle=False`.

    Attributes:
        batch_size: items per batch.
        training: whether items are shuffled.
        epochs: passes over the items.
        seed: random seed.
        steps_per_epoch: batches in one pass.
    """

    def __init__(self, count: int, *, batch_size: int, training: bool, epochs: int, seed: int) -> None:
        super().__init__(workers=1)
        self.count = count
        self.batch_size = min(batch_size, count)
        self.training = training
        self.epochs = epochs
        self.seed = seed
        whole, rest = divmod(count, self.batch_size)
        self.steps_per_epoch = whole if training or not rest else whole + 1
        self._steps = range(self.steps_per_epoch * epochs)

    def part(self, steps: range) -> Self:
        """Returns a dataset of only these items; it shares no changing state with this one."""
        other = copy.copy(self)
        other._steps = steps
        return other

    def __len__(self) -> int:
        return len(self._steps)

    def _batch(self, step: int) -> tuple[int, slice]:
        """Returns the epoch of a step, and the places of its items in the order of that epoch."""
        epoch, batch = divmod(step, self.steps_per_epoch)
        return epoch, slice(batch * self.batch_size, (batch + 1) * self.batch_size)

    def _shuffle(self, epoch: int) -> np.random.Generator:
        """Returns the generator whose first draw is the order of an epoch."""
        return np.random.default_rng([self.seed, 1, epoch])


class ReadAhead(Steps):
    """Batches whose items threads prepare while the network works on earlier ones."""

    def __init__(self, count: int, *, batch_size: int, training: bool, epochs: int, seed: int, workers: int) -> None:
        super().__init__(count, batch_size=batch_size, training=training, epochs=epochs, seed=seed)
        self._pool = ThreadPoolExecutor(workers)
        self._ahead: dict[int, list[Future]] = {}

    def part(self, steps: range) -> Self:  # noqa: D102
        other = super().part(steps)
        other._ahead = {}
        return other

    def __getitem__(self, index: int) -> tuple:
        wanted = self._steps[index : index + _BATCHES_AHEAD + 1]
        self._ahead = {step: self._ahead.get(step) or self._submit(step) for step in wanted}
        return self._stack([future.result() for future in self._ahead[wanted[0]]])

    def _submit(self, step: int) -> list[Future]:
        return [self._pool.submit(self._load, *item) for item in self._items(*self._batch(step))]

    def _items(self, epoch: int, places: slice) -> list[tuple[int, int]]:
        """Returns the arguments of `_load` for the items in these places of an epoch."""
        raise NotImplementedError

    def _load(self, first: int, second: int):
        """Prepares an item, in a thread."""
        raise NotImplementedError

    def _stack(self, items: list) -> tuple:
        """Returns the batch of prepared items."""
        raise NotImplementedError


class PhotographDataset(ReadAhead):
    """Batches of photographs for Keras's `fit`.

    An item is `(input, target)`, input `(B, h, w, C)` as the colorizer preprocesses lightness and target as its head
    encodes ab at the size of the network's output; with `embeddings`, `((input, embedding), target)`. If the
    photographs are `judged`, an item ends with the true colors `(B, h', w', 3)` in CIELAB, at the size of the output.
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
        judged: bool = False,
        share: Share = Share(),  # noqa: B008 - frozen
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
            judged: whether items end with the true colors.
            share: part of each training batch to read, where several processes train together; without augmentation,
                every process reads all.
        """
        training = augmentation is not None
        super().__init__(
            len(paths), batch_size=batch_size, training=training, epochs=epochs, seed=seed, workers=workers
        )
        self.paths = list(paths)
        self.colorizer = colorizer
        self.size = colorizer.size
        self.output_size = colorizer.output_size()
        self.augmentation = augmentation
        self.embeddings = embeddings
        self.encode = encode or colorizer.head.encode
        self.judged = judged
        self.share = share
        self._groups = shards.groups_of(self.paths) if training else []
        self._known_order: tuple[int, np.ndarray] = (-1, np.empty(0, int))

    def _stack(self, items: list[Sample]) -> tuple:
        inputs = np.stack([sample.input for sample in items])
        if self.embeddings is not None:
            inputs = (inputs, np.stack([sample.embedding for sample in items]))
        target = np.stack([sample.target for sample in items])
        return (inputs, target, np.stack([sample.lab for sample in items])) if self.judged else (inputs, target)

    def _items(self, epoch: int, places: slice) -> list[tuple[int, int]]:
        if not self.training:
            return [(epoch, index) for index in range(self.count)[places]]
        return [(epoch, int(index)) for index in self._order(epoch)[self.share.part(places)]]

    def _order(self, epoch: int) -> np.ndarray:
        """Returns the order of an epoch, which is kept for its other batches."""
        if self._known_order[0] != epoch:
            rng = self._shuffle(epoch)
            order = shards.order(self._groups, rng) if self._groups else rng.permutation(self.count)
            self._known_order = (epoch, order)
        return self._known_order[1]

    def _load(self, epoch: int, index: int) -> Sample:
        return self.sample(epoch, index)

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
        lab = None
        if self.judged:
            lab = np.concatenate([images.resize(lightness, self.output_size).clip(0, 100), ab], axis=-1)
        return Sample(self.colorizer.preprocess(lightness), self.encode(ab), embedding, lab)

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
        file: .npz file for the arrays `features` `(N, pixels, C)` float16 and `lab` `(N, pixels, 3)` float32.
        pixels: pixels per photograph, drawn with replacement.
        seed: random seed for the draw.
        workers: number of threads.
        progress: wraps the iterator over photographs, as `tqdm` does.

    Raises:
        InputError: a photograph cannot be read, or the file cannot be written.
    """

    def describe(index: int) -> tuple[np.ndarray, np.ndarray]:
        lab = color.rgb_to_lab(images.read_resized(paths[index], colorizer.size))
        features = colorizer.preprocess(lab[..., :1])
        count = len(lab) * lab.shape[1]
        chosen = np.random.default_rng([seed, 4, index]).integers(0, count, pixels)
        return features.reshape(count, -1)[chosen].astype(np.float16), lab.reshape(-1, 3)[chosen]

    with ThreadPoolExecutor(workers) as pool:
        features, lab = zip(*progress(pool.map(describe, range(len(paths)))), strict=True)
    with files.replacing(file) as temporary:
        np.savez(temporary, features=np.stack(features), lab=np.stack(lab))


class PixelDataset(Steps):
    """Batches of stored pixels: items `(B, 1, pixels, C)` and `(B, 1, pixels, 2)`, ordered as `PhotographDataset`'s.

    If the pixels are `judged`, an item ends with their true colors `(B, 1, pixels, 3)` in CIELAB.
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
        judged: bool = False,
    ) -> None:
        """Loads a file of `store_pixels`; the other arguments are those of `PhotographDataset`."""
        with np.load(file, allow_pickle=False) as stored:
            self.features = stored["features"]
            self.lab = stored["lab"]
        super().__init__(len(self.lab), batch_size=batch_size, training=training, epochs=epochs, seed=seed)
        self.encode = colorizer.head.encode
        self.judged = judged

    def __getitem__(self, index: int) -> tuple[np.ndarray, ...]:
        epoch, places = self._batch(self._steps[index])
        order = self._shuffle(epoch).permutation(self.count) if self.training else np.arange(self.count)
        chosen = order[places]
        lab = self.lab[chosen, None]
        batch = self.features[chosen, None].astype(np.float32), self.encode(lab[..., 1:])
        return (*batch, lab) if self.judged else batch


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
