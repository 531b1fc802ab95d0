"""Baselines: predictors without a network, which a learned colorizer has to beat.

They give no color, one flat color, the colors of another photograph or, as the upper bound for any flat tint, the
photograph's own mean color.
"""

import os
import zlib
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np

from fusioncolor import color, images
from fusioncolor.data import survey
from fusioncolor.errors import InputError
from fusioncolor.models.predictor import Chroma, Source
from fusioncolor.registries import BASELINES

MOST_REFERENCES = 1000  # photographs drawn from the references; more hardly change a mean or a best match
_SAMPLES = 256  # pixels taken from the reference, on a jittered grid (Welsh et al. use about 200)
_WINDOW = 5  # side in pixels of the neighborhood whose standard deviation is compared
_BINS = 32  # bins of the lightness histogram


class Baseline:
    """A predictor without a network; subclasses define `chroma`.

    Attributes:
        name: name in tables and on the command line.
        needs_reference: whether it takes colors from other photographs.
        needs_truth: whether it looks at the true picture.
        references: photographs in color.
        size: (height, width) at which it sees a photograph.
        vividness: factor on the chroma.
    """

    name = ""
    needs_reference = False
    needs_truth = False
    gives_confidence = False
    prior = None

    def __init__(
        self, references: Sequence[Path] = (), *, vividness: float = 1.0, size: tuple[int, int] = (256, 256)
    ) -> None:
        self.references = list(references)
        self.vividness = vividness
        self.size = size
        self._real_references = [os.path.realpath(path) for path in references]

    def chroma(self, source: Source) -> np.ndarray:
        """Returns ab `(h, w, 2)` of any size for a photograph.

        Raises:
            InputError: the photograph lacks something that the baseline needs.
        """
        raise NotImplementedError

    def prepare(self, source: Source) -> np.ndarray:
        """Computes the chroma, `(h, w, 2)`, in the threads that read photographs, as it needs time but no network."""
        return self.chroma(source) * np.float32(self.vividness)

    def predict(self, inputs: np.ndarray, *, batch_size: int | None = None) -> list[Chroma]:
        """Returns the chroma that `prepare` computed for each input."""
        return [Chroma(ab) for ab in inputs]

    def summary(self) -> str:
        """Returns the name."""
        return self.name

    def resized(self, lightness: np.ndarray) -> np.ndarray:
        """Resizes lightness `(H, W, 1)` to `(*size, 1)`."""
        return np.clip(images.resize(lightness, self.size), 0, 100)

    def others(self, path: Path | None) -> np.ndarray:
        """Returns the indices of all references except the photograph itself; all if there is no other."""
        own = None if path is None else os.path.realpath(path)
        chosen = [index for index, reference in enumerate(self._real_references) if reference != own]
        return np.array(chosen or range(len(self.references)))


class Gray(Baseline):
    """No color: ab = 0."""

    name = "gray"

    def chroma(self, source):  # noqa: D102
        return np.zeros((1, 1, 2), np.float32)


class Mean(Baseline):
    """The mean ab of the reference photographs, except the photograph itself, at every pixel."""

    name = "mean"
    needs_reference = True

    def __init__(self, references: Sequence[Path] = (), **options) -> None:
        super().__init__(references, **options)
        with ThreadPoolExecutor() as pool:
            self.means = np.stack([lab[..., 1:].mean((0, 1)) for lab in pool.map(_small_lab, self.references)])

    def chroma(self, source):  # noqa: D102
        return self.means[self.others(source.path)].mean(axis=0).reshape(1, 1, 2).astype(np.float32)


class Random(Baseline):
    """The chroma of one reference photograph, chosen by a hash of the lightness, so that reruns agree."""

    name = "random"
    needs_reference = True

    def chroma(self, source):  # noqa: D102
        others = self.others(source.path)
        choice = others[zlib.crc32(np.ascontiguousarray(self.resized(source.lightness))) % len(others)]
        return color.rgb_to_lab(images.read_resized(self.references[choice], self.size))[..., 1:]


class Welsh(Baseline):
    """Color transfer: each pixel takes the chroma of the most similar sample of a reference photograph.

    The distance is 1/2 |L - L'| + 1/2 |s - s'|, where s is the standard deviation of L over 5x5 pixels and the
    reference's L is first matched to the photograph's mean and standard deviation. Samples lie on a jittered grid. Of
    several references, the one with the most similar lightness histogram is used.

    Reference: Welsh, Ashikhmin, Mueller, "Transferring Color to Greyscale Images", 2002.
    """

    name = "welsh"
    needs_reference = True

    def __init__(self, references: Sequence[Path] = (), **options) -> None:
        super().__init__(references, **options)
        with ThreadPoolExecutor() as pool:
            self.histograms = np.stack([_histogram(lab[..., 0]) for lab in pool.map(_small_lab, self.references)])

    def chroma(self, source):  # noqa: D102
        from scipy.spatial import cKDTree

        lightness = self.resized(source.lightness)[..., 0]
        others = self.others(source.path)
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
    """The photograph's own mean ab at every pixel: the best possible flat tint."""

    name = "oracle_mean"
    needs_truth = True

    def chroma(self, source):
        """Returns the mean ab of the true picture, `(1, 1, 2)`.

        Raises:
            InputError: the true picture is not known.
        """
        if source.truth is None:
            raise InputError(
                "oracle_mean needs the true colors: give photographs in color, or their originals with `truth`"
            )
        return color.rgb_to_lab(source.truth)[..., 1:].mean(axis=(0, 1), keepdims=True)


def create_baseline(name: str, references: Sequence[Path] = (), *, vividness: float = 1.0) -> Baseline:
    """Builds a baseline by name.

    Args:
        name: a name in `BASELINES`.
        references: photographs that it may take colors from.
        vividness: factor on the chroma.

    Raises:
        InputError: there is no such baseline, or it needs reference photographs and there are none in color.
    """
    baseline = BASELINES.find(name)
    if not baseline.needs_reference:
        return baseline(vividness=vividness)
    in_color = survey.survey(draw(references), workers=os.cpu_count() or 1).in_color
    if not in_color:
        raise InputError(f"{name} takes its colors from other photographs: name some in color with `reference`")
    return baseline(in_color, vividness=vividness)


def draw(references: Sequence[Path]) -> list[Path]:
    """Draws at most `MOST_REFERENCES` of the photographs, in their order, and always the same."""
    drawn = np.random.default_rng(0).permutation(len(references))[:MOST_REFERENCES]
    return [references[index] for index in sorted(drawn)]


def _small_lab(path: Path) -> np.ndarray:
    return color.rgb_to_lab(images.read_resized(path, (64, 64)))


def _histogram(lightness: np.ndarray) -> np.ndarray:
    counts, _ = np.histogram(lightness, bins=_BINS, range=(0, 100))
    return counts / lightness.size


def _deviation(lightness: np.ndarray) -> np.ndarray:
    from scipy.ndimage import uniform_filter

    mean, mean_square = uniform_filter(lightness, _WINDOW), uniform_filter(lightness * lightness, _WINDOW)
    return np.sqrt(np.maximum(mean_square - mean * mean, 0))


def _jittered_grid(size: tuple[int, int]) -> tuple[np.ndarray, np.ndarray]:
    """Returns row and column indices of one random pixel in each of 16x16 cells."""
    side = round(_SAMPLES**0.5)
    rng = np.random.default_rng(0)
    rows, columns = np.meshgrid(np.arange(side), np.arange(side), indexing="ij")
    jittered = [(np.array([r, c]) + rng.random(2)) / side * size for r, c in zip(rows.flat, columns.flat, strict=True)]
    return tuple(np.array(jittered).astype(int).T)
