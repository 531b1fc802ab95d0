"""Null models and color transfer, behind the interface of every other colorizer.

What a learned colorizer has to beat: no color, one flat color, somebody else's colors, and, as an upper bound for flat
tints, the photograph's own mean color.
"""

import os
import zlib
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
from scipy.ndimage import uniform_filter
from scipy.spatial import cKDTree

from fusioncolor import color, images
from fusioncolor.data import survey
from fusioncolor.errors import InputError
from fusioncolor.models.colorizer import Colorizer
from fusioncolor.models.heads import RegressionHead
from fusioncolor.registries import BASELINES

MOST_REFERENCES = 1000  # of a folder, drawn at random; more change neither a mean nor a best match noticeably
_SAMPLES = 256  # of the reference, on a jittered grid (Welsh et al. use about 200)
_WINDOW = 5  # pixels, for the neighbourhood's standard deviation
_BINS = 32  # of the lightness histogram


class Baseline(Colorizer):
    """A colorizer without a network; subclasses say what ab they give.

    Attributes:
        name: in tables and on the command line.
        needs_reference: whether it takes colors from other photographs.
        needs_truth: whether it cheats.
    """

    name = ""
    needs_reference = False
    needs_truth = False

    def __init__(self, references: Sequence[Path] = (), *, size: tuple[int, int] = (256, 256)) -> None:
        self.head = RegressionHead()
        self.size = size
        self.refine = ()
        self.config = {"model": self.name}
        self.references = list(references)
        self._real_references = [os.path.realpath(path) for path in references]

    def prepare(self, lightness: np.ndarray, truth: np.ndarray | None = None, source: Path | None = None) -> np.ndarray:
        """Lightness `(H, W, 1)` -> ab `(h, w, 2)` of any size, here already, where threads have the time for it.

        Args:
            lightness: at full size.
            truth: the true picture, for those who cheat.
            source: the file it comes from, which is never its own reference.
        """
        raise NotImplementedError

    def resized(self, lightness: np.ndarray) -> np.ndarray:
        """Lightness `(H, W, 1)` -> `(*size, 1)`."""
        return np.clip(images.resize(lightness, self.size), 0, 100)

    def others(self, source: Path | None) -> np.ndarray:
        """Indices of the references that are not the photograph itself, all of them if it is the only one."""
        own = None if source is None else os.path.realpath(source)
        chosen = [index for index, path in enumerate(self._real_references) if path != own]
        return np.array(chosen or range(len(self.references)))

    def predict(self, inputs: np.ndarray, *, batch_size: int | None = None) -> list[tuple[np.ndarray, None]]:
        """One (ab, None) per input; there is no confidence."""
        return [(one * np.float32(self.head.vividness), None) for one in inputs]


class Gray(Baseline):
    """No color: ab = 0."""

    name = "gray"

    def prepare(self, lightness, truth=None, source=None):  # noqa: D102
        return np.zeros((1, 1, 2), np.float32)


class Mean(Baseline):
    """The mean ab of the reference photographs, the photograph itself left out, everywhere."""

    name = "mean"
    needs_reference = True

    def __init__(self, references: Sequence[Path] = (), **options) -> None:
        super().__init__(references, **options)
        with ThreadPoolExecutor() as pool:
            self.means = np.stack([lab[..., 1:].mean((0, 1)) for lab in pool.map(_small_lab, self.references)])

    def prepare(self, lightness, truth=None, source=None):  # noqa: D102
        return self.means[self.others(source)].mean(axis=0).reshape(1, 1, 2).astype(np.float32)


class Random(Baseline):
    """The chroma of one of the reference photographs, chosen by the lightness alone, so that reruns agree."""

    name = "random"
    needs_reference = True

    def prepare(self, lightness, truth=None, source=None):  # noqa: D102
        others = self.others(source)
        choice = others[zlib.crc32(np.ascontiguousarray(self.resized(lightness))) % len(others)]
        return color.rgb_to_lab(images.read_resized(self.references[choice], self.size))[..., 1:]


class Welsh(Baseline):
    """Color transfer: each pixel takes the chroma of the reference's sample most like it.

    Alike is a small 1/2 |L - L'| + 1/2 |s - s'|, s the standard deviation of L over 5x5 pixels, after the reference's
    L was given the photograph's mean and deviation. Samples lie on a jittered grid. Of several references, the one with
    the most similar lightness histogram is taken.

    Reference: Welsh, Ashikhmin, Mueller, "Transferring Color to Greyscale Images", 2002.
    """

    name = "welsh"
    needs_reference = True

    def __init__(self, references: Sequence[Path] = (), **options) -> None:
        super().__init__(references, **options)
        with ThreadPoolExecutor() as pool:
            self.histograms = np.stack([_histogram(lab[..., 0]) for lab in pool.map(_small_lab, self.references)])

    def prepare(self, lightness, truth=None, source=None):  # noqa: D102
        lightness = self.resized(lightness)[..., 0]
        others = self.others(source)
        best = others[np.abs(self.histograms[others] - _histogram(lightness)).sum(axis=1).argmin()]
        reference = color.rgb_to_lab(images.read_resized(self.references[best], self.size))
        matched = reference[..., 0]
        matched = (matched - matched.mean()) / max(matched.std(), 1e-6) * lightness.std() + lightness.mean()
        rows, columns = _jittered_grid(reference.shape[:2])
        samples = np.stack([matched[rows, columns], _deviation(matched)[rows, columns]], axis=1)
        pixels = np.stack([lightness, _deviation(lightness)], axis=-1).reshape(-1, 2)
        nearest = cKDTree(samples).query(pixels, p=1)[1]
        return reference[rows, columns, 1:][nearest].reshape(*lightness.shape, 2)


class OracleMean(Baseline):
    """The photograph's own mean ab, everywhere: the best that any flat tint can do."""

    name = "oracle_mean"
    needs_truth = True

    def prepare(self, lightness, truth=None, source=None):
        """The true picture `(H, W, 3)` -> its mean ab, `(1, 1, 2)`.

        Raises:
            InputError: there is no true picture.
        """
        if truth is None:
            raise InputError("oracle_mean needs photographs in color, or --truth FOLDER")
        return color.rgb_to_lab(truth)[..., 1:].mean(axis=(0, 1), keepdims=True)


def create_baseline(name: str, references: Sequence[Path]) -> Baseline:
    """Builds a baseline by name.

    Raises:
        InputError: it takes colors from reference photographs and there are none.
    """
    baseline = BASELINES.find(name)
    if not baseline.needs_reference:
        return baseline()
    drawn = np.random.default_rng(0).permutation(len(references))[:MOST_REFERENCES]
    in_color = survey.survey([references[index] for index in sorted(drawn)], workers=os.cpu_count() or 1).in_color
    if not in_color:
        raise InputError(f"{name} takes its colors from others: name photographs in color with --reference")
    return baseline(in_color)


def _small_lab(path: Path) -> np.ndarray:
    return color.rgb_to_lab(images.read_resized(path, (64, 64)))


def _histogram(lightness: np.ndarray) -> np.ndarray:
    counts, _ = np.histogram(lightness, bins=_BINS, range=(0, 100))
    return counts / lightness.size


def _deviation(lightness: np.ndarray) -> np.ndarray:
    mean, mean_square = uniform_filter(lightness, _WINDOW), uniform_filter(lightness * lightness, _WINDOW)
    return np.sqrt(np.maximum(mean_square - mean * mean, 0))


def _jittered_grid(size: tuple[int, int]) -> tuple[np.ndarray, np.ndarray]:
    """Rows and columns of one random position in each of 16x16 cells."""
    side = round(_SAMPLES**0.5)
    rng = np.random.default_rng(0)
    rows, columns = np.meshgrid(np.arange(side), np.arange(side), indexing="ij")
    jittered = [(np.array([r, c]) + rng.random(2)) / side * size for r, c in zip(rows.flat, columns.flat, strict=True)]
    return tuple(np.array(jittered).astype(int).T)
