"""From a folder of photographs to a saved colorizer: the run folder, the datasets, and Keras's `fit`."""

import dataclasses
import hashlib
import json
import os
import shutil
from collections.abc import Callable, Iterable
from datetime import datetime
from functools import partial
from pathlib import Path

import keras
import numpy as np
from tqdm import tqdm

from fusioncolor import callbacks, data, gamut, images, importers, models, photographs, storage
from fusioncolor.colorizer import Colorizer, same
from fusioncolor.config import DEFAULT_WEIGHTS, MONITORS, TrainConfig
from fusioncolor.errors import InputError
from fusioncolor.heads import Head
from fusioncolor.models import blocks, extractors
from fusioncolor.precision import precision

_NAMED = 20  # photographs left out, at most


def train(config: TrainConfig) -> Path:
    """Trains a colorizer; see `TrainConfig` for the options.

    Returns:
        The run folder, with `best/` and `last/` (saved colorizers), `log.csv`, `curves.png`, `previews/`, `config.json`
        and the lists of photographs `train.txt`, `validation.txt`, `test.txt`.

    Raises:
        InputError: the options or files do not allow to train.
    """
    workers = config.workers or data.default_workers()
    with precision(config.precision):
        colorizer = _start(config)
    run = _run_folder(config)
    parts = _choose_photographs(config, run, workers)
    _open_run_folder(config, run, parts)
    if colorizer.head.name == "classification":
        colorizer.head = _with_prior(config, colorizer, parts["train"], workers)
    network, embeddings = _trainee(config, colorizer, parts, run, workers)
    if config.model == "sift":
        training, validation, judged = _pixel_datasets(config, colorizer, parts, run, workers)
    else:
        training, validation, judged = _photograph_datasets(config, colorizer, parts, embeddings, workers)
    blocks.follow_within(network, training.steps_per_epoch)
    facts = {
        "training": _as_json(config, names_only=True),
        "photographs": {name: len(part) for name, part in parts.items()},
    }
    optimizer = _optimizer(config, colorizer, training.steps_per_epoch)
    network.compile(optimizer, colorizer.head.loss(), jit_compile=colorizer.network.jit_compile)
    network.fit(
        training,
        epochs=config.epochs,
        steps_per_epoch=training.steps_per_epoch,
        validation_data=validation,
        shuffle=False,
        verbose=0,
        callbacks=[
            *([keras.callbacks.SwapEMAWeights(swap_on_epoch=True)] if config.ema else []),
            *([] if judged is None else [callbacks.Judge(colorizer, judged)]),
            keras.callbacks.TerminateOnNaN(),
            _schedule(config),
            keras.callbacks.CSVLogger(str(run / "log.csv")),
            callbacks.Progress(training),
            callbacks.Save(colorizer, run, facts, monitor=config.monitor),
            callbacks.Pictures(colorizer, parts["validation"], run, every=config.preview_every, epochs=config.epochs),
        ],
    )
    if not (run / "best").exists():
        raise InputError("the loss was never a number: lower --learning-rate, or train with --precision float32")
    print(f"best colorizer: {run / 'best'}   use it: python predict.py PHOTOGRAPHS --weights {run / 'best'}")
    return run


def train_once(config: TrainConfig) -> Path:
    """Trains into `config.run` unless that was done before, with the same options, to the end; what is unfinished goes.

    Returns:
        The run folder.

    Raises:
        InputError: the folder holds another run, or something else.
    """
    run = config.run
    if (run / "config.json").is_file():
        if json.loads((run / "config.json").read_text(encoding="utf-8")) != _as_json(config):
            raise InputError(f"{run} holds a run of other options: name another folder, or remove it")
        if (run / "log.csv").is_file() and len((run / "log.csv").read_text().splitlines()) > config.epochs:
            return run
        shutil.rmtree(run)
    return train(config)


class TwoRateAdam(keras.optimizers.Adam):
    """Adam whose learning rate is multiplied by `factor` for some variables."""

    def __init__(self, learning_rate, *, slow: list[keras.Variable], factor: float, **options) -> None:
        super().__init__(learning_rate, **options)
        self._slow_ids = {id(variable) for variable in slow}
        self._slow_factor = factor

    def build(self, variables):  # noqa: D102
        super().build(variables)
        self._factors = [self._slow_factor if id(variable) in self._slow_ids else 1.0 for variable in variables]

    def update_step(self, gradient, variable, learning_rate):  # noqa: D102
        factor = self._factors[self._get_variable_index(variable)]
        super().update_step(gradient, variable, learning_rate * factor)


def _run_folder(config: TrainConfig) -> Path:
    """The folder the run will write to.

    Raises:
        InputError: there is something in it.
    """
    run = config.run or Path("runs") / f"{datetime.now():%Y-%m-%dT%H-%M-%S}-{config.model}"
    storage.refuse_occupied(run)
    return run


def _open_run_folder(config: TrainConfig, run: Path, parts: dict[str, list[Path]]) -> None:
    """Makes the run folder, once nothing is left that could be refused, with the options and the lists."""
    try:
        run.mkdir(parents=True, exist_ok=True)
        storage.write_text(run / "config.json", json.dumps(_as_json(config), indent=2) + "\n")
        for name, part in parts.items():
            if part:
                storage.write_text(run / f"{name}.txt", "".join(f"{path}\n" for path in part))
    except OSError as error:
        raise InputError(f"cannot write {run}: {error.strerror}") from error


def _choose_photographs(config: TrainConfig, run: Path, workers: int) -> dict[str, list[Path]]:
    paths = photographs.find(config.folder, exclude=run)
    if config.limit and config.limit < len(paths):
        chosen = np.random.default_rng([config.seed, 3]).choice(len(paths), config.limit, replace=False)
        paths = [paths[index] for index in sorted(chosen)]
    found = photographs.survey(paths, workers=workers, progress=_progress("looking at photographs", len(paths)))
    print(f"{config.folder}: {len(found.in_color)} photographs in color", end="")
    print(f"; left out: {len(found.gray)} gray, {len(found.unreadable)} unreadable")
    for sentence in [*(f"{path}: no color" for path in found.gray), *found.unreadable][:_NAMED]:
        print(f"  left out: {sentence}")
    if len(found.gray) + len(found.unreadable) > _NAMED:
        print("  and so on; gray twins of color photographs belong into a folder gray/ beside color/")
    if not found.in_color:
        raise InputError(f"no photograph in color in {config.folder}; training needs color photographs")
    return photographs.split(
        found.in_color, validation=config.validation_split, test=config.test_split, seed=config.seed
    )


def _start(config: TrainConfig) -> Colorizer:
    """The colorizer to train: random weights with the wanted extractor, or a saved one at a new size."""
    head = models.find_head(config.model, config.head)
    if head.name == "regression" and not config.rebalancing and not config.init:
        raise InputError("--no-rebalancing is for a classification head: add --head classification, or leave it out")
    size = (config.image_size, config.image_size) if config.image_size else None
    if config.init:
        colorizer = models.load(config.init)
        if colorizer.config["model"] != config.model:
            kind = colorizer.config["model"]
            raise InputError(f"{config.init} holds model {kind!r}, not {config.model!r}: add --model {kind}")
        if config.head and colorizer.head.name != config.head:
            raise InputError(f"{config.init} has head {colorizer.head.name!r}, not {config.head!r}")
        if (config.cache_embeddings or config.extractor_learning_rate) and not _has_extractor(colorizer):
            raise InputError(f"{config.init} has no InceptionV3: leave out the options about it")
        colorizer.size = size or colorizer.size
        return colorizer
    options = config.build_options()
    colorizer = models.create(config.model, head=config.head, size=size, seed=config.seed, **options)
    if config.resnet_weights:
        importers.load_resnet18(colorizer.network, config.resnet_weights)
    if not options.get("inception"):
        return colorizer
    source = config.inception_weights
    if source == "auto":
        source = DEFAULT_WEIGHTS if storage.is_colorizer(DEFAULT_WEIGHTS) else "imagenet"
    if source == "none":
        print("InceptionV3 starts from random weights, as --inception-weights none says")
    else:
        models.load_extractor_weights(colorizer.network.get_layer(extractors.NAME), source)
    return colorizer


def _has_extractor(colorizer: Colorizer) -> bool:
    return extractors.NAME in [layer.name for layer in colorizer.network.layers]


def _photograph_datasets(
    config: TrainConfig, colorizer: Colorizer, parts: dict, embeddings: dict, workers: int
) -> tuple[data.PhotographDataset, data.PhotographDataset, data.PhotographDataset | None]:
    """What to train on, what to validate on, and the latter with ab as it is if its colors are to be judged."""
    training = data.PhotographDataset(
        parts["train"],
        colorizer,
        batch_size=config.batch_size,
        epochs=config.epochs,
        seed=config.seed,
        augmentation=data.Augmentation(config.rotation, config.shear, config.flip, config.crop),
        embeddings=embeddings.get("train"),
        workers=workers,
    )
    held_out = partial(
        data.PhotographDataset,
        parts["validation"],
        colorizer,
        batch_size=config.batch_size,
        embeddings=embeddings.get("validation"),
        workers=workers,
    )
    return training, held_out(), None if config.monitor == "val_loss" else held_out(encode=same)


def _pixel_datasets(
    config: TrainConfig, colorizer: Colorizer, parts: dict, run: Path, workers: int
) -> tuple[data.PixelDataset, data.PixelDataset, data.PixelDataset | None]:
    """The same of pixels, described once and stored in the run folder."""
    options = {"pixels": config.pixels, "seed": config.seed, "workers": workers}
    files = {name: run / f"pixels-{name}.npz" for name in ("train", "validation")}
    for name, file in files.items():
        progress = _progress("describing pixels", len(parts[name]))
        data.store_pixels(parts[name], colorizer, file, progress=progress, **options)
    dataset = partial(data.PixelDataset, colorizer=colorizer, batch_size=config.batch_size, seed=config.seed)
    judged = None if config.monitor == "val_loss" else dataset(files["validation"], encode=same)
    return dataset(files["train"], epochs=config.epochs), dataset(files["validation"]), judged


def _with_prior(config: TrainConfig, colorizer: Colorizer, paths: list[Path], workers: int) -> Head:
    """The classification head with the prior of the training photographs, counted at the size of its targets."""
    progress = _progress("counting colors", len(paths))
    counts = data.count_bins(paths, colorizer.output_size(), workers=workers, progress=progress)
    prior = tuple(float(share) for share in gamut.prior(counts))
    return dataclasses.replace(colorizer.head, prior=prior, rebalancing=config.rebalancing)


def _trainee(config: TrainConfig, colorizer: Colorizer, parts: dict, run: Path, workers: int):
    """The network to fit, and the embeddings it is fed if they are cached: {"train": (N, 2, E), ...}, else {}."""
    network = colorizer.network
    if not _has_extractor(colorizer):
        return network, {}
    extractor = network.get_layer(extractors.NAME)
    extractors.set_trainable(extractor, config.extractor_learning_rate > 0)
    if not config.cache_embeddings:
        return network, {}
    size = (config.embedding_size, config.embedding_size) if config.embedding_size else colorizer.size
    embeddings = {name: _embed(extractor, parts[name], size, run.parent, workers) for name in ("train", "validation")}
    return models.without_extractor(network), embeddings


def _embed(extractor: keras.Model, paths: list[Path], size: tuple[int, int], folder: Path, workers: int) -> np.ndarray:
    """Embeds photographs at `size` and their mirror images, `(N, 2, E)` float16; kept in `folder` for later runs."""
    digest = hashlib.sha256(repr(size).encode())
    for weight in extractor.get_weights():
        digest.update(weight.tobytes())
    for path in paths:
        facts = path.stat()
        digest.update(os.fsencode(os.path.realpath(path)) + f"\n{facts.st_size}\n{facts.st_mtime_ns}\n".encode())
    file = folder / f"embeddings-{digest.hexdigest()[:16]}.npy"
    if file.exists():
        return np.load(file, allow_pickle=False)
    batch_size = 8
    batches = []
    with tqdm(total=len(paths), unit="img", desc="embedding", leave=False) as bar:
        for lightness in data.lightness_batches(paths, size, batch_size, workers=workers):
            count = len(lightness)
            padded = np.pad(lightness, [(0, batch_size - count), (0, 0), (0, 0), (0, 0)])
            both = [np.asarray(extractor.predict_on_batch(side))[:count] for side in (padded, padded[:, :, ::-1])]
            batches.append(np.stack(both, axis=1).astype(np.float16))
            bar.update(count)
    embeddings = np.concatenate(batches)
    with images.replacing(file) as temporary:
        np.save(temporary, embeddings)
    return embeddings


def _optimizer(config: TrainConfig, colorizer: Colorizer, steps_per_epoch: int) -> keras.optimizers.Optimizer:
    rate = config.learning_rate
    if config.schedule == "cosine":
        warmup = config.warmup_epochs * steps_per_epoch
        rate = keras.optimizers.schedules.CosineDecay(
            0.0 if warmup else config.learning_rate,
            config.epochs * steps_per_epoch - warmup,
            warmup_target=config.learning_rate if warmup else None,
            warmup_steps=warmup,
        )
    options = {"weight_decay": config.weight_decay or None, "global_clipnorm": config.clip_norm}
    if config.ema:
        options |= {"use_ema": True, "ema_momentum": config.ema}
    if config.extractor_learning_rate:
        slow = colorizer.network.get_layer(extractors.NAME).trainable_variables
        factor = config.extractor_learning_rate / config.learning_rate
        optimizer = TwoRateAdam(rate, slow=slow, factor=factor, **options)
    else:
        optimizer = keras.optimizers.Adam(rate, **options)
    if config.weight_decay:
        optimizer.exclude_from_weight_decay(var_names=["bias", "gamma", "beta"])
    return optimizer


def _schedule(config: TrainConfig) -> keras.callbacks.Callback:
    """Reduces the learning rate on a plateau, or logs the one of a schedule that the optimizer follows by itself."""
    if config.schedule == "cosine":
        return callbacks.LogLearningRate()
    return keras.callbacks.ReduceLROnPlateau(
        config.monitor, mode=MONITORS[config.monitor], patience=config.patience, factor=config.factor, min_delta=0
    )


def _progress(label: str, total: int) -> Callable[[Iterable], Iterable]:
    """A progress bar to wrap around an iterable of `total` photographs."""
    return partial(tqdm, total=total, unit="img", desc=label, leave=False)


def _as_json(config: TrainConfig, *, names_only: bool = False) -> dict:
    """The options as JSON takes them; `names_only` leaves the folders of paths out, for what is passed on to others."""
    values = dataclasses.asdict(config)
    for name, value in values.items():
        if isinstance(value, Path):
            values[name] = value.name if names_only else str(value)
    if names_only:
        values["inception_weights"] = Path(config.inception_weights).name
    return values
