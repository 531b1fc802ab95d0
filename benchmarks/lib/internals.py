"""The parts of fusioncolor that the benchmarks time: the only file here that knows how they are put together.

Scripts take everything that is not public (`fusioncolor.load`, `evaluate`, ...) from this module, so that a change
inside the package is a change in one place here.
"""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import ClassVar

import keras
import numpy as np

from benchmarks.lib.timing import BATCH, photographs_per_second
from fusioncolor import images
from fusioncolor.cli.messages import TerminalReporter
from fusioncolor.config import (
    DEFAULT_WEIGHTS,
    PUBLISHED_WEIGHTS,
    ColorizeOptions,
    EvaluateConfig,
    PredictConfig,
    TrainConfig,
    VideoConfig,
)
from fusioncolor.data import splits, survey
from fusioncolor.data.augmentation import Augmentation
from fusioncolor.data.datasets import PhotographDataset
from fusioncolor.evaluation.evaluator import Evaluator
from fusioncolor.evaluation.scores import Scores
from fusioncolor.models import engines, factory, saving
from fusioncolor.models.colorizer import Colorizer
from fusioncolor.models.families import MODELS
from fusioncolor.models.networks import inception
from fusioncolor.models.predictor import Source
from fusioncolor.models.session import Session
from fusioncolor.prediction import coloring, manifest, plan
from fusioncolor.run_folder import RunFolder
from fusioncolor.runtime.interrupts import Interrupt
from fusioncolor.runtime.precision import precision
from fusioncolor.runtime.reporting import SILENT, Bar, Reporter
from fusioncolor.training import checkpoint, loop
from fusioncolor.video import colorizing

SYSTEMS = [(name, head) for name, family in MODELS.items() for head in family.head_names()]
"""Every model with every head that it can have."""


def load(weights: str | Path, arithmetic: str = "auto") -> Colorizer:
    """A saved colorizer that computes in a precision: "auto", "float32", "bfloat16" or "float16"."""
    with precision(arithmetic):
        return factory.load(weights)


def find_weights(name: str) -> Path:
    """The folder of a saved colorizer, by its name or path."""
    return saving.find_folder(name).resolve()


class FolderRun:
    """A run of `predict.py` over a folder, its network loaded before the clock starts."""

    def __init__(
        self, output: Path, *, weights: str = DEFAULT_WEIGHTS, arithmetic: str = "auto", batch_size: int = 8
    ) -> None:
        """Loads the network."""
        self._config = PredictConfig(
            output=output, weights=[weights], precision=arithmetic, batch_size=batch_size, skip_existing=False
        )
        self._session = Session(self._config.weights, self._config)

    @property
    def network(self) -> keras.Model:
        """The network of the run."""
        return self._session.predictors[0].network

    def photographs_per_second(self, paths: Sequence[Path]) -> float:
        """The rate from files to files; see `pace`."""
        return self.pace(paths)[0]

    def pace(self, paths: Sequence[Path]) -> tuple[float, float]:
        """Photographs per second from files to files, and processor seconds of all threads for one.

        A first batch, which builds the graph, is colorized before.

        Raises:
            RuntimeError: a photograph failed.
        """
        planned = plan.assign_targets(images.find(paths), self._config.output)
        with manifest.opened(self._config.output, "settings") as finished:
            first = coloring.FolderRun(self._config, planned[: self._config.batch_size], session=self._session)
            list(first.through(finished, Interrupt()))
            start, processor = time.perf_counter(), time.process_time()
            run = coloring.FolderRun(self._config, planned, session=self._session)
            outcomes = [reached.outcome for reached in run.through(finished, Interrupt())]
            seconds, spent = time.perf_counter() - start, time.process_time() - processor
        failed = [outcome.reason for outcome in outcomes if outcome.status != "done"]
        if failed:
            raise RuntimeError(f"{len(failed)} photographs failed, the first: {failed[0]}")
        return len(planned) / seconds, spent / len(planned)


def planned(folder: Path) -> list[plan.Task]:
    """The photographs of a folder, with the file for each result."""
    return plan.tasks(PredictConfig(photographs=[folder], output=folder / "colorized"))


class VideoRun:
    """Runs of `fusioncolor video` with a network that is loaded once."""

    _sessions: ClassVar[dict[str, Session]] = {}

    def __init__(self, weights: str = DEFAULT_WEIGHTS) -> None:
        """Loads the network, unless it is loaded."""
        self._weights = weights
        if weights not in self._sessions:
            self._sessions[weights] = Session([weights], ColorizeOptions())
            self._sessions[weights].predict([self._example()], batch_size=self._sessions[weights].options.batch_size)

    def _example(self) -> list[np.ndarray]:
        return self._sessions[self._weights].prepare(Source(np.zeros((64, 64, 1), np.float32)))

    def network_frames_per_second(self) -> float:
        """The rate of the network alone, in the batches and by the program that runs it in a video."""
        session, prepared = self._sessions[self._weights], [self._example()] * BATCH
        return photographs_per_second(lambda _: session.predict(prepared, batch_size=BATCH), steps=8)

    def colorize(self, source: Path, output: Path, *, told: Callable[[int], None] | None = None, **options) -> float:
        """Colorizes a video; returns the seconds, without those for loading.

        Args:
            source: the video.
            output: the result.
            told: called with the number of finished frames after each.
            options: fields of `VideoConfig`.

        Raises:
            KeyboardInterrupt: the run was asked to stop, so that there is no result.
        """
        config = VideoConfig(source=source, output=output, weights=self._weights, overwrite=True, **options)
        reporter = SILENT if told is None else _Counter(told)
        result = colorizing.colorize_video(config, session=self._sessions[self._weights], reporter=reporter)
        if result.interrupted:
            raise KeyboardInterrupt
        return result.seconds


class _Counter(Reporter, Bar):
    """Tells how many items are finished."""

    def __init__(self, told: Callable[[int], None]) -> None:
        self._told, self._done = told, 0

    @contextmanager
    def bar(self, label: str, total: int | None, *, unit: str = "img") -> Iterator[Bar]:
        yield self

    def advance(self, count: int = 1) -> None:
        self._done += count
        self._told(self._done)


def training_network(*, cached: bool, arithmetic: str = "auto") -> tuple[Colorizer, keras.Model]:
    """The published network of the included weights, its InceptionV3 frozen, as a training has it before it compiles.

    Args:
        cached: leave InceptionV3 out: the network then takes (lightness, embedding).
        arithmetic: precision, as for `load`.
    """
    colorizer = load(PUBLISHED_WEIGHTS, arithmetic)
    inception.set_trainable(colorizer.network.get_layer(inception.NAME), False)
    return colorizer, inception.without_extractor(colorizer.network) if cached else colorizer.network


def training_data(
    paths: Sequence[Path], colorizer: Colorizer, *, cached: bool, batch_size: int = 8, workers: int = 2
) -> PhotographDataset:
    """Augmented batches for `training_network`; cached embeddings are zeros, which take the same time."""
    embeddings = np.zeros((len(paths), 2, 1000), np.float16) if cached else None
    return PhotographDataset(
        paths,
        colorizer,
        batch_size=batch_size,
        augmentation=Augmentation(),
        embeddings=embeddings,
        workers=workers,
    )


def train(config: TrainConfig, *, once: bool = False) -> Path:
    """Trains and returns the run folder.

    Args:
        config: options of the training.
        once: continue a run that was interrupted, and leave one that is finished as it is.
    """
    run = loop.train_once if once else loop.train
    return run(config, reporter=TerminalReporter(TrainConfig))


def last_of(run: Path) -> Path:
    """The saved colorizer of a run's last epoch."""
    return RunFolder(run).last


def log_of(run: Path) -> dict[str, list[float]]:
    """The columns of a run's log, by name."""
    return RunFolder(run).read_log()


def batch_size_of(run: Path) -> int:
    """The photographs per step of a run."""
    return RunFolder(run).read_config().batch_size


def list_of(run: Path, part: str) -> Path:
    """The file that lists the photographs of a run's "train", "validation" or "test" part."""
    return RunFolder(run).part_list(part)


def pixels_of(run: Path) -> np.ndarray:
    """The true ab `(N, 2)` of the pixels that validate a run of `sift`."""
    return np.load(RunFolder(run).pixels("validation"), allow_pickle=False)["ab"].reshape(-1, 2)


def state_writer(folder: Path, variables: Sequence[keras.Variable]) -> Callable[[], object]:
    """A function that saves variables as the state of a training in `folder`."""
    state = checkpoint.State(0, 0, [np.asarray(variable) for variable in variables], {"finished": False})
    return lambda: checkpoint.write(RunFolder(folder), state)


def split(folder: Path, *, validation: float) -> dict[str, list[Path]]:
    """Photographs in color by part, "train" and "validation", split at random."""
    found = survey.survey(survey.find(folder), workers=2)
    parts = splits.split(found.in_color, validation=validation, test=0.0, seed=0)
    return {name: parts.part(name) for name in ("train", "validation")}


def extractor_of(network: keras.Model) -> keras.Model:
    """The InceptionV3 inside a fusion network."""
    return network.get_layer(inception.NAME)


def evaluation_rate(paths: Sequence[Path], *, batch_size: int = 8) -> float:
    """Photographs per second that the included weights and five baselines are measured on."""
    config = EvaluateConfig(photographs=list(paths), models=[DEFAULT_WEIGHTS], batch_size=batch_size)
    evaluator = Evaluator(config, paths)
    list(evaluator.measurer.measured(paths[:batch_size], batch_size=batch_size))
    start = time.perf_counter()
    evaluator.run()
    return len(paths) / (time.perf_counter() - start)


def evaluate(config: EvaluateConfig) -> Scores:
    """Measures models on photographs without writing a report."""
    return Evaluator(config, [found.path for found in images.find(config.photographs)]).run()


def evaluator_of(config: EvaluateConfig, networks: dict[int, Colorizer | Path]) -> Evaluator:
    """An evaluator some of whose models compute otherwise than its configuration says.

    Args:
        config: the evaluation.
        networks: by index among `config.models`, a colorizer to take the model's place, or an exported file to run in
            place of its network.
    """
    evaluator = Evaluator(config, [found.path for found in images.find(config.photographs)])
    for index, replacement in networks.items():
        if isinstance(replacement, Colorizer):
            evaluator.measurer.session.predictors[index] = replacement
        else:
            evaluator.measurer.session.predictors[index].network = load_engine(replacement, "float32")
    return evaluator


def load_engine(path: Path, arithmetic: str):
    """An exported network, with the method `predict_on_batch`."""
    return engines.load(path, engines.read_description(path)["weights"], arithmetic)
