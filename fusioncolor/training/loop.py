"""Training: from a folder of photographs to a run folder, from the beginning or after an interruption."""

import dataclasses
import os
import time
from contextlib import ExitStack, nullcontext
from pathlib import Path

import keras
import numpy as np

from fusioncolor import metrics
from fusioncolor.config import MONITORS, ResumeConfig, TrainConfig
from fusioncolor.config.fields import config_of
from fusioncolor.data import splits
from fusioncolor.data.mirrors import with_copies
from fusioncolor.data.sharing import Share
from fusioncolor.data.splits import Split
from fusioncolor.errors import InputError
from fusioncolor.models import factory, saving
from fusioncolor.models.colorizer import Colorizer
from fusioncolor.models.description import Description
from fusioncolor.models.families import MODELS
from fusioncolor.models.networks import blocks
from fusioncolor.run_folder import RunFolder, as_json
from fusioncolor.runtime import distribution
from fusioncolor.runtime.arithmetic import resolve
from fusioncolor.runtime.distribution import ALONE, Group
from fusioncolor.runtime.interrupts import Interrupt
from fusioncolor.runtime.precision import precision
from fusioncolor.runtime.reporting import SILENT, Reporter
from fusioncolor.runtime.workers import default_workers
from fusioncolor.training import callbacks, setup
from fusioncolor.training.checkpoint import Checkpoint, State, newest
from fusioncolor.training.feeding import (
    Datasets,
    Embeddings,
    Features,
    feature_datasets,
    photograph_datasets,
    pixel_datasets,
)
from fusioncolor.training.model_options import check_model_options
from fusioncolor.training.optimizer import create_optimizer
from fusioncolor.training.segments import Segment, segments_from

_OF_THE_MACHINE = ("run", "workers", "save_every", "preview_every", "tensorboard")  # options that do not change results
_STOPPING = "stopping after this step or validation, to save it; press Ctrl-C again to stop immediately"


def train(photographs: TrainConfig | str | os.PathLike, *, reporter: Reporter = SILENT, **options: object) -> Path:
    """Trains a colorizer.

        run = fusioncolor.train("photographs", image_size="64:9,128:6", batch_size=16, run="runs/mine")

    Args:
        photographs: folder of color photographs, or its address; or a `TrainConfig`, without further options.
        reporter: gets progress and messages.
        **options: fields of `TrainConfig`, by name; paths may be strings.

    Returns:
        The run folder, with the saved colorizers `best/` and `last/`, `log.csv`, `curves.png`, `previews/`, the options
        `config.json`, the photographs `photographs.json`, their lists `train.txt`, `validation.txt` and `test.txt`, and
        the `state/` to resume from.

    Raises:
        InputError: options or files do not allow training.
        KeyboardInterrupt: the user stopped the training; the message tells what was saved.
        TypeError: there is no option of that name.
    """
    config = config_of(TrainConfig, "folder", photographs, options)
    check_model_options(config)
    _check_shareable(config)
    config = with_copies(config, reporter=reporter)
    with distribution.joined(config.devices, config.addresses(), config.host_index or 0) as group:
        return _begin(_settled(config), group, _spoken(group, config.run, reporter))


def _begin(config: TrainConfig, group: Group, reporter: Reporter) -> Path:
    """Trains from the beginning."""
    group.check_batch(config.batch_size)
    folder = RunFolder.of(config)
    if group.leads:
        folder.refuse_occupied()
    colorizer = _created(config, reporter)
    with ExitStack() as held:
        if group.leads:
            split = splits.choose(config, folder.path, reporter=reporter)
            _check_enough(config, split, group)
            held.enter_context(folder.locked())
            folder.begin(config, split, reporter=reporter)
            reporter.info(f"run folder: {folder.path} (after an interruption, continue with `resume` {folder.path})")
            group.wait("begun")
        else:
            config, split = _follow(config, folder, group)
        return _Training(config, folder, split, colorizer, reporter, group).run(None)


def _created(config: TrainConfig, reporter: Reporter) -> Colorizer:
    with reporter.bar("building the network", 1), precision(config.precision):
        return setup.create_colorizer(config, reporter=reporter)


def _follow(config: TrainConfig, folder: RunFolder, group: Group) -> tuple[TrainConfig, Split]:
    """Waits until the first process has begun the run; returns its options and photographs.

    Raises:
        InputError: it has begun with other options, or its photographs are not those of this host.
    """
    while not folder.config.is_file():  # that process may look through many photographs
        time.sleep(0.2)
    group.wait("begun")
    begun = folder.read_config()
    if _decisive(begun) != _decisive(config):
        raise InputError("this process has other options than process 0: start the same command on every host")
    return dataclasses.replace(begun, workers=config.workers), folder.read_photographs(begun)


def _spoken(group: Group, run: Path | None, reporter: Reporter) -> Reporter:
    """Returns the reporter of a process: only the first one of several reports."""
    if group.leads:
        return reporter
    reporter.info(f"process {group.index} of {group.processes}; process 0 reports, and writes {run}")
    return SILENT


def resume(run: ResumeConfig | str | os.PathLike, *, reporter: Reporter = SILENT, **options: int | str | None) -> Path:
    """Continues an interrupted training from the state that was saved last.

    On a CPU the result is bit-identical to that of an uninterrupted training; on a GPU as far as its backend is
    deterministic.

    Args:
        run: folder of the run; or a `ResumeConfig`.
        reporter: gets progress and messages.
        **options: other fields of `ResumeConfig`, by name, such as `workers`.

    Returns:
        The run folder, as from `train`.

    Raises:
        InputError: the folder holds no run that can continue, or its photographs have changed.
        KeyboardInterrupt: the user stopped the training; the message tells what was saved.
        TypeError: there is no option of that name.
    """
    config = run if isinstance(run, ResumeConfig) else ResumeConfig(Path(run), **options)
    folder = RunFolder(config.run)
    options = folder.read_config()
    options = dataclasses.replace(options, workers=config.workers or options.workers)
    with distribution.joined(config.devices, config.addresses(), config.host_index or 0) as group:
        if group.devices:
            _check_shareable(dataclasses.replace(options, devices=group.devices))
        reporter = _spoken(group, folder.path, reporter)
        with folder.locked() if group.leads else nullcontext():
            group.wait("begun")
            return _continue(folder, options, group, reporter)


def _continue(folder: RunFolder, options: TrainConfig, group: Group, reporter: Reporter) -> Path:
    """Continues from the newest state, or from the beginning if there is none."""
    state = newest(folder, reporter=reporter)
    _check_resumable(folder, state)
    if state is not None and state.facts["finished"]:
        reporter.info(f"{folder.path}: finished; for more epochs, begin another run with `init` {folder.last}")
        return folder.path
    split = folder.read_photographs(options, reporter=reporter)
    _check_enough(options, split, group)
    if state is None:
        reporter.info(f"{folder.path}: nothing was saved yet, starting again")
        colorizer = _created(options, reporter)
    else:
        done = f"epoch {state.epoch + 1} of {options.total_epochs}, after {state.step} steps"
        reporter.info(f"{folder.path}: continuing in {done}")
        if group.processes > 1:
            keras.utils.set_random_seed(options.seed)  # Keras refuses new variables that differ between processes
        with precision(options.precision):
            colorizer = factory.build(Description.from_json(state.facts["colorizer"]))
        state.restore_network(colorizer.network)  # before it embeds anything
    group.wait("read")  # before the first process removes older states
    return _Training(options, folder, split, colorizer, reporter, group).run(state)


def _check_shareable(config: TrainConfig) -> None:
    """Refuses trainings of several devices that do not read photographs in every epoch.

    Raises:
        InputError: the model trains on stored pixels, or on cached features.
    """
    if not (config.devices or config.hosts):
        return
    if not MODELS.find(config.model).sees_photographs or config.cache_embeddings or config.cache_features:
        raise InputError(
            "trainings on stored pixels, embeddings or features run on one device: leave out `devices` and `hosts`"
        )
    if config.clip_norm and keras.backend.backend() == "tensorflow":
        raise InputError(
            "TensorFlow would limit the gradients of each device for itself: leave out `clip_norm`, or set "
            "KERAS_BACKEND=jax"
        )


def _check_enough(config: TrainConfig, split: Split, group: Group) -> None:
    if group.devices and len(split.train) < config.batch_size:
        raise InputError(
            f"{group.devices} devices share batches of {config.batch_size}, but there are only {len(split.train)} "
            "photographs to train on: lower `batch_size`"
        )


def train_once(config: TrainConfig, *, reporter: Reporter = SILENT) -> Path:
    """Trains into `config.run`, resumes there, or does nothing if that run is finished.

    Returns:
        The run folder.

    Raises:
        InputError: the folder holds a run with other options, or something else.
    """
    folder = RunFolder.of(config)
    if not folder.config.is_file():
        return train(config, reporter=reporter)
    if _decisive(folder.read_config()) != _decisive(_settled(config)):
        raise InputError(f"{folder.path} holds a run with other options: choose another folder, or remove it")
    state = newest(folder, reporter=reporter)
    if state is not None and state.facts["finished"]:
        return folder.path
    rest = ResumeConfig(folder.path, config.workers, config.devices, config.hosts, config.host_index)
    return resume(rest, reporter=reporter)


def _decisive(config: TrainConfig) -> dict:
    """Returns the options that change results."""
    return {name: value for name, value in as_json(config).items() if name not in _OF_THE_MACHINE}


def _settled(config: TrainConfig) -> TrainConfig:
    """Resolves everything that depends on machine and current folder, so that the options mean the same elsewhere."""
    init = saving.find_folder(config.init) if config.init else None
    return dataclasses.replace(
        config,
        precision=resolve(config.precision),
        folder=_absolute(config.folder),
        validation=_absolute(config.validation),
        init=_absolute(init),
        resnet_weights=_absolute(config.resnet_weights),
        devices=None,
        hosts=None,
        host_index=None,
    )


def _absolute(path: Path | None) -> Path | None:
    return path and path.absolute()


def _check_resumable(folder: RunFolder, state: State | None) -> None:
    if state is None and folder.has_lost_its_state():
        raise InputError(
            f"{folder.path}: its state is gone or damaged, so it cannot continue; begin a new run with `init` "
            f"{folder.last}"
        )
    if state is not None and state.facts["backend"] != keras.backend.backend():
        raise InputError(f"{folder.path} was begun on another backend: set KERAS_BACKEND={state.facts['backend']}")


class _Training:
    """Options, photographs, network and callbacks of one training."""

    def __init__(
        self,
        config: TrainConfig,
        folder: RunFolder,
        split: Split,
        colorizer: Colorizer,
        reporter: Reporter,
        group: Group = ALONE,
    ) -> None:
        self.group = group
        self.config = config
        self.folder = folder
        self.split = split
        self.colorizer = colorizer
        self.reporter = reporter
        self.workers = config.workers or default_workers()
        self.embeddings: Embeddings | None = None
        self.features: Features | None = None

    def run(self, state: State | None) -> Path:
        """Trains from the beginning or a state to the end, in an open run folder.

        Raises:
            InputError: the loss became NaN.
            KeyboardInterrupt: the user stopped the training.
        """
        try:
            finished = self._finish(state)
        except KeyboardInterrupt as stop:
            saved = f"{stop}; " if stop.args else ""
            raise KeyboardInterrupt(f"{saved}continue with `resume` {self.folder.path}") from stop
        if not finished:
            best = f"; the best colorizer before that is {self.folder.best}" if self.folder.best.exists() else ""
            raise InputError(
                "the loss became NaN or infinite: begin a new run with a lower `learning_rate`, with `clip_norm` 1, or "
                f"with `precision` float32{best}"
            )
        found = saving.read_description(self.folder.best).metrics
        gain = metrics.beside_gray(found["val_gain"])
        self.reporter.info(
            f"best colorizer: {self.folder.best}, of epoch {found['epoch']}: {gain} on the validation photographs"
        )
        return self.folder.path

    def _finish(self, state: State | None) -> bool:
        """Trains to the end; returns False if the loss became NaN before."""
        if self.colorizer.head.counts_prior and state is None:
            self.colorizer.head = setup.with_prior(
                self.config, self.colorizer, self.split.train, workers=self.workers, reporter=self.reporter
            )
        interrupt = Interrupt(lambda: self.reporter.warning(_STOPPING))
        network, others, checkpoint = self._prepare(interrupt)
        if state is not None:
            checkpoint.restore(state, network)
        with interrupt.listening():
            if not self._fit_all(network, others, checkpoint):
                return False
        self.group.wait("trained")
        if not self.folder.best.exists():  # no monitored value was finite
            return False
        checkpoint.finish()
        return True

    def _prepare(self, interrupt: Interrupt) -> tuple[keras.Model, list[keras.callbacks.Callback], Checkpoint]:
        """Compiles the network to fit, and creates the callbacks; the checkpoint is the last of them."""
        config, colorizer = self.config, self.colorizer
        with precision(config.precision):
            network, self.embeddings, self.features = setup.create_fitted_part(
                config, colorizer, self.split, self.folder, reporter=self.reporter
            )
        steps = self._datasets().train.steps_per_epoch
        if not config.init:  # averages of saved weights are worth keeping; those of few photographs soon are too rough
            blocks.follow_within(network, steps)
        self.group.synchronize(network)
        optimizer = create_optimizer(config, colorizer, steps)
        network.compile(optimizer, setup.loss_of(config, colorizer), jit_compile=colorizer.network.jit_compile)
        network.optimizer.build(network.trainable_variables)  # so that a state before the first step is complete
        others = self._callbacks()
        checkpoint = Checkpoint(
            self.folder,
            colorizer,
            others,
            steps=steps,
            every=config.save_every,
            interrupt=interrupt,
            group=self.group,
        )
        return network, others, checkpoint

    def _datasets(self) -> Datasets:
        """Creates datasets at the colorizer's present size."""
        if self.features:
            return feature_datasets(self.config, self.split, self.colorizer, self.features)
        if MODELS.find(self.config.model).sees_photographs:
            share = Share(self.group.index, self.group.processes)
            return photograph_datasets(self.config, self.split, self.colorizer, self.embeddings, share)
        return pixel_datasets(self.config, self.split, self.colorizer, self.folder, reporter=self.reporter)

    def _callbacks(self) -> list[keras.callbacks.Callback]:
        """Creates the callbacks, called in this order at every moment."""
        config, folder, colorizer, reporter = self.config, self.folder, self.colorizer, self.reporter
        monitor, mode = config.monitor, MONITORS[config.monitor]
        chosen: list[keras.callbacks.Callback] = []
        if config.ema:
            chosen.append(callbacks.AverageWeights())
        chosen += [callbacks.Validate(colorizer, reporter, group=self.group), keras.callbacks.TerminateOnNaN()]
        if config.schedule == "cosine":
            chosen.append(callbacks.LogLearningRate())
        else:
            chosen.append(
                keras.callbacks.ReduceLROnPlateau(monitor, config.factor, config.patience, mode=mode, min_delta=0)
            )
        if config.early_stopping:
            chosen.append(
                keras.callbacks.EarlyStopping(monitor, min_delta=0, patience=config.early_stopping, mode=mode)
            )
        log = callbacks.Log(folder, group=self.group)
        chosen += [
            log,
            callbacks.Progress(config, reporter),
            callbacks.Save(colorizer, folder, config, self.split, group=self.group),
            callbacks.Pictures(colorizer, self.split.validation, folder, log, config, reporter, group=self.group),
        ]
        if config.tensorboard and self.group.leads:
            chosen.append(keras.callbacks.TensorBoard(str(folder.tensorboard)))
        return chosen

    def _fit_all(self, network: keras.Model, others: list[keras.callbacks.Callback], checkpoint: Checkpoint) -> bool:
        """Trains all segments that are left; returns False if the loss became NaN."""
        stopped = False
        for segment in segments_from(self.config, checkpoint.epoch, checkpoint.step):
            if stopped and not segment.new_side:
                continue
            self._fit(segment, network, others, checkpoint)
            if not np.isfinite(checkpoint.loss):
                return False
            stopped = network.stop_training  # early stopping ends a stage, not the training
        return True

    def _fit(
        self,
        segment: Segment,
        network: keras.Model,
        others: list[keras.callbacks.Callback],
        checkpoint: Checkpoint,
    ) -> None:
        if segment.side:
            self.colorizer.size = (segment.side, segment.side)
        if segment.new_side:
            checkpoint.forget_best()
        datasets = self._datasets()
        [validate] = (other for other in others if isinstance(other, callbacks.Validate))
        validate.dataset = datasets.validation
        validate.quiet = not segment.new_side or self.config.monitor in ("val_loss", "val_gain")
        steps = datasets.train.steps_per_epoch
        network.fit(
            datasets.train.part(range(segment.first * steps + segment.step, segment.end * steps)),
            initial_epoch=segment.first,
            epochs=segment.end,
            steps_per_epoch=steps - segment.step,
            shuffle=False,
            verbose=0,
            callbacks=[*others, checkpoint],
        )
