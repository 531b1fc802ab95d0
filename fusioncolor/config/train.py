"""Options of `train.py`."""

import dataclasses
import math
from dataclasses import dataclass
from pathlib import Path

from fusioncolor.config.choices import DEFAULT_WEIGHTS, FROZEN, MONITORS, NETWORKS, PRECISIONS, SCHEDULES
from fusioncolor.config.fields import flag, option
from fusioncolor.errors import InputError


@dataclass(frozen=True)
class TrainConfig:
    """Options of `train.py`; the defaults are the published recipe of the fusion network."""

    folder: Path | None = option(None, "folder of color photographs, searched recursively", positional=True)
    resume: Path | None = option(
        None,
        "go on with the run in this folder, from the moment that was last saved; everything else is read from there. "
        "On a CPU the result is the same, to the last bit, as without the interruption; on a GPU as far as its backend "
        "is deterministic",
        metavar="RUN",
    )
    model: str = option("fusion", "system to train: fusion, plain, residual, resnet or sift")
    head: str | None = option(
        None,
        "regression or classification; default: that of --init, else the model's own, see fusioncolor models. With "
        "--init and another head, the layers that do not depend on it are kept",
    )
    run: Path | None = option(None, "folder for everything the run writes; default runs/<date>-<model>")
    init: Path | None = option(None, "saved colorizer to go on from, instead of random weights")
    epochs: int = option(60, "passes over the training photographs")
    batch_size: int = option(8, "photographs per step")
    image_size: str | int | None = option(
        None,
        "side of the square the network sees, a multiple of 8; default: the published one, 256 for fusion. Several, "
        "such as 128:20,256:5, are sides with their epochs; best/ is then chosen among those of the last side",
        metavar="SIZE",
    )
    learning_rate: float = option(1e-3, "of Adam, at the start")
    schedule: str = option(
        "plateau",
        "of the learning rate: plateau reduces it when the monitored value gets no better, cosine takes it to 0 over "
        "all epochs",
        choices=SCHEDULES,
    )
    warmup_epochs: float = option(
        0.0, "with --schedule cosine: epochs, such as 0.2, in which the learning rate rises from 0"
    )
    weight_decay: float = option(0.0, "above 0 it is AdamW; biases, batch normalization and InceptionV3 are left out")
    clip_norm: float | None = option(None, "scale gradients down to this global norm")
    ema: float = option(
        0.0,
        "above 0, such as 0.999: validate and save the exponential moving average of the weights, with this momentum",
    )
    monitor: str = option(
        "val_loss",
        "what chooses best/ and reduces the learning rate: the loss on the validation photographs, or the AuC or root "
        "mean squared error of their decoded colors, which costs another pass over them (a classifier's loss can rise "
        "while its pictures improve)",
        choices=tuple(MONITORS),
    )
    patience: int = option(10, "epochs without a better monitored value before the learning rate is reduced")
    factor: float = option(0.1, "by which the learning rate is then multiplied")
    early_stopping: int | None = option(
        None, "end the training after so many epochs without a better monitored value", metavar="EPOCHS"
    )
    validation_split: float = option(0.25, "share of the photographs that validates")
    validation: Path | None = option(None, "folder of photographs that validate, instead of a split", metavar="FOLDER")
    test_split: float = option(0.0, "share of the photographs kept for a later test, listed in test.txt")
    rotation: float = option(20.0, "augmentation: up to this many degrees either way", models=NETWORKS)
    shear: float = option(0.2, "augmentation: up to this shear factor (tangent) either way", models=NETWORKS)
    flip: bool = option(True, "augmentation: mirror every second photograph", models=NETWORKS)
    crop: float = option(
        1.0,
        "augmentation: a random part of at least this share of the photograph's area, such as 0.4; 1 takes it whole",
        models=NETWORKS,
    )
    pixels: int = option(256, "pixels stored of every photograph to train the perceptrons on", models=("sift",))
    inception_weights: str = option(
        "auto",
        "initial InceptionV3: a .weights.h5 file, a saved colorizer's folder, imagenet (Keras downloads it), none "
        f"(random), or auto (those in {DEFAULT_WEIGHTS} if they are there, else imagenet)",
        metavar="PATH",
        models=("fusion",),
    )
    inception: bool = option(
        True, "fuse the InceptionV3 embedding; without it, the published ablation", models=("fusion",), build=True
    )
    skips: bool = option(True, "skip connections; without them, the published ablation", models=("fusion",), build=True)
    batch_normalization: bool = option(
        True, "batch normalization; without it, the published ablation", models=("fusion",), build=True
    )
    negative_slope: float = option(
        0.1, "of the encoder's LeakyReLU; 0 is ReLU, as in the published ablation", models=("fusion",), build=True
    )
    dropout: float = option(
        0.0,
        "share of features left out at random: before the last layer of plain and residual, of the embedding of fusion",
        models=("fusion", "plain", "residual"),
        build=True,
    )
    rebalancing: bool | None = option(
        None,
        "classification: weight rare colors up by the training set's prior; default: as --init does, else with it",
    )
    resnet_weights: Path | None = option(
        None, "initial encoder: torchvision's ResNet-18 state, a .pth file", models=("resnet",)
    )
    freeze: str | None = option(
        None,
        "what is kept as it is: extractor (InceptionV3), encoder (and the extractor), or none; default: extractor, or "
        "none with --extractor-learning-rate",
        choices=FROZEN,
        models=("fusion", "resnet"),
    )
    extractor_learning_rate: float | None = option(
        None,
        "of InceptionV3, unless it is frozen; default: a tenth of --learning-rate",
        models=("fusion",),
    )
    cache_embeddings: bool = option(
        False,
        "embed every training photograph and its mirror image once, and reuse that for the rotated, sheared and "
        "cropped ones; needs a frozen extractor",
        models=("fusion",),
    )
    embedding_size: int | None = option(
        None,
        "with --cache-embeddings: side at which photographs are embedded; default: --image-size, which is what "
        "predict.py sees. Larger only for a first stage that a later one at that size goes on from",
        models=("fusion",),
    )
    precision: str = option(
        "auto",
        "of the arithmetic; auto: bfloat16 where the processor has it; float16 is for GPUs, with loss scaling",
        choices=PRECISIONS,
    )
    deterministic: bool = option(
        True,
        "the same seed gives the same weights, to the last bit, on the same kind of machine; without it a CPU is about "
        "5 % faster",
    )
    save_every: int = option(500, "steps between two savings of the state that --resume goes on from", metavar="STEPS")
    tensorboard: bool = option(False, "write RUN/tensorboard too; needs pip install tensorboard")
    preview_every: int = option(5, "epochs between pictures of the validation photographs; 0: never")
    limit: int | None = option(None, "use only this many of the files, drawn at random")
    seed: int = option(0, "of split, order, augmentation and initial weights")
    workers: int | None = option(None, "threads that read photographs; default: one per core")

    def __post_init__(self) -> None:
        """Checks what can be checked without looking at any file.

        Raises:
            InputError: an option is out of range, or two contradict each other.
        """
        if self.resume:
            self._refuse_beside_resume()
            return
        if self.folder is None:
            raise InputError("name a FOLDER of photographs to train on, or --resume RUN to go on with a run")
        self._check_counts_and_rates()
        self._check_sides()
        self._check_schedule()
        self._check_split()
        self._check_augmentation()
        self._check_model()
        self._check_extractor()
        if self.init:
            self._refuse_building_options()

    def stages(self) -> list[tuple[int | None, int]]:
        """Sides at which to train, each with its number of epochs; None is the model's own side.

        Raises:
            InputError: `image_size` is none.
        """
        text = str(self.image_size)
        try:
            if self.image_size is None or ":" not in text:
                return [(None if self.image_size is None else int(text), self.epochs)]
            return [(int(side), int(epochs)) for side, epochs in (part.split(":") for part in text.split(","))]
        except ValueError as error:
            raise InputError(
                f"--image-size is a number, or sides with epochs such as 128:20,256:5. Received: {text}"
            ) from error

    def extractor_rate(self) -> float:
        """The learning rate of the extractor, 0 if that is frozen."""
        if self.model != "fusion" or not self.inception or self.freeze in ("extractor", "encoder"):
            return 0.0
        if self.freeze is None and not self.extractor_learning_rate:
            return 0.0
        return self.learning_rate / 10 if self.extractor_learning_rate is None else self.extractor_learning_rate

    def _check_counts_and_rates(self) -> None:
        for name in ("epochs", "batch_size", "patience", "limit", "workers", "pixels", "early_stopping", "save_every"):
            value = getattr(self, name)
            if value is not None and value < 1:
                raise InputError(f"{flag(name)} must be 1 or more. Received: {value}")
        if self.preview_every < 0:
            raise InputError(f"--preview-every must be 0 or more. Received: {self.preview_every}")
        if not 0 < self.learning_rate < math.inf or not 0 < self.factor < 1:
            raise InputError("--learning-rate must be above 0, and --factor between 0 and 1")
        if not 0 <= self.ema < 1 or not 0 <= self.weight_decay < 1:
            raise InputError("--ema and --weight-decay must be from 0 to below 1")
        if self.clip_norm is not None and not 0 < self.clip_norm < math.inf:
            raise InputError(f"--clip-norm must be above 0. Received: {self.clip_norm}")
        if not 0 <= self.negative_slope < 1:
            raise InputError(f"--negative-slope must be from 0 to below 1. Received: {self.negative_slope}")
        if not 0 <= self.dropout < 1:
            raise InputError(f"--dropout must be from 0 to below 1. Received: {self.dropout}")
        if not 0 <= self.seed < 2**32:
            raise InputError(f"--seed must be from 0 to 2^32 - 1. Received: {self.seed}")

    def _check_sides(self) -> None:
        """Checks `image_size`, and takes the number of epochs from there if it has one."""
        stages = self.stages()
        for side, epochs in stages:
            if side is not None and (not 32 <= side <= 4096 or side % 8):
                raise InputError(f"--image-size must be a multiple of 8 from 32 to 4096. Received: {self.image_size}")
            if epochs < 1:
                raise InputError(f"--image-size: every side needs 1 epoch or more. Received: {self.image_size}")
        if self.model == "sift" and len(stages) > 1:
            raise InputError("model sift trains on pixels, which are described at one --image-size only")
        total = sum(epochs for _, epochs in stages)
        if total != self.epochs:
            if not self._is_default("epochs"):
                raise InputError(f"--image-size {self.image_size} makes {total} epochs: leave --epochs out")
            object.__setattr__(self, "epochs", total)

    def _check_schedule(self) -> None:
        if self.warmup_epochs and (self.schedule != "cosine" or not 0 < self.warmup_epochs < self.epochs):
            raise InputError("--warmup-epochs is of --schedule cosine, and less than --epochs")
        if self.schedule == "cosine":
            for name in ("patience", "factor"):
                if not self._is_default(name):
                    raise InputError(f"{flag(name)} is of --schedule plateau: leave it out")

    def _check_split(self) -> None:
        if self.validation and not self._is_default("validation_split"):
            raise InputError("--validation FOLDER takes the place of --validation-split: use only one")
        if not 0 < self.validation_split < 1 or not 0 <= self.test_split < 1:
            raise InputError("--validation-split must be between 0 and 1, and --test-split from 0 to below 1")
        if self.validation is None and self.validation_split + self.test_split >= 1:
            raise InputError("--validation-split and --test-split leave nothing to train on; make their sum below 1")

    def _check_augmentation(self) -> None:
        if not 0 <= self.rotation <= 180 or not 0 <= self.shear <= 1:
            raise InputError("--rotation must be 0 to 180, and --shear 0 to 1")
        if not 0 < self.crop <= 1:
            raise InputError(f"--crop must be above 0, at most 1. Received: {self.crop}")

    def _check_model(self) -> None:
        for entry in dataclasses.fields(self):
            models = entry.metadata.get("models")
            if models and self.model not in models and getattr(self, entry.name) != entry.default:
                raise InputError(f"{flag(entry.name)} is for model {' or '.join(models)}, not for {self.model}")
        if self.freeze == "encoder" and not (self.init or self.resnet_weights):
            raise InputError("--freeze encoder keeps random weights as they are: add --init WEIGHTS")
        if self.model == "resnet" and self.freeze == "extractor":
            raise InputError("--freeze extractor is for model fusion: resnet has an encoder only")

    def _check_extractor(self) -> None:
        if not 0 <= (self.extractor_learning_rate or 0) < math.inf:
            raise InputError("--extractor-learning-rate must be 0 or more")
        if self.freeze == "none" and self.extractor_learning_rate == 0:
            raise InputError("--freeze none lets InceptionV3 learn, --extractor-learning-rate 0 does not: use only one")
        if self.extractor_learning_rate and self.freeze in ("extractor", "encoder"):
            raise InputError(f"--freeze {self.freeze} freezes what --extractor-learning-rate is about: use only one")
        if self.cache_embeddings and self.extractor_rate():
            raise InputError(
                "--cache-embeddings keeps InceptionV3's answers, --extractor-learning-rate and --freeze none change "
                "them: use only one"
            )
        about = (self.cache_embeddings, self.extractor_learning_rate, self.freeze == "extractor", self.dropout)
        if not self.inception and self.model == "fusion" and any(about):
            raise InputError(
                "--no-inception leaves out what --cache-embeddings, --freeze extractor, --dropout and "
                "--extractor-learning-rate are about"
            )
        if self.embedding_size is not None and (self.embedding_size < 32 or not self.cache_embeddings):
            raise InputError("--embedding-size is 32 or more, and of --cache-embeddings: add that, or leave it out")

    def _is_default(self, name: str) -> bool:
        return getattr(self, name) == type(self).__dataclass_fields__[name].default

    def _refuse_beside_resume(self) -> None:
        for entry in dataclasses.fields(self):
            if entry.name not in ("resume", "workers") and getattr(self, entry.name) != entry.default:
                what = "a folder" if entry.name == "folder" else flag(entry.name)
                raise InputError(f"--resume reads everything from {self.resume}: leave out {what}")

    def _refuse_building_options(self) -> None:
        names = [
            "inception_weights",
            "resnet_weights",
            *(entry.name for entry in dataclasses.fields(self) if entry.metadata.get("build")),
        ]
        given = [name for name in names if not self._is_default(name)]
        if given:
            raise InputError(f"{flag(given[0])} cannot change the network that --init loads: leave one of them out")

    def build_options(self) -> dict:
        """The options that the model's builder takes, by name."""
        entries = [entry for entry in dataclasses.fields(self) if entry.metadata.get("build")]
        return {entry.name: getattr(self, entry.name) for entry in entries if self.model in entry.metadata["models"]}
