"""Photographs -> figures: each is read, colorized by every model, and compared with the truth, batch by batch."""

import os
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from fusioncolor import bins, color, metrics
from fusioncolor.compose import finish
from fusioncolor.config import PLATES, EvaluateConfig
from fusioncolor.errors import InputError
from fusioncolor.evaluation import perceptual
from fusioncolor.evaluation.catalog import columns
from fusioncolor.evaluation.comparison import Comparison, Truth, density
from fusioncolor.evaluation.judges import Elsewhere
from fusioncolor.evaluation.photographs import at_protocol_size
from fusioncolor.models.predictor import Chroma, Source
from fusioncolor.models.session import Session
from fusioncolor.registries import BASELINES
from fusioncolor.runtime import backend
from fusioncolor.runtime.reporting import SILENT, Reporter
from fusioncolor.runtime.workers import default_workers, overlapped

if TYPE_CHECKING:
    from fusioncolor.evaluation.classifier import Classifier

RAREST = 1e-5  # lowest prior: rarer bins get no greater weight


@dataclass(frozen=True)
class Judged:
    """A photograph to judge.

    Attributes:
        path: its file.
        rgb: the true picture, `(H, W, 3)` `uint8`, at the protocol's size.
        lightness: `(H, W, 1)` float32 in 0..100.
        lab: the truth in CIELAB, `(H, W, 3)` float32.
        inputs: prepared input of each predictor.
        faded: prepared inputs of the saved colorizers for the photograph at half its contrast; empty if not needed.
    """

    path: Path
    rgb: np.ndarray
    lightness: np.ndarray
    lab: np.ndarray
    inputs: list[np.ndarray]
    faded: list[np.ndarray]


@dataclass(frozen=True)
class Predicted:
    """Predictions for a photograph.

    Attributes:
        chroma: chroma by predictor.
        faded: chroma by saved colorizer for the photograph at half its contrast; empty if not needed.
    """

    chroma: list[Chroma]
    faded: list[Chroma]


@dataclass(frozen=True)
class Measured:
    """Figures of one photograph, for M columns of pictures.

    Attributes:
        values: `(M, K)` float32 for the K `catalog.columns`.
        truth: figures of the true picture by name.
        errors: `(M, 152)`, pixels by ab error.
        densities: `(M + 1, 110, 110)`, pixels by ab; the truth last.
        pictures: the true one and those of the M columns, `(H, W, 3)` `uint8`; empty where none are to be shown.
    """

    values: np.ndarray
    truth: dict[str, float]
    errors: np.ndarray
    densities: np.ndarray
    pictures: list[np.ndarray]


@dataclass
class Tally:
    """Figures of the photographs so far; those of pixels are sums, so that memory grows by a few figures for each.

    Attributes:
        values: `(M, K)` float32 by photograph, as in `Measured`.
        truth: figures of the true picture by name, by photograph.
        problems: what is wrong with a photograph that could not be measured, by photograph.
        errors: `(M, 152)`, pixels by ab error; 0 before the first photograph.
        densities: `(M + 1, 110, 110)`, pixels by ab; 0 before the first photograph.
    """

    values: dict[Path, np.ndarray] = field(default_factory=dict)
    truth: dict[Path, dict[str, float]] = field(default_factory=dict)
    problems: dict[Path, str] = field(default_factory=dict)
    errors: np.ndarray | int = 0
    densities: np.ndarray | int = 0

    def add(self, path: Path, result: Measured | InputError) -> None:
        """Adds a photograph, or the reason why it could not be measured."""
        if isinstance(result, InputError):
            self.problems[path] = str(result)
            return
        self.values[path], self.truth[path] = result.values, result.truth
        self.errors, self.densities = self.errors + result.errors, self.densities + result.densities

    def join(self, other: "Tally") -> None:
        """Adds the photographs of another tally."""
        for own, others in ((self.values, other.values), (self.truth, other.truth), (self.problems, other.problems)):
            own.update(others)
        self.errors, self.densities = self.errors + other.errors, self.densities + other.densities

    def __len__(self) -> int:
        return len(self.values) + len(self.problems)


class Prior(NamedTuple):
    """Prior that rebalances AuC: probabilities of the color bins `(313,)`, and the photographs they come from."""

    probabilities: np.ndarray
    source: str


class Judges(NamedTuple):
    """Judges of pictures that need no photograph to be loaded; None for those that are not wanted."""

    lpips: Elsewhere | None
    fid: Elsewhere | None

    @classmethod
    def load(cls, config: EvaluateConfig) -> "Judges":
        """Loads those in the options.

        Raises:
            InputError: one cannot be loaded.
        """
        lpips = Elsewhere(perceptual.Lpips, config.lpips, config.lpips_weights) if config.lpips else None
        return cls(lpips, Elsewhere(perceptual.Fid, config.fid_weights) if config.fid else None)


class Measurer:
    """Loaded models and judges, which measure any number of photographs.

    Attributes:
        session: the loaded models, including the baselines.
        columns: pictures to judge for each photograph.
        saved: indices of the saved colorizers among the models.
        prior: the prior that rebalances AuC.
        judges: judges of the pictures.
        classifier: None without.
    """

    def __init__(
        self,
        config: EvaluateConfig,
        judges: Judges,
        *,
        references: Sequence[Path],
        counts: np.ndarray,
        classes: Sequence[Path],
        reporter: Reporter = SILENT,
    ) -> None:
        """Loads the models and the classifier.

        Args:
            config: the options.
            judges: judges of the pictures.
            references: photographs that baselines take colors from.
            counts: pixels of the judged photographs by color bin, `(313,)`, for the prior if no model has one.
            classes: for a classifier, judged photographs of all classes.
            reporter: shows which model is being loaded.

        Raises:
            InputError: a model or the classifier cannot be loaded.
        """
        self._config = config
        self._workers = config.workers or default_workers()
        self._one_at_a_time = threading.Lock()
        self.judges = judges
        baselines = [name for name in BASELINES if name == "gray" or name in config.baselines]
        models = _distinct([*config.models, *baselines])
        self.session = Session(models, config, references=references, reporter=reporter)
        self.saved = self.session.saved()
        self.columns = self.session.columns(self.session.titles, ", ".join(config.refine), refined=self.saved)
        self.prior = self._choose_prior(counts)
        self._bin_weights = 1 / np.maximum(self.prior.probabilities, RAREST)
        self.classifier = self._load_classifier(classes)

    def _choose_prior(self, counts: np.ndarray) -> Prior:
        for name, predictor in zip(self.session.titles, self.session.predictors, strict=True):
            if predictor.prior is not None:
                return Prior(np.array(predictor.prior), f"the training set of {name}")
        return Prior(bins.prior(counts), "the judged photographs")

    def _load_classifier(self, classes: Sequence[Path]) -> "Classifier | None":
        if not self._config.classifier:
            return None
        backend.import_quietly()
        from fusioncolor.evaluation.classifier import Classifier
        from fusioncolor.models.networks import inception

        classifier = Classifier(self._config.classifier, classes)
        inside = any(self.session.predictors[index].has_extractor for index in self.saved)
        if classifier.network.name == inception.NAME and inside:
            raise InputError("InceptionV3 is part of the judged model: choose another `classifier`")
        return classifier

    def measured(self, paths: Sequence[Path], *, batch_size: int) -> Iterator[tuple[Path, Measured | InputError]]:
        """Reads, colorizes and measures photographs.

        Args:
            paths: the photographs.
            batch_size: number of photographs in a batch, to which each is padded: the same for all of an evaluation.

        Yields:
            Each photograph with its figures, or with the reason why it has none.
        """
        batches = (paths[start : start + batch_size] for start in range(0, len(paths), batch_size))
        return overlapped(
            batches, self._read, partial(self._colorize, batch_size), self._measure, workers=self._workers
        )

    def _colorize(self, batch_size: int, batch: list[Judged | None]) -> list[Predicted | None]:
        inputs = [None if one is None else one.inputs for one in batch]
        chroma = self.session.predict(inputs, batch_size=batch_size)
        faded = [[]] * len(batch)
        if self._config.luma_sensitivity and self.saved:
            pale = [None if one is None else one.faded for one in batch]
            faded = self.session.predict(pale, batch_size=batch_size, among=self.saved)
        return [None if one is None else Predicted(one, two) for one, two in zip(chroma, faded, strict=True)]

    def _read(self, path: Path) -> Judged:
        rgb = at_protocol_size(path, self._config)
        lab = color.rgb_to_lab(rgb)
        lightness = lab[..., :1]
        seen = color.filtered_lightness(rgb, PLATES[self._config.plates]) if self._config.plates else lightness
        faded = []
        if self._config.luma_sensitivity:
            pale = Source(seen.mean() + (seen - seen.mean()) / 2)
            faded = [self.session.predictors[index].prepare(pale) for index in self.saved]
        return Judged(path, rgb, lightness, lab, self.session.prepare(Source(seen, rgb, path)), faded)

    def _finished(self, judged: Judged, predicted: Predicted) -> list[np.ndarray]:
        """Returns the picture of each column."""
        chosen = [(predicted.chroma[column.predictor], column.refine) for column in self.columns]
        return [finish(judged.lightness, chroma.ab, chroma.confidence, refine) for chroma, refine in chosen]

    def _measure(self, judged: Judged, predicted: Predicted) -> Measured:
        truth = Truth.of(judged.rgb, judged.lab, self._bin_weights)
        pictures = self._finished(judged, predicted)
        compared = [Comparison.of(picture, truth) for picture in pictures]
        rows = [{name: measure(one) for name, measure in columns().items()} for one in compared]
        changes = self._changes(predicted)
        for row, column in zip(rows, self.columns, strict=True):
            row["luma_sensitivity"] = np.nan if column.refine else changes.get(column.predictor, np.nan)
        of_truth = {"colorfulness": truth.colorfulness} | self._judge(judged, pictures, rows)
        return Measured(
            values=np.array([list(row.values()) for row in rows], np.float32),
            truth=of_truth,
            errors=np.stack([metrics.error_counts(one.error) for one in compared]),
            densities=np.stack([density(lab[..., 1:]) for lab in [*(one.lab for one in compared), truth.lab]]),
            pictures=[judged.rgb, *pictures] if self._config.examples else [],
        )

    def _changes(self, predicted: Predicted) -> dict[int, float]:
        """Returns the mean change of chroma when the photograph is faded, by index of the saved colorizer."""
        if not predicted.faded:
            return {}
        return {
            index: float(metrics.chroma_error(predicted.chroma[index].ab, faded.ab).mean())
            for index, faded in zip(self.saved, predicted.faded, strict=True)
        }

    def _judge(self, judged: Judged, pictures: list[np.ndarray], rows: list[dict]) -> dict[str, float]:
        """Adds the judges' figures of each picture to its row; returns their figures of the truth."""
        every, of_truth = [judged.rgb, *pictures], {}
        figures = {}
        with self._one_at_a_time:
            if self.classifier:
                of_truth["accuracy"], *figures["accuracy"] = self.classifier.measure(judged.path, every)
            if self.judges.lpips:
                _, *figures["lpips"] = self.judges.lpips.ask("measure", every)
            if self.judges.fid:
                self.judges.fid.ask("add", every)
        for index, row in enumerate(rows):
            for name, values in figures.items():
                row[name] = values[index]
        return of_truth


def _distinct(names: Sequence[str]) -> list[str]:
    """Returns names without duplicates of the same saved colorizer or baseline.

    The last of several duplicates decides the order, so baselines, which are always appended, come last.
    """
    distinct: dict[str, str] = {}
    for name in names:
        meant = name if name in BASELINES else os.path.realpath(name)
        distinct[meant] = distinct.pop(meant, name)
    return list(distinct.values())
