"""From a folder of photographs to a saved colorizer: datasets, Keras's `fit`, and going on after an interruption."""

import dataclasses
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import keras
import numpy as np

from fusioncolor import run_folder
from fusioncolor.config import MONITORS, TrainConfig
from fusioncolor.data import datasets, splits
from fusioncolor.data.augmentation import Augmentation
from fusioncolor.data.embeddings import embed
from fusioncolor.errors import InputError
from fusioncolor.models import editing, factory, saving
from fusioncolor.models.colorizer import Colorizer
from fusioncolor.models.description import Description
from fusioncolor.models.families import same
from fusioncolor.models.networks import blocks, inception
from fusioncolor.runtime.interrupts import Interrupt
from fusioncolor.runtime.precision import precision, resolve
from fusioncolor.runtime.progress import bar
from fusioncolor.runtime.workers import default_workers
from fusioncolor.training import callbacks, setup
from fusioncolor.training.checkpoint import Checkpoint, State, newest
from fusioncolor.training.optimizer import create_optimizer

_OF_THE_MACHINE = ("run", "workers", "save_every", "preview_every", "tensorboard")


def train(config: TrainConfig) -> Path:
    """Trains a colorizer, or goes on with a training; see `TrainConfig` for the options.

    Returns:
        The run folder, with `best/` and `last/` (saved colorizers), `log.csv`, `curves.png`, `previews/`,
        `config.json`, `photographs.json`, the lists of photographs `train.txt`, `validation.txt`, `test.txt`, and the
        `state/` to go on from.

    Raises:
        InputError: the options or files do not allow to train.
        KeyboardInterrupt: by the user; the message says how to go on.
    """
    if config.resume:
        return _resume(config.resume, config.workers)
    config = _settled(config)
    with precision(config.precision):
        colorizer = setup.create_colorizer(config)
    run = run_folder.folder_of(config)
    run_folder.refuse_occupied(run)
    parts, left_out = splits.choose(config, run)
    with run_folder.locked(run):
        run_folder.begin(config, run, parts, left_out)
        print(f"{run}: if this is interrupted, go on with: train.py --resume {run}")
        return _train(config, run, parts, colorizer, None)


def _settled(config: TrainConfig) -> TrainConfig:
    """The options with what depends on machine and folder settled, so that they mean the same elsewhere."""
    paths = {name: getattr(config, name) for name in ("folder", "validation", "init", "resnet_weights")}
    if config.init:
        paths["init"] = saving.find_folder(config.init)
    absolute = {name: path.absolute() for name, path in paths.items() if path}
    return dataclasses.replace(config, precision=resolve(config.precision), **absolute)


def train_once(config: TrainConfig) -> Path:
    """Trains into `config.run`, or goes on there, unless that was done before with the same options.

    Returns:
        The run folder.

    Raises:
        InputError: the folder holds a run of other options, or something else.
    """
    run = config.run
    if not (run / run_folder.CONFIG_FILE).is_file():
        return train(config)
    begun, wanted = (run_folder.as_json(one) for one in (run_folder.read_config(run), _settled(config)))
    if any(begun[name] != wanted[name] for name in wanted if name not in _OF_THE_MACHINE):
        raise InputError(f"{run} holds a run of other options: name another folder, or remove it")
    state = newest(run)
    return run if state is not None and state.facts["finished"] else _resume(run, config.workers)


def _resume(run: Path, workers: int | None) -> Path:
    config = run_folder.read_config(run)
    config = dataclasses.replace(config, workers=workers or config.workers)
    with run_folder.locked(run):
        state = newest(run)
        if state is None and run_folder.has_lost_its_state(run):
            raise InputError(
                f"{run}: its state is gone or damaged, so it cannot go on; begin a new run with --init {run / 'last'}"
            )
        if state is not None and state.facts["backend"] != keras.backend.backend():
            raise InputError(f"{run} was begun on another backend: set KERAS_BACKEND={state.facts['backend']}")
        if state is not None and state.facts["finished"]:
            print(f"{run}: finished; for more epochs, begin another run with --init {run / 'last'}")
            return run
        parts = run_folder.read_photographs(run, config)
        if state is None:
            print(f"{run}: nothing was saved yet, so it begins again")
        else:
            print(f"{run}: going on in epoch {state.epoch + 1} of {config.epochs}, after {state.step} steps of it")
        with precision(config.precision):
            colorizer = (
                setup.create_colorizer(config)
                if state is None
                else factory.build(Description.from_json(state.facts["colorizer"]))
            )
        if state is not None:
            state.restore_network(colorizer.network)  # before anything is embedded with it
        return _train(config, run, parts, colorizer, state)


def _train(config: TrainConfig, run: Path, parts: dict, colorizer: Colorizer, state: State | None) -> Path:
    """Trains a network into an open run folder, from its beginning or a state."""
    try:
        finished = _Training(config, run, parts, colorizer).go_on(state)
    except KeyboardInterrupt as stop:
        saved = f"{stop}; " if stop.args else ""
        raise KeyboardInterrupt(f"{saved}go on with: train.py --resume {run}") from stop
    if not finished:
        best = f"; {run / 'best'} is what was best before" if (run / "best").exists() else ""
        raise InputError(
            "the loss is no number any more: begin a new run with a lower --learning-rate, with --clip-norm 1, or with "
            f"--precision float32{best}"
        )
    print(f"best colorizer: {run / 'best'}   use it: python predict.py PHOTOGRAPHS --weights {run / 'best'}")
    return run


class _Training:
    """What belongs to one training: options, photographs, networks, callbacks."""

    def __init__(self, config: TrainConfig, run: Path, parts: dict[str, list[Path]], colorizer: Colorizer) -> None:
        self.config, self.run, self.parts, self.colorizer = config, run, parts, colorizer
        self.workers = config.workers or default_workers()

    def go_on(self, state: State | None) -> bool:
        """Trains from the beginning or a state to the end; False if the loss becomes no number before."""
        config, colorizer = self.config, self.colorizer
        if colorizer.head.name == "classification" and state is None:
            colorizer.head = setup.with_prior(config, colorizer, self.parts["train"], self.workers)
        with precision(config.precision):
            network, self.embeddings = self._trainee()
        steps = self._datasets()[0].steps_per_epoch
        if not config.init:  # averages of saved weights are worth keeping; a few photographs' are soon too rough
            blocks.follow_within(network, steps)
        optimizer = create_optimizer(config, colorizer, steps)
        network.compile(optimizer, colorizer.head.loss(), jit_compile=colorizer.network.jit_compile)
        network.optimizer.build(network.trainable_variables)  # so that a state before the first step is complete
        interrupt = Interrupt()
        others = self._callbacks()
        options = {"steps": steps, "every": config.save_every, "interrupt": interrupt}
        checkpoint = Checkpoint(self.run, colorizer, others, **options)
        if state is not None:
            checkpoint.restore(state, network)
        with interrupt.listening():
            stopped = False
            for segment in _segments(config, state):
                if stopped and not segment.new_side:
                    continue
                self._fit(segment, network, others, checkpoint)
                if not np.isfinite(checkpoint.loss):
                    return False
                stopped = network.stop_training  # early: the next side has its turn
        if not (self.run / "best").exists():  # no monitored value was a number
            return False
        checkpoint.finish()
        return True

    def _fit(
        self,
        segment: "_Segment",
        network: keras.Model,
        others: list[keras.callbacks.Callback],
        checkpoint: Checkpoint,
    ) -> None:
        if segment.side:
            self.colorizer.size = (segment.side, segment.side)
        if segment.new_side:
            checkpoint.forget_best()
        training, validation, judged = self._datasets()
        for judge in (other for other in others if isinstance(other, callbacks.Judge)):
            judge.dataset, judge.quiet = judged, not segment.new_side
        steps = training.steps_per_epoch
        network.fit(
            training.part(range(segment.first * steps + segment.step, segment.end * steps)),
            initial_epoch=segment.first,
            epochs=segment.end,
            steps_per_epoch=steps - segment.step,
            validation_data=validation,
            shuffle=False,
            verbose=0,
            callbacks=[*others, checkpoint],
        )

    def _trainee(self) -> tuple[keras.Model, dict[str, np.ndarray]]:
        """The network to fit, and the embeddings it is fed if they are cached: {"train": (N, 2, E), ...}, else {}."""
        config, colorizer = self.config, self.colorizer
        network = colorizer.network
        if config.freeze == "encoder":
            editing.freeze_encoder(network)
        if not editing.has_extractor(colorizer):
            return network, {}
        extractor = network.get_layer(inception.NAME)
        inception.set_trainable(extractor, config.extractor_rate() > 0)
        if not config.cache_embeddings:
            return network, {}
        side = config.embedding_size or config.stages()[-1][0]
        size = (side, side) if side else colorizer.size
        embeddings = {
            name: embed(extractor, self.parts[name], size, self.run.absolute().parent, self.workers)
            for name in ("train", "validation")
        }
        return editing.without_extractor(network), embeddings

    def _datasets(self) -> tuple[keras.utils.PyDataset, keras.utils.PyDataset, keras.utils.PyDataset | None]:
        """What to train on, what to validate on, and the latter with ab as it is if its colors are to be judged.

        At the colorizer's present size.
        """
        if self.config.model == "sift":
            return self._pixel_datasets()
        config = self.config
        augmentation = Augmentation(config.rotation, config.shear, config.flip, config.crop)
        options = {"batch_size": config.batch_size, "workers": self.workers}
        training = datasets.PhotographDataset(
            self.parts["train"],
            self.colorizer,
            epochs=config.epochs,
            seed=config.seed,
            augmentation=augmentation,
            embeddings=self.embeddings.get("train"),
            **options,
        )
        options["embeddings"] = self.embeddings.get("validation")
        held_out = partial(datasets.PhotographDataset, self.parts["validation"], self.colorizer, **options)
        return training, held_out(), None if config.monitor == "val_loss" else held_out(encode=same)

    def _pixel_datasets(self) -> tuple[datasets.PixelDataset, datasets.PixelDataset, datasets.PixelDataset | None]:
        """The same of pixels, described once and stored in the run folder."""
        config = self.config
        options = {"pixels": config.pixels, "seed": config.seed, "workers": self.workers}
        files = {name: self.run / f"pixels-{name}.npz" for name in ("train", "validation")}
        for name, file in files.items():
            if not file.exists():
                progress = bar("describing pixels", len(self.parts[name]))
                datasets.store_pixels(self.parts[name], self.colorizer, file, progress=progress, **options)
        dataset = partial(
            datasets.PixelDataset, colorizer=self.colorizer, batch_size=config.batch_size, seed=config.seed
        )
        judged = None if config.monitor == "val_loss" else dataset(files["validation"], encode=same)
        return dataset(files["train"], training=True, epochs=config.epochs), dataset(files["validation"]), judged

    def _callbacks(self) -> list[keras.callbacks.Callback]:
        """What happens besides the steps, in this order at every moment."""
        config, run, colorizer = self.config, self.run, self.colorizer
        facts = {
            "training": run_folder.as_json(config, names_only=True),
            "photographs": {name: len(part) for name, part in self.parts.items()},
        }
        monitored = {"monitor": config.monitor, "mode": MONITORS[config.monitor], "min_delta": 0}
        log = callbacks.Log(run)
        pictures = {"every": config.preview_every, "epochs": config.epochs}
        chosen = [
            callbacks.AverageWeights() if config.ema else None,
            callbacks.Judge(colorizer) if config.monitor != "val_loss" else None,
            keras.callbacks.TerminateOnNaN(),
            callbacks.LogLearningRate()
            if config.schedule == "cosine"
            else keras.callbacks.ReduceLROnPlateau(patience=config.patience, factor=config.factor, **monitored),
            keras.callbacks.EarlyStopping(patience=config.early_stopping, **monitored)
            if config.early_stopping
            else None,
            log,
            callbacks.Progress(config.batch_size, config.epochs),
            callbacks.Save(colorizer, run, facts, monitor=config.monitor),
            callbacks.Pictures(colorizer, self.parts["validation"], run, log, **pictures),
            keras.callbacks.TensorBoard(str(run / "tensorboard")) if config.tensorboard else None,
        ]
        return [callback for callback in chosen if callback is not None]


@dataclass(frozen=True)
class _Segment:
    """What one call of `fit` does: epochs of one side, or what is left of one epoch.

    Attributes:
        side: of what the network sees; None: as it is.
        first: epoch, from 0.
        end: the epoch after the last.
        step: of the first epoch, at which to begin; there is only that epoch if it is above 0.
        new_side: whether nothing was trained at this side before.
    """

    side: int | None
    first: int
    end: int
    step: int
    new_side: bool


def _segments(config: TrainConfig, state: State | None) -> Iterator[_Segment]:
    """What is left to do."""
    begun, step = (state.epoch, state.step) if state else (0, 0)
    end = 0
    for side, epochs in config.stages():
        first, end = end, end + epochs
        if first < begun < end or (first == begun and step):
            if step:
                yield _Segment(side, begun, begun + 1, step, new_side=False)
            rest = begun + bool(step)
            if rest < end:
                yield _Segment(side, rest, end, 0, new_side=False)
        elif begun <= first:
            yield _Segment(side, first, end, 0, new_side=True)
