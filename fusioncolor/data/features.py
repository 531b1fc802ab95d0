"""Feature maps of augmented photographs, computed once by a frozen extractor and kept for many epochs.

InceptionV3 costs more than everything else in a training step. A view is one augmented copy of every photograph, with
its feature maps reduced to their principal components in 8 bits: 260 kB a photograph at 256x256 instead of 1.8 MB.
"""

import dataclasses
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import keras
import numpy as np

from fusioncolor import files, images
from fusioncolor.data.datasets import PhotographDataset, ReadAhead, Sample
from fusioncolor.runtime.reporting import SILENT, Reporter

COMPONENTS = {"mixed2": 64, "mixed7": 256, "mixed10": 384}  # kept of 288, 768 and 2048 channels; of other maps, all
_DEVIATIONS = 5  # the largest value that 8 bits hold, in standard deviations of a component
_STEPS = 127
_BATCH = 32
_FITTED = 640  # photographs
_LIGHTNESS = 255 / 100
_MARKER = "target.npy"


@dataclass(frozen=True)
class Compression:
    """Principal components of a feature map's channels, in 8 bits.

    Attributes:
        mean: `(C,)`, of every channel.
        directions: `(C, K)`, orthonormal, that of the largest variance first.
        deviations: `(K,)`, standard deviation along each direction.
    """

    mean: np.ndarray
    directions: np.ndarray
    deviations: np.ndarray

    @classmethod
    def fit(cls, count: int, total: np.ndarray, squares: np.ndarray, components: int) -> "Compression":
        """Finds the principal components.

        Args:
            count: number of feature vectors.
            total: their sum, `(C,)`.
            squares: sum of their outer products with themselves, `(C, C)`.
            components: K.
        """
        mean = total / count
        variances, directions = np.linalg.eigh(squares / count - np.outer(mean, mean))
        variances, directions = variances[::-1][:components], directions[:, ::-1][:, :components]
        deviations = np.sqrt(np.maximum(variances, 1e-6 * variances[0] + 1e-12))
        return cls(*(array.astype(np.float32) for array in (mean, directions, deviations)))

    def compress(self, features: np.ndarray) -> np.ndarray:
        """Reduces features `(..., C)` to `(..., K)` int8."""
        scaled = (features - self.mean) @ (self.directions * (_STEPS / _DEVIATIONS / self.deviations))
        return np.rint(scaled).clip(-_STEPS, _STEPS).astype(np.int8)

    def layer(self, name: str) -> keras.layers.Layer:
        """Returns a layer that restores `(..., C)` from `(..., K)`, exact up to rounding and what was left out."""
        layer = keras.layers.Dense(len(self.mean), trainable=False, name=name)
        layer.build((None, len(self.deviations)))
        kernel = (self.directions * (self.deviations * (_DEVIATIONS / _STEPS))).T
        layer.set_weights([kernel, self.mean])
        return layer


@dataclass(frozen=True)
class Views:
    """Augmented copies of N photographs, as arrays that are read from disk when they are needed.

    Attributes:
        compressions: of each feature map, by name.
        stored: for every view, arrays by name: "lightness" `(N, H, W)` uint8, "embedding" `(N, E)` float16, "target"
            `(N, h, w, 2)` float16 in Lab units, and the feature maps `(N, g, g, K)` int8.
    """

    compressions: Mapping[str, Compression]
    stored: Sequence[Mapping[str, np.ndarray]]

    def input(self, view: int, index: int) -> tuple[np.ndarray, ...]:
        """Returns what a network without its extractor takes: lightness `(H, W, 1)`, the embedding, and the maps."""
        arrays = self.stored[view]
        lightness = arrays["lightness"][index, ..., None].astype(np.float32) / np.float32(_LIGHTNESS)
        maps = [np.asarray(arrays[name][index]) for name in self.compressions]
        return lightness, arrays["embedding"][index].astype(np.float32), *maps

    def target(self, view: int, index: int) -> np.ndarray:
        """Returns the true chroma `(h, w, 2)` float32, in Lab units."""
        return self.stored[view]["target"][index].astype(np.float32)


class FeatureStore:
    """Computes views with an extractor, and keeps them in a folder for later runs."""

    def __init__(
        self,
        extractor: keras.Model,
        maps: Sequence[str],
        folder: Path,
        *,
        workers: int,
        reporter: Reporter = SILENT,
    ) -> None:
        """Prepares to compute.

        Args:
            extractor: model from lightness `(B, H, W, 1)` to an embedding `(B, E)` and maps `(B, g, g, C)`, or to the
                embedding alone.
            maps: names of the maps, in the extractor's order.
            folder: keeps the views, in folders named after extractor, photographs and augmentation.
            workers: threads that read photographs.
            reporter: draws progress bars.
        """
        self.extractor = extractor
        self.maps = tuple(maps)
        self.folder = folder
        self.workers = workers
        self.reporter = reporter
        self._weights = files.digest_of(
            [repr((extractor.compute_dtype, self.maps)).encode(), *(one.tobytes() for one in extractor.get_weights())]
        )

    def views(
        self, dataset: PhotographDataset, count: int, compressions: Mapping[str, Compression] | None = None
    ) -> Views:
        """Computes views of a dataset's photographs, or finds those of an earlier call.

        Args:
            dataset: photographs with their augmentation; view `v` is what it would show in epoch `v`.
            count: number of views.
            compressions: of the maps; None to fit them to the photographs.

        Raises:
            InputError: a photograph cannot be read, or the folder cannot be written to.
        """
        compressions = self._compressions(dataset) if compressions is None else compressions
        fit = [getattr(one, field.name).tobytes() for one in compressions.values() for field in dataclasses.fields(one)]
        key = files.digest_of([self._weights.encode(), _identity(dataset), *fit])
        stored = []
        for view in range(count):
            folder = self.folder / f"features-{key}-{view}"
            if not (folder / _MARKER).is_file():
                self._store(dataset, view, compressions, folder, f"view {view + 1} of {count}")
            names = ("lightness", "embedding", "target", *self.maps)
            stored.append({name: np.load(folder / f"{name}.npy", mmap_mode="r") for name in names})
        return Views(compressions, stored)

    def _compressions(self, dataset: PhotographDataset) -> dict[str, Compression]:
        """Fits principal components to some of the photographs, or reads those of an earlier call."""
        if not self.maps:
            return {}
        file = self.folder / f"components-{files.digest_of([self._weights.encode(), _identity(dataset)])}.npz"
        if file.is_file():
            with np.load(file, allow_pickle=False) as kept:
                parts = [field.name for field in dataclasses.fields(Compression)]
                return {name: Compression(*(kept[f"{name}_{part}"] for part in parts)) for name in self.maps}
        chosen = np.linspace(0, len(dataset.paths) - 1, min(_FITTED, len(dataset.paths))).round().astype(int)
        sums = {name: [0, 0.0, 0.0] for name in self.maps}
        with self.reporter.bar("finding principal components", len(chosen)) as bar:
            for samples in self._batches(lambda index: dataset.sample(0, index), chosen):
                for name, array in self._extract(samples).items():
                    if name in sums:
                        vectors = array.reshape(-1, array.shape[-1]).astype(np.float64)
                        for place, one in enumerate((len(vectors), vectors.sum(axis=0), vectors.T @ vectors)):
                            sums[name][place] += one
                bar.advance(len(samples))
        fitted = {name: Compression.fit(*sums[name], COMPONENTS.get(name, len(sums[name][1]))) for name in self.maps}
        arrays = {f"{name}_{part}": array for name, one in fitted.items() for part, array in vars(one).items()}
        with files.replacing(file) as temporary:
            np.savez(temporary, **arrays)
        return fitted

    def _store(
        self,
        dataset: PhotographDataset,
        view: int,
        compressions: Mapping[str, Compression],
        folder: Path,
        label: str,
    ) -> None:
        """Computes one view of every photograph into a new folder."""
        count = len(dataset.paths)
        with files.replacing_folder(folder, marker=_MARKER) as new, self.reporter.bar(label, count) as bar:
            arrays: dict[str, np.ndarray] = {}
            start = 0
            for samples in self._batches(lambda index: dataset.sample(view, index), range(count)):
                batch = {
                    name: compressions[name].compress(array) if name in compressions else array
                    for name, array in self._extract(samples).items()
                }
                for name, array in batch.items():
                    if name not in arrays:
                        path, shape = new / f"{name}.npy", (count, *array.shape[1:])
                        files.require_space(new, array[0].nbytes * count)
                        arrays[name] = np.lib.format.open_memmap(path, "w+", array.dtype, shape)
                    arrays[name][start : start + len(array)] = array
                start += len(samples)
                bar.advance(len(samples))
            for array in arrays.values():
                array.flush()

    def _batches(self, load: Callable[[int], Sample], indices: Sequence[int]) -> Iterator[list[Sample]]:
        with ThreadPoolExecutor(self.workers) as pool:
            ahead = [pool.submit(load, int(index)) for index in indices[:_BATCH]]
            for start in range(0, len(indices), _BATCH):
                following = indices[start + _BATCH : start + 2 * _BATCH]
                later = [pool.submit(load, int(index)) for index in following]  # read while the extractor works
                yield [future.result() for future in ahead]
                ahead = later

    def _extract(self, samples: list[Sample]) -> dict[str, np.ndarray]:
        """Returns lightness, target, embedding and maps of up to `_BATCH` photographs."""
        count = len(samples)
        lightness = np.stack([sample.input for sample in samples])
        padded = np.pad(lightness, [(0, _BATCH - count), (0, 0), (0, 0), (0, 0)])
        features = self.extractor.predict_on_batch(padded)
        embedding, *maps = features if self.maps else [features]
        return {
            "lightness": np.rint(lightness[..., 0] * _LIGHTNESS).clip(0, 255).astype(np.uint8),
            "target": np.stack([sample.target for sample in samples]).astype(np.float16),
            "embedding": np.asarray(embedding)[:count].astype(np.float16),
            **{name: np.asarray(one)[:count].astype(np.float32) for name, one in zip(self.maps, maps, strict=True)},
        }


def _identity(dataset: PhotographDataset) -> bytes:
    """Returns bytes that change with everything that the views of a dataset depend on."""
    settings = (dataset.size, dataset.output_size, dataset.seed, dataset.augmentation)
    photographs = (f"{os.path.realpath(path)}\n{files.stamp(path)}" for path in dataset.paths)
    return "\n".join([repr(settings), *photographs]).encode(errors="surrogateescape")


class FeatureDataset(ReadAhead):
    """Batches of stored views: items `((lightness, embedding, *maps), target)`, ordered as in `PhotographDataset`.

    If the photographs are `judged`, an item ends with the true colors `(B, h, w, 3)` in CIELAB.
    """

    def __init__(
        self,
        views: Views,
        indices: Sequence[int],
        *,
        batch_size: int,
        encode: Callable[[np.ndarray], np.ndarray],
        training: bool = False,
        epochs: int = 1,
        seed: int = 0,
        workers: int = 2,
        judged: bool = False,
    ) -> None:
        """Starts the threads; nothing is read before the first item is requested.

        Args:
            views: stored views.
            indices: photographs of an epoch; a photograph may be there several times.
            batch_size: photographs per batch.
            encode: ab `(h, w, 2)` -> target.
            training: shuffle, and show one of the views of each photograph, drawn at random; else show the first.
            epochs: passes over the photographs.
            seed: random seed for order and views.
            workers: number of threads.
            judged: whether items end with the true colors.
        """
        super().__init__(
            len(indices), batch_size=batch_size, training=training, epochs=epochs, seed=seed, workers=workers
        )
        self.views = views
        self.indices = np.asarray(indices)
        self.encode = encode
        self.judged = judged

    def _items(self, epoch: int, places: slice) -> list[tuple[int, int]]:
        order, views = self.indices, np.zeros(self.count, int)
        if self.training:
            rng = self._shuffle(epoch)
            order = rng.permutation(order)
            views = rng.integers(0, len(self.views.stored), self.count)
        return list(zip(views[places], order[places], strict=True))

    def _load(self, view: int, index: int) -> tuple:
        ab = self.views.target(view, index)
        taken = self.views.input(view, index), self.encode(ab)
        if not self.judged:
            return taken
        return *taken, np.concatenate([images.resize(taken[0][0], ab.shape[:2]).clip(0, 100), ab], axis=-1)

    def _stack(self, items: list[tuple]) -> tuple:
        inputs, *rest = zip(*items, strict=True)
        return tuple(np.stack(part) for part in zip(*inputs, strict=True)), *map(np.stack, rest)
