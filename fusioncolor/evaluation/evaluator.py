"""Colorizers x photographs -> scores: every metric of every photograph, baselines beside every model."""

import os
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import keras
import numpy as np

from fusioncolor import bins, color, images, metrics
from fusioncolor.compose import finish
from fusioncolor.config import EvaluateConfig
from fusioncolor.errors import InputError
from fusioncolor.evaluation import perceptual
from fusioncolor.evaluation.catalog import columns
from fusioncolor.evaluation.classifier import Classifier
from fusioncolor.evaluation.comparison import Comparison, Truth, density
from fusioncolor.evaluation.judges import Elsewhere
from fusioncolor.evaluation.scores import DRAWS, Scores
from fusioncolor.models.baselines import MOST_REFERENCES
from fusioncolor.models.networks import inception
from fusioncolor.models.predictor import Chroma, Source
from fusioncolor.models.session import Session
from fusioncolor.registries import BASELINES
from fusioncolor.runtime.reporting import SILENT, Reporter
from fusioncolor.runtime.workers import default_workers, overlapped
from fusioncolor.version import __version__

_RAREST = 1e-5  # prior of a bin below which it counts no more
_THUMBNAIL = (64, 64)  # enough to tell gray from color and to count bins


@dataclass(frozen=True)
class Survey:
    """A first look at all photographs.

    Attributes:
        paths: those in color.
        counts: pixels by color bin in those, `(313,)`.
        problems: a sentence for each unreadable file.
        gray: number of photographs without color.
    """

    paths: list[Path]
    counts: np.ndarray
    problems: list[str]
    gray: int


@dataclass(frozen=True)
class Judged:
    """A photograph to judge on.

    Attributes:
        path: its file.
        rgb: the true picture, `(H, W, 3)` `uint8`, at the protocol's size.
        lightness: `(H, W, 1)` float32 in 0..100.
        lab: the truth in CIELAB, `(H, W, 3)` float32.
        inputs: one for each predictor, as it prepares them.
        faded: inputs of the saved colorizers for the photograph at half its contrast; empty unless they are wanted.
    """

    path: Path
    rgb: np.ndarray
    lightness: np.ndarray
    lab: np.ndarray
    inputs: list[np.ndarray]
    faded: list[np.ndarray]


@dataclass(frozen=True)
class Predicted:
    """Predictions for a photograph: chroma by predictor, and by saved colorizer for the faded one."""

    chroma: list[Chroma]
    faded: list[Chroma]


@dataclass(frozen=True)
class Measured:
    """Figures of one photograph; M columns of pictures.

    Attributes:
        values: `(M, K)` float32, K the metrics' columns.
        truth: figures of the true picture.
        errors: `(M, 152)` pixels by ab error.
        densities: `(M + 1, 110, 110)` pixels by ab; the last is the truth's.
    """

    values: np.ndarray
    truth: dict[str, float]
    errors: np.ndarray
    densities: np.ndarray


class Evaluator:
    """Judges colorizers on photographs, one batch at a time: memory does not grow with their number.

    Attributes:
        config: the options.
        session: the loaded models, baselines among them.
        columns: pictures that are judged of every photograph.
        paths: photographs in color.
    """

    def __init__(self, config: EvaluateConfig, found: Sequence[Path], *, reporter: Reporter = SILENT) -> None:
        """Looks at all photographs that were found and loads the models.

        Args:
            config: the options.
            found: files.
            reporter: gets progress.

        Raises:
            InputError: there is nothing to judge on, or a model cannot be loaded.
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
        self.session = Session(_distinct([*config.models, *BASELINES]), config, references=references)
        self._saved = self.session.saved()
        self.columns = self.session.columns(self.session.titles, ", ".join(config.refine), refined=self._saved)
        self.prior, self._prior_source = self._choose_prior()
        self._pixel_weights = 1 / np.maximum(self.prior, _RAREST)
        self._classifier = self._load_classifier()

    def _load_classifier(self) -> Classifier | None:
        if not self.config.classifier:
            return None
        classifier = Classifier(self.config.classifier, self.paths)
        inside = {layer.name for index in self._saved for layer in self.session.predictors[index].network.layers}
        if classifier.network.name == inception.NAME and inception.NAME in inside:
            raise InputError("InceptionV3 is a part of the judged model: choose another `classifier`")
        return classifier

    def run(self) -> Scores:
        """Colorizes and measures every photograph.

        Raises:
            InputError: none of them could be measured.
        """
        results: dict[Path, Measured] = {}
        problems = list(self._survey.problems)
        errors = densities = 0
        for path, result in self._reporter.track(
            self._through(self.paths, self._measure), "evaluating", len(self.paths)
        ):
            if isinstance(result, InputError):
                problems.append(str(result))
            else:
                results[path] = result
                errors, densities = errors + result.errors, densities + result.densities
        if not results:
            raise InputError("no photograph could be evaluated; the first problem: " + problems[0])
        paths = [path for path in self.paths if path in results]
        names = results[paths[0]].truth
        return Scores(
            models=[column.title for column in self.columns],
            paths=paths,
            values=np.stack([results[path].values for path in paths], axis=1),
            truth={name: np.array([results[path].truth[name] for path in paths]) for name in names},
            errors=errors,
            densities=densities,
            prior=self.prior,
            protocol=self._protocol(len(paths), len(problems)),
            problems=problems,
            of_sets={"fid": np.array(self._fid.ask("values", len(self.columns)))} if self._fid else {},
            seed=self.config.seed,
        )

    def pictures(self, paths: Sequence[Path]) -> Iterator[tuple[Path, list[np.ndarray]]]:
        """Colorizes a few photographs again: yields each with its pictures, the truth's first, then one per column."""
        answers = self._through(paths, lambda judged, predicted: [judged.rgb, *self._finished(judged, predicted)])
        for path, result in self._reporter.track(answers, "examples", len(paths)):
            if not isinstance(result, InputError):
                yield path, result

    def _through(self, paths: Sequence[Path], write: Callable) -> Iterator:
        """Reads photographs, colorizes them with every model (and once more faded), and gives them to `write`."""
        size = min(self.config.batch_size, len(paths)) or 1

        def colorize(batch: list[Judged | None]) -> list[Predicted | None]:
            chroma = self.session.predict([one and one.inputs for one in batch], batch_size=size)
            faded = [[]] * len(batch)
            if self.config.luma_sensitivity and self._saved:
                pale = [one and one.faded for one in batch]
                faded = self.session.predict(pale, batch_size=size, among=self._saved)
            return [one and Predicted(one, two) for one, two in zip(chroma, faded, strict=True)]

        batches = (paths[start : start + size] for start in range(0, len(paths), size))
        return overlapped(batches, self._read, colorize, write, workers=self._workers)

    def _read(self, path: Path) -> Judged:
        rgb = _at_protocol_size(path, self.config)
        lab = color.rgb_to_lab(rgb)
        lightness = lab[..., :1]
        faded = []
        if self.config.luma_sensitivity:
            pale = Source(lightness.mean() + (lightness - lightness.mean()) / 2)
            faded = [self.session.predictors[index].prepare(pale) for index in self._saved]
        return Judged(path, rgb, lightness, lab, self.session.prepare(Source(lightness, rgb, path)), faded)

    def _finished(self, judged: Judged, predicted: Predicted) -> list[np.ndarray]:
        """Makes the picture of every column."""
        return [finish(judged.lightness, *predicted.chroma[column.predictor], column.refine) for column in self.columns]

    def _measure(self, judged: Judged, predicted: Predicted) -> Measured:
        truth = Truth.of(judged.rgb, judged.lab, self._pixel_weights)
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
        )

    def _changes(self, predicted: Predicted) -> dict[int, float]:
        """Returns the mean change of chroma when the photograph is faded, by saved colorizer."""
        if not predicted.faded:
            return {}
        return {
            index: float(metrics.chroma_error(predicted.chroma[index].ab, faded.ab).mean())
            for index, faded in zip(self._saved, predicted.faded, strict=True)
        }

    def _judge(self, judged: Judged, pictures: list[np.ndarray], rows: list[dict]) -> dict[str, float]:
        """Adds the judges' figure of each picture to its row; returns their figures of the truth."""
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

    def _choose_prior(self) -> tuple[np.ndarray, str]:
        """Returns the prior by which AuC is rebalanced, and where it comes from."""
        for name, predictor in zip(self.session.titles, self.session.predictors, strict=True):
            if predictor.prior is not None:
                return np.array(predictor.prior), f"the training set of {name}"
        return bins.prior(self._survey.counts), "the judged photographs"

    def _protocol(self, count: int, failed: int) -> dict[str, str]:
        config = self.config
        size = "each at its own size" if config.full_size else f"resized to {config.image_size}x{config.image_size}"
        references = ", ".join(str(path) for path in config.reference) or "the judged ones, never a photograph its own"
        drawn = f", {config.limit} drawn of all with seed {config.seed}" if config.limit else ""
        described = {
            "photographs": f"{count} in color; left out: {self._survey.gray} without color, {failed} unreadable{drawn}",
            "folders": ", ".join(path.name or str(path) for path in config.photographs),
            "size": f"{'the largest central square, ' if config.crop else ''}{size}",
            "judged": "8-bit sRGB pictures, made of the truth's lightness and the predicted chroma",
            "colors of mean, random, welsh": f"of {references}; at most {MOST_REFERENCES}, drawn",
            "prior of the rebalanced AuC": f"that of {self._prior_source}",
            "intervals": f"95 %, bootstrap over photographs, {DRAWS} draws, seed {config.seed}",
            "version": f"fusioncolor {__version__}, Keras {keras.__version__} on {keras.backend.backend()}, "
            f"{config.precision}",
        }
        if self._classifier:
            described["classifier"] = self._classifier.described
        if self._lpips:
            described["LPIPS"] = self._lpips.described
        if self._fid:
            described["FID"] = self._fid.ask("remark")
        for index in self._saved:
            described[f"model {self.session.titles[index]}"] = self.session.predictors[index].summary()
        return described


def survey(config: EvaluateConfig, found: Sequence[Path], *, workers: int, reporter: Reporter = SILENT) -> Survey:
    """Looks at every photograph once, small.

    Raises:
        InputError: no photograph in color is there.
    """
    found = list(dict.fromkeys(found))
    if config.limit and config.limit < len(found):
        chosen = np.random.default_rng([config.seed, 3]).choice(len(found), config.limit, replace=False)
        found = [found[index] for index in sorted(chosen)]

    def look(path: Path) -> np.ndarray | str | None:
        try:
            rgb = images.resize(_at_protocol_size(path, config), _THUMBNAIL) if config.crop else _thumbnail(path)
        except InputError as error:
            return str(error)
        return None if images.is_gray(rgb) else bins.count_bins(color.rgb_to_lab(rgb)[..., 1:])

    with ThreadPoolExecutor(workers) as pool:
        looks = list(reporter.track(pool.map(look, found), "looking at photographs", len(found)))
    counts = [seen for seen in looks if isinstance(seen, np.ndarray)]
    problems = [seen for seen in looks if isinstance(seen, str)]
    gray = sum(seen is None for seen in looks)
    if not counts:
        raise InputError(
            f"no photograph in color to judge on: {gray} without color, {len(problems)} unreadable"
            + (f" ({problems[0]})" if problems else "")
        )
    paths = [path for path, seen in zip(found, looks, strict=True) if isinstance(seen, np.ndarray)]
    return Survey(paths, sum(counts), problems, gray)


def _thumbnail(path: Path) -> np.ndarray:
    return images.read_resized(path, _THUMBNAIL)


def _distinct(names: Sequence[str]) -> list[str]:
    """Returns names without those that mean the same saved colorizer or baseline again, in the order of the last ones.

    So baselines, which are always appended, come last.
    """
    distinct: dict[str, str] = {}
    for name in names:
        meant = name if name in BASELINES else os.path.realpath(name)
        distinct[meant] = distinct.pop(meant, name)
    return list(distinct.values())


def _at_protocol_size(path: Path, config: EvaluateConfig) -> np.ndarray:
    """Reads a photograph `(H, W, 3)` `uint8`, cropped and resized as the options say."""
    size = (config.image_size, config.image_size)
    if not config.crop and not config.full_size:
        return images.read_resized(path, size)
    rgb = images.to_bytes(images.read(path).rgb)
    if config.crop:
        side = min(rgb.shape[:2])
        top, left = (rgb.shape[0] - side) // 2, (rgb.shape[1] - side) // 2
        rgb = rgb[top : top + side, left : left + side]
    return rgb if config.full_size else images.resize(rgb, size)
