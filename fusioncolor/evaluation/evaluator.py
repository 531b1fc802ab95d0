"""Colorizers x photographs -> scores: every metric of every photograph, null models beside every model."""

import os
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import keras
import numpy as np

from fusioncolor import bins, color, images, metrics
from fusioncolor.compose import Refinement, finish
from fusioncolor.config import EvaluateConfig
from fusioncolor.errors import InputError
from fusioncolor.evaluation import judges, perceptual
from fusioncolor.evaluation.catalog import COLUMNS
from fusioncolor.evaluation.classifier import Classifier
from fusioncolor.evaluation.comparison import Truth, density
from fusioncolor.evaluation.scores import DRAWS, Scores
from fusioncolor.models import session
from fusioncolor.models.baselines import MOST_REFERENCES
from fusioncolor.models.colorizer import Colorizer
from fusioncolor.models.networks import inception
from fusioncolor.registries import BASELINES, REFINEMENTS
from fusioncolor.runtime.precision import precision
from fusioncolor.runtime.progress import bar
from fusioncolor.runtime.workers import default_workers, overlapped
from fusioncolor.version import __version__

_RAREST = 1e-5  # prior of a bin below which it counts no more
_THUMBNAIL = (64, 64)  # enough to tell gray from color and to count bins


@dataclass(frozen=True)
class Entry:
    """A row of the tables: a colorizer by its index among those loaded, and what is done to its chroma."""

    title: str
    colorizer: int
    refine: tuple[Refinement, ...] = ()


@dataclass(frozen=True)
class Judged:
    """A photograph to judge on: what of the truth all models are compared with, and what each is given."""

    path: Path
    rgb: np.ndarray
    lightness: np.ndarray
    lab: np.ndarray
    inputs: list[np.ndarray]
    faded: list[np.ndarray | None]


class Evaluator:
    """Judges colorizers on photographs, one batch at a time: memory does not grow with their number."""

    def __init__(self, config: EvaluateConfig, found: Sequence[Path]) -> None:
        """Looks at all photographs that were found and loads the models.

        Raises:
            InputError: there is nothing to judge on, or a model cannot be loaded.
        """
        self.config = config
        self.workers = config.workers or default_workers()
        self.lpips = judges.Elsewhere(perceptual.Lpips, config.lpips, config.lpips_weights) if config.lpips else None
        self.fid = judges.Elsewhere(perceptual.Fid, config.fid_weights) if config.fid else None
        self._one_at_a_time = threading.Lock()
        self.paths, counts, self.problems, self.gray = _survey(config, found, self.workers)
        references = [path for path, _ in images.find(config.reference)] or self.paths
        names = _distinct([*config.models, *BASELINES])
        options = {option: getattr(config, option) for option in ("vividness", "decode", "temperature", "seed")}
        with precision(config.precision):
            loaded = [session.load(name, references, **(options if name not in BASELINES else {})) for name in names]
        self.colorizers: list[Colorizer] = loaded
        self.saved = [name not in BASELINES for name in names]
        refine = tuple(REFINEMENTS[name] for name in config.refine)
        for name, colorizer, saved in zip(names, loaded, self.saved, strict=True):
            if saved:
                session.check_refinements(name, colorizer, config.refine)
        self.entries = [Entry(title, index) for index, title in enumerate(titles_of(names))]
        if refine:
            change = ", ".join(config.refine)
            refined = [
                Entry(f"{entry.title}, {change}", entry.colorizer, refine)
                for entry, saved in zip(self.entries, self.saved, strict=True)
                if saved
            ]
            self.entries = sorted([*self.entries, *refined], key=lambda entry: entry.colorizer)
        self.prior, self.prior_source = self._choose_prior(counts, names)
        self._pixel_weights = 1 / np.maximum(self.prior, _RAREST)
        self.classifier = self._load_classifier()

    def _load_classifier(self) -> Classifier | None:
        if not self.config.classifier:
            return None
        classifier = Classifier(self.config.classifier, self.paths)
        extractors_inside = [
            layer.name
            for colorizer, saved in zip(self.colorizers, self.saved, strict=True)
            if saved
            for layer in colorizer.network.layers
            if layer.name == inception.NAME
        ]
        if extractors_inside and classifier.network.name == inception.NAME:
            raise InputError("InceptionV3 is a part of the judged model: choose another --classifier")
        return classifier

    def run(self) -> Scores:
        """Colorizes and measures every photograph, with a progress bar."""
        results, problems = {}, list(self.problems)
        errors = densities = 0
        for path, result in bar("evaluating", len(self.paths))(self._through(self.paths, self._measure)):
            if isinstance(result, InputError):
                problems.append(str(result))
                continue
            values, truth, error, density = result
            results[path] = values, truth
            errors, densities = errors + error, densities + density
        if not results:
            raise InputError("no photograph could be evaluated; see what is wrong with the first: " + problems[0])
        paths = [path for path in self.paths if path in results]
        return Scores(
            models=[entry.title for entry in self.entries],
            paths=paths,
            values=np.stack([results[path][0] for path in paths], axis=1),
            truth={name: np.array([results[path][1][name] for path in paths]) for name in results[paths[0]][1]},
            errors=errors,
            densities=densities,
            prior=self.prior,
            protocol=self._protocol(len(paths), len(problems)),
            problems=problems,
            of_sets={"fid": np.array(self.fid.ask("values", len(self.entries)))} if self.fid else {},
            seed=self.config.seed,
        )

    def pictures(self, paths: Sequence[Path]) -> Iterator[tuple[Path, list[np.ndarray]]]:
        """Colorizes a few photographs again: yields each with its pictures, the truth's first, in the models' order."""
        answers = self._through(paths, lambda judged, answer: [judged.rgb, *self._finished(judged, answer[0])])
        for path, result in bar("examples", len(paths))(answers):
            if not isinstance(result, InputError):
                yield path, result

    def _through(self, paths: Sequence[Path], write: Callable) -> Iterator:
        """Photographs read, colorized by every model (and once more faded), and given to `write`."""
        size = min(self.config.batch_size, len(paths)) or 1

        def colorize(batch: list[Judged | None]) -> list[tuple]:
            answers = session.predict_all(self.colorizers, [one and one.inputs for one in batch], size)
            faded = [()] * len(batch)
            if self.config.luma_sensitivity and any(self.saved):
                chosen = [colorizer for colorizer, saved in zip(self.colorizers, self.saved, strict=True) if saved]
                faded = session.predict_all(chosen, [one and one.faded for one in batch], size)
            return list(zip(answers, faded, strict=True))

        batches = (paths[start : start + size] for start in range(0, len(paths), size))
        return overlapped(batches, self._read, colorize, write, workers=self.workers)

    def _read(self, path: Path) -> Judged:
        rgb = _at_protocol_size(path, self.config)
        lab = color.rgb_to_lab(rgb)
        lightness = lab[..., :1]
        faded = []
        if self.config.luma_sensitivity:
            pale = lightness.mean() + (lightness - lightness.mean()) / 2
            faded = [one.prepare(pale) for one, saved in zip(self.colorizers, self.saved, strict=True) if saved]
        inputs = [colorizer.prepare(lightness, rgb, path) for colorizer in self.colorizers]
        return Judged(path, rgb, lightness, lab, inputs, faded)

    def _finished(self, judged: Judged, answers: Sequence[tuple]) -> list[np.ndarray]:
        """The picture of every entry."""
        return [finish(judged.lightness, *answers[entry.colorizer], entry.refine) for entry in self.entries]

    def _measure(self, judged: Judged, answer: tuple[tuple, tuple]) -> tuple:
        """All columns of all entries `(M, K)`, figures of the truth, and what is summed over photographs."""
        answers, faded = answer
        truth = Truth.of(judged.rgb, judged.lab, self._pixel_weights)
        rows, errors, densities = [], [], []
        pictures = self._finished(judged, answers)
        for picture in pictures:
            lab = color.rgb_to_lab(picture)
            error = metrics.chroma_error(lab[..., 1:], truth.lab[..., 1:])
            rows.append(truth.measure(picture, lab, error))
            errors.append(metrics.error_counts(error))
            densities.append(density(lab[..., 1:]))
        changes = iter(faded)
        by_colorizer = [
            float(metrics.chroma_error(answers[index][0], next(changes)[0]).mean()) if saved and faded else np.nan
            for index, saved in enumerate(self.saved)
        ]
        for row, entry in zip(rows, self.entries, strict=True):
            row["luma_sensitivity"] = np.nan if entry.refine else by_colorizer[entry.colorizer]
        of_truth = {"colorfulness": truth.colorfulness} | self._judge(judged, pictures, rows)
        values = np.array([[row[column] for column in COLUMNS] for row in rows], np.float32)
        densities.append(density(truth.lab[..., 1:]))
        return values, of_truth, np.stack(errors), np.stack(densities)

    def _judge(self, judged: Judged, pictures: list[np.ndarray], rows: list[dict]) -> dict[str, float]:
        """Adds what the judges say of each picture to its row; returns what they say of the truth."""
        every, of_truth = [judged.rgb, *pictures], {}
        figures = {}
        with self._one_at_a_time:
            if self.classifier:
                of_truth["accuracy"], *figures["accuracy"] = self.classifier.measure(judged.path, every)
            if self.lpips:
                _, *figures["lpips"] = self.lpips.ask("measure", every)
            if self.fid:
                self.fid.ask("add", every)
        for index, row in enumerate(rows):
            row |= {name: figures[name][index] if name in figures else np.nan for name in ("accuracy", "lpips")}
        return of_truth

    def _choose_prior(self, counts: np.ndarray, names: list[str]) -> tuple[np.ndarray, str]:
        for name, colorizer in zip(names, self.colorizers, strict=True):
            if getattr(colorizer.head, "prior", None) is not None:
                return np.array(colorizer.head.prior), f"the training set of {session.title_of(name)}"
        return bins.prior(counts), "the judged photographs"

    def _protocol(self, count: int, failed: int) -> dict[str, str]:
        config = self.config
        size = "each at its own size" if config.full_size else f"resized to {config.image_size}x{config.image_size}"
        references = ", ".join(str(path) for path in config.reference) or "the judged ones, never a photograph its own"
        drawn = f", {config.limit} drawn of all with seed {config.seed}" if config.limit else ""
        described = {
            "photographs": f"{count} in color; left out: {self.gray} without color, {failed} unreadable{drawn}",
            "folders": ", ".join(path.name or str(path) for path in config.photographs),
            "size": f"{'the largest central square, ' if config.crop else ''}{size}",
            "judged": "8-bit sRGB pictures, made of the truth's lightness and the predicted chroma",
            "colors of mean, random, welsh": f"of {references}; at most {MOST_REFERENCES}, drawn",
            "prior of the rebalanced AuC": f"that of {self.prior_source}",
            "intervals": f"95 %, bootstrap over photographs, {DRAWS} draws, seed {config.seed}",
            "version": f"fusioncolor {__version__}, Keras {keras.__version__} on {keras.backend.backend()}, "
            f"{config.precision}",
        }
        if self.classifier:
            described["classifier"] = self.classifier.described
        if self.lpips:
            described["LPIPS"] = self.lpips.described
        if self.fid:
            described["FID"] = self.fid.ask("remark")
        for entry in self.entries:
            if self.saved[entry.colorizer] and not entry.refine:
                colorizer = self.colorizers[entry.colorizer]
                described[f"model {entry.title}"] = _described(colorizer)
        return described


def _survey(
    config: EvaluateConfig, found: Sequence[Path], workers: int
) -> tuple[list[Path], np.ndarray, list[str], int]:
    """Photographs in color, how often each bin occurs in them, a sentence per unreadable file, the number of gray ones.

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

    progress = bar("looking at photographs", len(found))
    with ThreadPoolExecutor(workers) as pool:
        looks = list(progress(pool.map(look, found)))
    paths = [path for path, seen in zip(found, looks, strict=True) if isinstance(seen, np.ndarray)]
    problems = [seen for seen in looks if isinstance(seen, str)]
    gray = sum(seen is None for seen in looks)
    if not paths:
        raise InputError(
            f"no photograph in color to judge on: {gray} without color, {len(problems)} unreadable"
            + (f" ({problems[0]})" if problems else "")
        )
    return paths, sum(seen for seen in looks if isinstance(seen, np.ndarray)), problems, gray


def _thumbnail(path: Path) -> np.ndarray:
    return images.read_resized(path, _THUMBNAIL)


def _distinct(names: Sequence[str]) -> list[str]:
    """Names without those that mean the same saved colorizer or null model again."""
    return list({(name if name in BASELINES else os.path.realpath(name)): name for name in reversed(names)}.values())[
        ::-1
    ]


def titles_of(names: Sequence[str]) -> list[str]:
    """A title for each model, the whole path where the folder's name would be ambiguous."""
    short = [name if name in BASELINES else session.title_of(name) for name in names]
    taken = {"truth", *BASELINES}
    return [
        name if name not in BASELINES and (title in taken or short.count(title) > 1) else title
        for name, title in zip(names, short, strict=True)
    ]


def _at_protocol_size(path: Path, config: EvaluateConfig) -> np.ndarray:
    """A photograph `(H, W, 3)` `uint8`, cropped and resized as the options say."""
    size = (config.image_size, config.image_size)
    if not config.crop and not config.full_size:
        return images.read_resized(path, size)
    rgb = images.to_bytes(images.read(path).rgb)
    if config.crop:
        side = min(rgb.shape[:2])
        top, left = (rgb.shape[0] - side) // 2, (rgb.shape[1] - side) // 2
        rgb = rgb[top : top + side, left : left + side]
    return rgb if config.full_size else images.resize(rgb, size)


def _described(colorizer: Colorizer) -> str:
    config, head = colorizer.config, colorizer.head
    decoding = f"vividness {head.vividness:g}"
    if head.name == "classification":
        temperature = f" at T = {head.temperature:g}" if head.decoder == "annealed_mean" else ""
        decoding = f"decoded by {head.decoder}{temperature}, {decoding}"
    digest = config.get("weights", {}).get("sha256", "none")
    size = "x".join(map(str, colorizer.size))
    return f"{config['model']}, {head.name}, sees {size}, {decoding}, weights' SHA-256 {digest}"
