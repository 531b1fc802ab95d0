"""Colorizers and photographs -> scores: each metric for each photograph, each model, and the baselines."""

import os
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

import keras
import numpy as np

from fusioncolor import bins, color, images, metrics
from fusioncolor.compose import finish
from fusioncolor.config import PLATES, EvaluateConfig
from fusioncolor.errors import InputError
from fusioncolor.evaluation import perceptual
from fusioncolor.evaluation.catalog import columns
from fusioncolor.evaluation.classifier import Classifier
from fusioncolor.evaluation.comparison import Comparison, Truth, density
from fusioncolor.evaluation.gallery import Gallery
from fusioncolor.evaluation.judges import Elsewhere
from fusioncolor.evaluation.photographs import at_protocol_size, survey
from fusioncolor.evaluation.scores import DRAWS, Scores
from fusioncolor.models import saving
from fusioncolor.models.baselines import MOST_REFERENCES
from fusioncolor.models.networks import inception
from fusioncolor.models.predictor import Chroma, Source
from fusioncolor.models.session import Session
from fusioncolor.registries import BASELINES
from fusioncolor.run_folder import RunFolder
from fusioncolor.runtime.reporting import SILENT, Reporter
from fusioncolor.runtime.workers import default_workers, overlapped
from fusioncolor.version import __version__

_RAREST = 1e-5  # lowest prior: rarer bins get no greater weight


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


class _Prior(NamedTuple):
    """Prior that rebalances AuC: probabilities of the color bins `(313,)`, and the photographs they come from."""

    probabilities: np.ndarray
    source: str


class Evaluator:
    """Judges colorizers on photographs, batch by batch: memory does not grow with their number.

    Attributes:
        config: the options.
        session: the loaded models, including the baselines.
        columns: pictures to judge for each photograph.
        paths: photographs in color.
        gallery: keeps the photographs to show.
    """

    def __init__(self, config: EvaluateConfig, found: Sequence[Path], *, reporter: Reporter = SILENT) -> None:
        """Surveys the photographs and loads the models.

        Args:
            config: the options.
            found: files of the photographs.
            reporter: receives progress.

        Raises:
            InputError: no photograph is in color, or a model cannot be loaded.
        """
        self.config = config
        self._reporter = reporter
        self._workers = config.workers or default_workers()
        self._lpips = Elsewhere(perceptual.Lpips, config.lpips, config.lpips_weights) if config.lpips else None
        self._fid = Elsewhere(perceptual.Fid, config.fid_weights) if config.fid else None
        self._one_at_a_time = threading.Lock()
        self._survey = survey(config, found, workers=self._workers, reporter=reporter)
        self.paths = self._survey.paths
        references = [found.path for found in images.find(config.reference)] or self.paths
        baselines = [name for name in BASELINES if name == "gray" or name in config.baselines]
        self.session = Session(_distinct([*config.models, *baselines]), config, references=references)
        self._saved = self.session.saved()
        self.columns = self.session.columns(self.session.titles, ", ".join(config.refine), refined=self._saved)
        self.gallery = Gallery([column.title for column in self.columns], config.examples)
        self._trained_on = self._count_trained_on()
        self._prior = self._choose_prior()
        self._bin_weights = 1 / np.maximum(self._prior.probabilities, _RAREST)
        self._classifier = self._load_classifier()

    def _count_trained_on(self) -> dict[str, int]:
        """Counts the photographs that each model was trained on, as far as its run folder is there; warns of them."""
        judged, counts = {os.path.realpath(path) for path in self.paths}, {}
        for index in self._saved:
            trained = RunFolder(saving.find_folder(self.session.names[index]).parent).read_part("train")
            count = len(judged & {os.path.realpath(path) for path in trained})
            if count:
                counts[self.session.titles[index]] = count
                self._reporter.warning(
                    f"{self.session.names[index]} was trained on {count} of these {len(judged)} photographs, so its "
                    "figures are too good: evaluate on the test.txt of its run, or on other photographs"
                )
        return counts

    def _load_classifier(self) -> Classifier | None:
        if not self.config.classifier:
            return None
        classifier = Classifier(self.config.classifier, self.paths)
        inside = any(self.session.predictors[index].has_extractor for index in self._saved)
        if classifier.network.name == inception.NAME and inside:
            raise InputError("InceptionV3 is part of the judged model: choose another `classifier`")
        return classifier

    def run(self) -> Scores:
        """Colorizes and measures all photographs.

        Raises:
            InputError: no photograph could be measured.
        """
        tally = Tally()
        for path, result in self._reporter.track(
            self._through(self.paths, self._measure), "evaluating", len(self.paths)
        ):
            tally.add(path, result)
            if isinstance(result, Measured):
                self.gallery.add(path, result.values, result.pictures)
        problems = [*self._survey.problems, *(tally.problems[path] for path in self.paths if path in tally.problems)]
        paths = [path for path in self.paths if path in tally.values]
        if not paths:
            raise InputError(f"no photograph could be evaluated; the first problem: {problems[0]}")
        names = tally.truth[paths[0]]
        return Scores(
            models=[column.title for column in self.columns],
            paths=paths,
            values=np.stack([tally.values[path] for path in paths], axis=1),
            truth={name: np.array([tally.truth[path][name] for path in paths]) for name in names},
            errors=tally.errors,
            densities=tally.densities,
            prior=self._prior.probabilities,
            protocol=self._protocol(len(paths), len(problems)),
            problems=problems,
            of_sets={"fid": np.array(self._fid.ask("values", len(self.columns)))} if self._fid else {},
            seed=self.config.seed,
        )

    def _through(self, paths: Sequence[Path], write: Callable) -> Iterator:
        """Reads and colorizes photographs; yields each path with the result of `write`, or its `InputError`."""
        size = min(self.config.batch_size, len(paths)) or 1

        def colorize(batch: list[Judged | None]) -> list[Predicted | None]:
            inputs = [None if one is None else one.inputs for one in batch]
            chroma = self.session.predict(inputs, batch_size=size)
            faded = [[]] * len(batch)
            if self.config.luma_sensitivity and self._saved:
                pale = [None if one is None else one.faded for one in batch]
                faded = self.session.predict(pale, batch_size=size, among=self._saved)
            return [None if one is None else Predicted(one, two) for one, two in zip(chroma, faded, strict=True)]

        batches = (paths[start : start + size] for start in range(0, len(paths), size))
        return overlapped(batches, self._read, colorize, write, workers=self._workers)

    def _read(self, path: Path) -> Judged:
        rgb = at_protocol_size(path, self.config)
        lab = color.rgb_to_lab(rgb)
        lightness = lab[..., :1]
        seen = color.filtered_lightness(rgb, PLATES[self.config.plates]) if self.config.plates else lightness
        faded = []
        if self.config.luma_sensitivity:
            pale = Source(seen.mean() + (seen - seen.mean()) / 2)
            faded = [self.session.predictors[index].prepare(pale) for index in self._saved]
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
            pictures=[judged.rgb, *pictures] if self.config.examples else [],
        )

    def _changes(self, predicted: Predicted) -> dict[int, float]:
        """Returns the mean change of chroma when the photograph is faded, by index of the saved colorizer."""
        if not predicted.faded:
            return {}
        return {
            index: float(metrics.chroma_error(predicted.chroma[index].ab, faded.ab).mean())
            for index, faded in zip(self._saved, predicted.faded, strict=True)
        }

    def _judge(self, judged: Judged, pictures: list[np.ndarray], rows: list[dict]) -> dict[str, float]:
        """Adds the judges' figures of each picture to its row; returns their figures of the truth."""
        every, of_truth = [judged.rgb, *pictures], {}
        figures = {}
        with self._one_at_a_time:
            if self._classifier:
                of_truth["accuracy"], *figures["accuracy"] = self._classifier.measure(judged.path, every)
            if self._lpips:
                _, *figures["lpips"] = self._lpips.ask("measure", every)
            if self._fid:
                self._fid.ask("add", every)
        for index, row in enumerate(rows):
            for name, values in figures.items():
                row[name] = values[index]
        return of_truth

    def _choose_prior(self) -> _Prior:
        for name, predictor in zip(self.session.titles, self.session.predictors, strict=True):
            if predictor.prior is not None:
                return _Prior(np.array(predictor.prior), f"the training set of {name}")
        return _Prior(bins.prior(self._survey.counts), "the judged photographs")

    def _protocol(self, count: int, failed: int) -> dict[str, str]:
        config = self.config
        size = "original size" if config.full_size else f"resized to {config.image_size}x{config.image_size}"
        references = ", ".join(str(path) for path in config.reference) or "the other judged photographs"
        drawn = f"; {config.limit} drawn at random with seed {config.seed}" if config.limit else ""
        described = {
            "photographs": f"{count} in color; left out: {self._survey.gray} without color, {failed} unreadable{drawn}",
            "folders": ", ".join(path.name or str(path) for path in config.photographs),
            "size": f"{'largest central square, ' if config.crop else ''}{size}",
            "judged": "8-bit sRGB pictures with the true lightness and the predicted chroma",
            "colors of mean, random, welsh": f"from {references}; at most {MOST_REFERENCES}, drawn at random",
            "prior of the rebalanced AuC": f"that of {self._prior.source}; at least {_RAREST:g}",
            "intervals": f"95 %, bootstrap over photographs, {DRAWS} draws, seed {config.seed}",
            "version": f"fusioncolor {__version__}, Keras {keras.__version__} on {keras.backend.backend()}, "
            f"{config.precision}",
        }
        for title, trained in self._trained_on.items():
            described[f"warning about {title}"] = f"it was trained on {trained} of these photographs"
        if config.plates:
            described["colorized from"] = f"the {config.plates} channel alone"
        if self._classifier:
            described["classifier"] = self._classifier.described
        if self._lpips:
            described["LPIPS"] = self._lpips.described
        if self._fid:
            described["FID"] = self._fid.ask("remark")
        for index in self._saved:
            described[f"model {self.session.titles[index]}"] = self.session.predictors[index].summary()
        return described


def _distinct(names: Sequence[str]) -> list[str]:
    """Returns names without duplicates of the same saved colorizer or baseline.

    The last of several duplicates decides the order, so baselines, which are always appended, come last.
    """
    distinct: dict[str, str] = {}
    for name in names:
        meant = name if name in BASELINES else os.path.realpath(name)
        distinct[meant] = distinct.pop(meant, name)
    return list(distinct.values())
