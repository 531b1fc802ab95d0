"""Options of training."""

from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import NamedTuple

from fusioncolor.addresses import Address
from fusioncolor.config.choices import DEFAULT_WEIGHTS, FROZEN, MONITORS, PRECISIONS, SCHEDULES
from fusioncolor.config.fields import check_options, convert_options, is_default, option
from fusioncolor.errors import InputError

_SIDES = range(32, 4097, 8)  # pixels

_data = partial(option, group="data")
_model = partial(option, group="model")
_optimization = partial(option, group="optimization")
_augmentation = partial(option, group="augmentation")
_run = partial(option, group="run")
_devices = partial(option, group="several devices")


def check_hosts(hosts: str | None, index: int | None) -> list[str]:
    """Returns the addresses in `hosts`, and checks them.

    Raises:
        InputError: an address is incomplete, or the process has no number among them.
    """
    addresses = [one.strip() for one in hosts.split(",")] if hosts else []
    for address in addresses:
        name, _, port = address.rpartition(":")
        if not name or not port.isdigit():
            raise InputError(f"`hosts` must be addresses with ports, such as a:4321,b:4321. Received: {hosts}")
    if addresses and index is None:
        raise InputError(f"`hosts` needs `host_index`, from 0 to {len(addresses) - 1}")
    if index is not None and index >= len(addresses):
        raise InputError(f"`host_index` {index} is not in `hosts`, which has {len(addresses)} addresses")
    return addresses


class Stage(NamedTuple):
    """A part of a training, at one size.

    Attributes:
        side: side in pixels of the square that the network sees; None: the model's own size.
        epochs: passes over the photographs.
    """

    side: int | None
    epochs: int


@dataclass(frozen=True)
class TrainConfig:
    """Options of a training; the defaults are the published recipe of the fusion network."""

    folder: Path | Address | None = _data(
        None,
        "Folder of color photographs, searched recursively, in .tar archives too; or its address, such as "
        "s3://bucket/photographs/, from which they are copied to a cache",
        positional=True,
        metavar="FOLDER",
    )
    validation_split: float = _data(0.25, "Share of the photographs to validate on", above=0, below=1)
    validation: Path | Address | None = _data(
        None, "Folder of photographs to validate on, or its address, instead of a split", metavar="FOLDER"
    )
    test_split: float = _data(
        0.0,
        "Share of the photographs to set aside for a later test; test.txt in the run folder lists them",
        minimum=0,
        below=1,
    )
    test_names: list[str] = _data(
        [],
        "Set aside photographs with these file names too, such as 'weather_*': a test on collections that were not "
        "trained on tells more about other people's photographs than a random one",
        metavar="PATTERN",
    )
    twice: list[str] = _data(
        [],
        "Show photographs with these file names, such as 'street_*', twice in every epoch",
        metavar="PATTERN",
    )
    limit: int | None = _data(None, "Use only this many photographs, drawn at random", minimum=1)
    pixels: int = _data(256, "Pixels stored per photograph, for models that train on single pixels (sift)", minimum=1)
    model: str = _model("fusion", "Model to train; the command fusioncolor models lists them")
    head: str | None = _model(
        None,
        "Output head: regression or classification (default: the one of `init`, else the model's own). With `init` and "
        "another head, layers that do not depend on the head keep their weights",
    )
    init: Path | None = _model(
        None,
        "Preset by name, or folder of a saved colorizer, to fine-tune instead of starting from random weights",
        metavar="NAME|FOLDER",
    )
    image_size: str | int | None = _model(
        None,
        "Side of the square that the network sees, a multiple of 8 (default: the published one, 256 for fusion). "
        "Several sides with their epochs, such as 128:20,256:5, train in stages; best/ comes from the last stage",
        metavar="SIZE",
    )
    inception: bool = _model(True, "Fuse the InceptionV3 embedding; off: the published ablation (fusion)")
    dense_features: bool = _model(
        False,
        "Besides the embedding, fuse two feature maps of InceptionV3, which tell what is where; the published network "
        "does not (fusion)",
    )
    inception_weights: str = _model(
        "auto",
        "Initial InceptionV3 weights: a .weights.h5 file, a preset or saved colorizer, imagenet (Keras downloads "
        f"it), none (random), or auto (from {DEFAULT_WEIGHTS} if it exists, else imagenet) (fusion)",
        metavar="PATH",
    )
    skips: bool = _model(True, "Skip connections; off: the published ablation (fusion)")
    batch_normalization: bool = _model(True, "Batch normalization; off: the published ablation (fusion)")
    negative_slope: float = _model(
        0.1, "Negative slope of the encoder's LeakyReLU; 0 is ReLU, the published ablation (fusion)", minimum=0, below=1
    )
    dropout: float = _model(
        0.0, "Dropout rate, before the last layer (plain, residual) or on the embedding (fusion)", minimum=0, below=1
    )
    rebalancing: bool | None = _model(
        None,
        "Weight rare colors up in the classification loss, by their frequency in the training set (default: as `init` "
        "was trained, else on)",
    )
    error_weight: float | None = _model(
        None,
        "Add each photograph's error in decibels to the classification loss, times this weight, such as 0.1: colors "
        "become more restrained where they are uncertain (default: as `init` was trained, else 0)",
        minimum=0,
        maximum=100,
    )
    loss: str | None = _model(
        None,
        "Loss to minimize instead of the head's own: mse, mae, huber or euclidean (regression), cross_entropy "
        "(classification), or one that is registered",
    )
    resnet_weights: Path | None = _model(
        None, "Initial encoder weights: torchvision's ResNet-18 as a .pth file (resnet)", metavar="FILE"
    )
    freeze: str | None = _model(
        None,
        "Layers to keep unchanged: extractor (InceptionV3), encoder (extractor included), or none (default: extractor; "
        "none with `extractor_learning_rate`) (fusion, resnet)",
        choices=FROZEN,
    )
    cache_features: int | None = _model(
        None,
        "Compute the embedding and feature maps of this many augmented copies of each photograph once, and train on "
        "these in all epochs; needs a frozen extractor and one `image_size` (dense, fusion)",
        minimum=1,
        metavar="COPIES",
    )
    cache_embeddings: bool = _model(
        False,
        "Embed each photograph and its mirror image once, and reuse these embeddings for augmented copies; needs a "
        "frozen extractor (fusion)",
    )
    embedding_size: int | None = _model(
        None,
        "Side at which `cache_embeddings` embeds photographs (default: `image_size`, the side that prediction uses). "
        "Set it higher only for a first stage at a small size (fusion)",
        minimum=32,
    )
    epochs: int = _optimization(60, "Passes over the training photographs", minimum=1)
    batch_size: int = _optimization(8, "Photographs per training step", minimum=1)
    learning_rate: float = _optimization(1e-3, "Initial learning rate of Adam", above=0)
    extractor_learning_rate: float | None = _optimization(
        None,
        "Learning rate of InceptionV3 where it is not frozen (default: a tenth of `learning_rate`) (fusion)",
        minimum=0,
    )
    schedule: str = _optimization(
        "plateau",
        "Learning-rate schedule: reduce on plateau of the monitored value, or cosine decay to 0 over all epochs",
        choices=SCHEDULES,
    )
    patience: int = _optimization(
        10, "Epochs without improvement before `schedule` plateau reduces the rate", minimum=1
    )
    factor: float = _optimization(0.1, "Factor by which `schedule` plateau reduces the rate", above=0, below=1)
    warmup_epochs: float = _optimization(
        0.0, "Epochs of linear warmup before cosine decay; may be a fraction, such as 0.2", minimum=0
    )
    monitor: str = _optimization(
        "val_loss",
        "Validation value that selects best/ and reduces the learning rate: the loss, or the decoded colors' gain over "
        "gray in PSNR, AuC, or root mean squared error (the loss of a classifier can rise while its pictures improve)",
        choices=tuple(MONITORS),
    )
    early_stopping: int | None = _optimization(
        None, "Stop after this many epochs without improvement of the monitored value", minimum=1, metavar="EPOCHS"
    )
    weight_decay: float = _optimization(
        0.0,
        "Weight decay (AdamW if above 0); biases, batch normalization and InceptionV3 are exempt",
        minimum=0,
        below=1,
    )
    clip_norm: float | None = _optimization(None, "Clip gradients to this global norm", above=0)
    ema: float = _optimization(
        0.0,
        "Momentum of an exponential moving average of the weights, such as 0.999, which is then validated and saved; "
        "0: no averaging",
        minimum=0,
        below=1,
    )
    rotation: float = _augmentation(20.0, "Largest random rotation, in degrees either way", minimum=0, maximum=180)
    shear: float = _augmentation(0.2, "Largest random shear factor (tangent), either way", minimum=0, maximum=1)
    flip: bool = _augmentation(True, "Mirror every second photograph")
    crop: float = _augmentation(
        1.0,
        "Smallest share of a photograph's area that a random crop keeps, such as 0.4; 1: no cropping",
        above=0,
        maximum=1,
    )
    exposure: float = _augmentation(
        0.0,
        "Largest random darkening in stops, such as 1; photographs are brightened by up to half as much",
        minimum=0,
        maximum=4,
    )
    emulsion: float = _augmentation(
        0.0,
        "Share of photographs whose lightness is changed to what an old emulsion would have recorded, from blue plates "
        "to panchromatic film, with grain, fading and scratches; the colors to learn stay true",
        minimum=0,
        maximum=1,
    )
    run: Path | None = _run(
        None, "Folder for everything that the run writes (default: runs/<date>-<model>)", metavar="FOLDER"
    )
    precision: str = _run(
        "auto",
        "Arithmetic precision; auto: bfloat16 where the processor supports it; float16: for GPUs, with loss scaling",
        choices=PRECISIONS,
    )
    deterministic: bool = _run(
        True, "Bit-identical weights for the same seed on the same kind of machine; off: about 5% faster on a CPU"
    )
    save_every: int = _run(
        500, "Steps between saves of the state that an interrupted run resumes from", minimum=1, metavar="STEPS"
    )
    preview_every: int = _run(
        5, "Epochs between preview pictures of validation photographs; 0: no previews", minimum=0, metavar="EPOCHS"
    )
    tensorboard: bool = _run(False, "Also write TensorBoard logs (needs pip install tensorboard)")
    devices: int | None = _devices(
        None,
        "Train on this many devices of one machine, or of each host; they share every batch (JAX, and on one machine "
        "TensorFlow)",
        minimum=1,
    )
    hosts: str | None = _devices(
        None,
        "Train in several processes: address:port of each, separated by commas, the same on every host. They meet at "
        "the first, share every batch, and need `run` on a file system that all hosts share (JAX)",
        metavar="ADDRESSES",
    )
    host_index: int | None = _devices(
        None, "Number of this process in `hosts`, from 0; process 0 writes the run", minimum=0, metavar="NUMBER"
    )
    seed: int = _run(0, "Random seed for split, order, augmentation and initial weights", minimum=0, maximum=2**32 - 1)
    workers: int | None = _run(None, "Threads that read photographs (default: one per core)", minimum=1)

    def __post_init__(self) -> None:
        """Checks everything that needs neither files nor a model.

        Raises:
            InputError: an option is out of range, or two contradict each other.
        """
        convert_options(self)
        if self.folder is None:
            raise InputError("`folder` is missing: name a folder of color photographs to train on")
        check_options(self)
        self._check_stages()
        self._check_schedule()
        self._check_split()
        self._check_freezing()
        self._check_extractor()
        self._check_devices()

    def _check_devices(self) -> None:
        addresses = self.addresses()
        if self.devices is None and not addresses:
            return
        if self.cache_embeddings or self.cache_features:
            name = "cache_embeddings" if self.cache_embeddings else "cache_features"
            raise InputError(f"`{name}` trains on one device: leave it out, or `devices` and `hosts`")
        parts = max(1, len(addresses)) * (self.devices or 1)
        if self.batch_size % parts:
            raise InputError(
                f"`batch_size` {self.batch_size} cannot be shared by {parts} devices: make it a multiple of {parts}"
            )
        if len(addresses) > 1 and self.run is None:
            raise InputError("`hosts` needs a folder that all hosts share: name it with `run`")

    def addresses(self) -> list[str]:
        """Returns the addresses in `hosts`; empty for one process."""
        return check_hosts(self.hosts, self.host_index)

    @property
    def total_epochs(self) -> int:
        """Epochs of all stages."""
        return sum(stage.epochs for stage in self.stages())

    def stages(self) -> list[Stage]:
        """Returns the stages of the training, in order.

        Raises:
            InputError: `image_size` is neither a number nor sides with epochs.
        """
        if self.image_size is None:
            return [Stage(None, self.epochs)]
        text = str(self.image_size)
        try:
            if ":" not in text:
                return [Stage(int(text), self.epochs)]
            pairs = [part.split(":") for part in text.split(",")]
            return [Stage(int(side), int(epochs)) for side, epochs in pairs]
        except ValueError as error:
            raise InputError(
                f"`image_size` must be a number, or sides with epochs such as 128:20,256:5. Received: {text}"
            ) from error

    def _check_stages(self) -> None:
        for side, epochs in self.stages():
            if side is not None and side not in _SIDES:
                raise InputError(f"`image_size` must be a multiple of 8 from 32 to 4096. Received: {self.image_size}")
            if epochs < 1:
                raise InputError(f"`image_size`: every side needs 1 epoch or more. Received: {self.image_size}")
        if self.total_epochs != self.epochs and not is_default(self, "epochs"):
            raise InputError(f"`image_size` {self.image_size} makes {self.total_epochs} epochs: leave out `epochs`")

    def _check_schedule(self) -> None:
        if self.warmup_epochs and (self.schedule != "cosine" or self.warmup_epochs >= self.total_epochs):
            raise InputError("`warmup_epochs` needs `schedule` cosine, and must be less than `epochs`")
        if self.schedule == "cosine":
            for name in ("patience", "factor"):
                if not is_default(self, name):
                    raise InputError(f"`{name}` is for `schedule` plateau: leave it out")

    def _check_split(self) -> None:
        if self.validation and not is_default(self, "validation_split"):
            raise InputError("`validation` replaces `validation_split`: use only one")
        if self.validation is None and self.validation_split + self.test_split >= 1:
            raise InputError(
                "`validation_split` and `test_split` must add up to less than 1, to leave some to train on"
            )

    def _check_freezing(self) -> None:
        if self.freeze == "none" and self.extractor_learning_rate == 0:
            raise InputError("`freeze` none lets InceptionV3 learn, `extractor_learning_rate` 0 does not: use only one")
        if self.freeze in ("extractor", "encoder") and self.extractor_learning_rate:
            raise InputError(f"`freeze` {self.freeze} freezes InceptionV3: leave out `extractor_learning_rate`")

    def _check_extractor(self) -> None:
        for cache in ("cache_embeddings", "cache_features"):
            if getattr(self, cache) and (self.freeze == "none" or self.extractor_learning_rate):
                raise InputError(
                    f"`{cache}` cannot be combined with `freeze` none or `extractor_learning_rate`, which train "
                    "InceptionV3"
                )
        if self.cache_embeddings and self.cache_features:
            raise InputError("`cache_features` keeps embeddings too: leave out `cache_embeddings`")
        if self.cache_embeddings and self.dense_features:
            raise InputError("`cache_embeddings` keeps no maps for `dense_features`: use `cache_features` instead")
        if self.cache_features and len(self.stages()) > 1:
            raise InputError("`cache_features` needs one `image_size` for the whole training")
        about = (
            self.cache_embeddings,
            self.cache_features,
            self.extractor_learning_rate,
            self.freeze == "extractor",
            self.dropout,
            self.dense_features,
        )
        if not self.inception and any(about):
            raise InputError(
                "without `inception`, leave out `cache_embeddings`, `cache_features`, `dense_features`, `dropout`, "
                "`freeze` extractor and `extractor_learning_rate`"
            )
        if self.embedding_size is not None and not self.cache_embeddings:
            raise InputError("`embedding_size` is for `cache_embeddings`: add that, or leave it out")
