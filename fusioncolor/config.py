"""Every option of the commands, with its default: frozen dataclasses whose fields become flags.

Nothing heavy is imported here, so that `--help` and wrong arguments are answered at once.
"""

import dataclasses
import math
from dataclasses import dataclass, field
from pathlib import Path

from fusioncolor.errors import InputError

DEFAULT_WEIGHTS = "weights/fusion.landscapes"
BASELINES = ("gray", "mean", "random", "welsh", "oracle_mean")
REFINEMENTS = ("segment", "chrominance", "peaks")
NETWORKS = ("fusion", "plain", "residual", "resnet")  # that see whole photographs
DECODERS = ("annealed_mean", "mean", "mode", "sample")
REPRODUCTIONS = ("losses", "fusion", "ablations", "residual", "refinements", "monitor")
FORMATS = ("jpg", "png", "tif", "webp", "bmp")
SCHEDULES = ("plateau", "cosine")
PRECISIONS = ("auto", "float32", "bfloat16", "float16")
FROZEN = ("extractor", "encoder", "none")
MONITORS = {"val_loss": "min", "val_auc": "max", "val_rmse": "min"}


def option(default, text: str, *, models: tuple[str, ...] = (), build: bool = False, **argparse_options):
    """A dataclass field that becomes a flag.

    Args:
        default: of the field.
        text: of the help.
        models: the only ones it is for; none: for all.
        build: whether the model's builder takes it.
        **argparse_options: whatever `add_argument` shall get besides.
    """
    if models and models != NETWORKS:
        text = f"{text} [{', '.join(models)}]"
    metadata = {"help": text, "models": models, "build": build, **argparse_options}
    if isinstance(default, list):
        return field(default_factory=lambda: list(default), metadata=metadata)
    return field(default=default, metadata=metadata)


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
    head: str | None = option(None, "regression or classification; default: the model's own, see fusioncolor models")
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
    warmup_epochs: int = option(0, "with --schedule cosine: epochs in which the learning rate rises from 0")
    weight_decay: float = option(0.0, "above 0 it is AdamW; biases and batch normalization are left out")
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
    dropout: float = option(0.0, "before the last layer", models=("plain", "residual"), build=True)
    rebalancing: bool = option(True, "classification: weight rare colors up by the training set's prior")
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
        "embed every training photograph and its mirror image once, and reuse that for the rotated and sheared ones; "
        "needs a frozen extractor",
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
        for name in ("epochs", "batch_size", "patience", "limit", "workers", "pixels", "early_stopping", "save_every"):
            value = getattr(self, name)
            if value is not None and value < 1:
                raise InputError(f"{flag(name)} must be 1 or more. Received: {value}")
        stages = self.stages()
        for side, epochs in stages:
            if side is not None and (side < 32 or side % 8):
                raise InputError(f"--image-size must be a multiple of 8 from 32 on. Received: {self.image_size}")
            if epochs < 1:
                raise InputError(f"--image-size: every side needs 1 epoch or more. Received: {self.image_size}")
        total = sum(epochs for _, epochs in stages)
        if total != self.epochs:
            if self.epochs != type(self).__dataclass_fields__["epochs"].default:
                raise InputError(f"--image-size {self.image_size} makes {total} epochs: leave --epochs out")
            object.__setattr__(self, "epochs", total)
        if self.validation and self.validation_split != type(self).__dataclass_fields__["validation_split"].default:
            raise InputError("--validation FOLDER takes the place of --validation-split: use only one")
        if not 0 < self.learning_rate < math.inf or not 0 < self.factor < 1:
            raise InputError("--learning-rate must be above 0, and --factor between 0 and 1")
        if not 0 <= self.ema < 1 or not 0 <= self.weight_decay < 1:
            raise InputError("--ema and --weight-decay must be from 0 to below 1")
        if self.clip_norm is not None and not 0 < self.clip_norm < math.inf:
            raise InputError(f"--clip-norm must be above 0. Received: {self.clip_norm}")
        if self.warmup_epochs and (self.schedule != "cosine" or not 0 < self.warmup_epochs < self.epochs):
            raise InputError("--warmup-epochs is of --schedule cosine, and less than --epochs")
        if self.schedule == "cosine":
            for name in ("patience", "factor"):
                if getattr(self, name) != type(self).__dataclass_fields__[name].default:
                    raise InputError(f"{flag(name)} is of --schedule plateau: leave it out")
        if not 0 <= (self.extractor_learning_rate or 0) < math.inf or not 0 <= self.negative_slope < 1:
            raise InputError("--extractor-learning-rate must be 0 or more, and --negative-slope between 0 and 1")
        if self.extractor_learning_rate and self.freeze in ("extractor", "encoder"):
            raise InputError(f"--freeze {self.freeze} freezes what --extractor-learning-rate is about: use only one")
        if not 0 < self.validation_split < 1 or not 0 <= self.test_split < 1:
            raise InputError("--validation-split must be between 0 and 1, and --test-split from 0 to below 1")
        if self.validation_split + self.test_split >= 1:
            raise InputError("--validation-split and --test-split leave nothing to train on; make their sum below 1")
        if not 0 <= self.rotation <= 180 or not 0 <= self.shear <= 1 or self.preview_every < 0:
            raise InputError("--rotation must be 0 to 180, --shear 0 to 1, --preview-every 0 or more")
        if not 0 < self.crop <= 1:
            raise InputError(f"--crop must be above 0, at most 1. Received: {self.crop}")
        if not 0 <= self.seed < 2**32:
            raise InputError(f"--seed must be from 0 to 2^32 - 1. Received: {self.seed}")
        if not 0 <= self.dropout < 1:
            raise InputError(f"--dropout must be from 0 to below 1. Received: {self.dropout}")
        for entry in dataclasses.fields(self):
            models = entry.metadata.get("models")
            if models and self.model not in models and getattr(self, entry.name) != entry.default:
                raise InputError(f"{flag(entry.name)} is for model {' or '.join(models)}, not for {self.model}")
        if self.model == "resnet" and self.freeze == "extractor":
            raise InputError("--freeze extractor is for model fusion: resnet has an encoder only")
        if self.cache_embeddings and self.extractor_rate():
            raise InputError(
                "--cache-embeddings keeps InceptionV3's answers, --extractor-learning-rate and --freeze none change "
                "them: use only one"
            )
        if not self.inception and (self.cache_embeddings or self.extractor_rate() or self.freeze == "extractor"):
            raise InputError(
                "--no-inception leaves out what --cache-embeddings, --freeze and --extractor-learning-rate are about"
            )
        if self.embedding_size is not None and (self.embedding_size < 32 or not self.cache_embeddings):
            raise InputError("--embedding-size is 32 or more, and of --cache-embeddings: add that, or leave it out")
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
            return [tuple(map(int, part.split(":", 1))) for part in text.split(",")]
        except ValueError as error:
            raise InputError(
                f"--image-size is a number, or sides with epochs such as 128:20,256:5. Received: {text}"
            ) from error

    def extractor_rate(self) -> float:
        """The learning rate of the extractor, 0 if that is frozen."""
        if self.freeze in ("extractor", "encoder") or (self.freeze is None and not self.extractor_learning_rate):
            return 0.0
        return self.learning_rate / 10 if self.extractor_learning_rate is None else self.extractor_learning_rate

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
        given = [name for name in names if getattr(self, name) != type(self).__dataclass_fields__[name].default]
        if given:
            raise InputError(f"{flag(given[0])} cannot change the network that --init loads: leave one of them out")

    def build_options(self) -> dict:
        """The options that the model's builder takes, by name."""
        entries = [entry for entry in dataclasses.fields(self) if entry.metadata.get("build")]
        return {entry.name: getattr(self, entry.name) for entry in entries if self.model in entry.metadata["models"]}


@dataclass(frozen=True)
class PredictConfig:
    """Options of `predict.py`."""

    photographs: list[Path] = option(
        [],
        "image files and folders, searched recursively; without any, photographs that come with scikit-image",
        positional=True,
    )
    output: Path = option(Path("out"), "folder for the colorized photographs; the folder tree is kept")
    weights: list[str] = option(
        [DEFAULT_WEIGHTS],
        f"saved colorizers, or baselines by name ({', '.join(BASELINES)}); the first one's pictures are written, grids "
        "show all",
        metavar="FOLDER",
    )
    skip_existing: bool = option(
        True,
        "leave out photographs whose result is there, of the same input and settings; with --grid all are done again",
    )
    report: Path | None = option(
        None, "also write a line per photograph to this .csv or .json file: status, seconds, size, reason"
    )
    format: str | None = option(None, "of the results; default: that of each input, PNG for GIF", choices=FORMATS)
    quality: int = option(95, "of JPEG results, 1 to 100, always without chroma subsampling")
    max_megapixels: float = option(90.0, "refuse larger files: a guard against small ones that unfold to huge pictures")
    grid: bool = option(False, "also write pages of rows grayscale / actual / predicted to <output>/grids")
    truth: Path | None = option(None, "folder with the color originals of gray input, for the actual column of --grid")
    vividness: float = option(
        1.0, "above 1 is more colorful: factor on the chroma, with a classification model 1 / factor on the temperature"
    )
    decode: str | None = option(
        None, "classification models: from the distribution of colors to one color", choices=DECODERS
    )
    temperature: float | None = option(None, "of the annealed mean, from near 0 (mode) to 1 (mean); default: 0.38")
    seed: int = option(0, "of --decode sample")
    refine: list[str] = option(
        [],
        "changes to the predicted chroma, in this order: one color per region of like lightness; the chrominance "
        "refinement made for sift; colors of the surest pixels spread anew (classification)",
        choices=REFINEMENTS,
    )
    hint: list[str] = option(
        [],
        'a color at a pixel, "x,y,#rrggbb", or a .json file of such, or a scribble .png with transparency; spread '
        "as far as the next edges",
        metavar="HINT",
    )
    reference: list[Path] = option(
        [], "photographs or folders that the baselines mean, random and welsh take their colors from", metavar="PATH"
    )
    batch_size: int = option(8, "photographs per step of the network")
    precision: str = option("float32", "of the network's arithmetic", choices=("float32", "bfloat16"))
    workers: int | None = option(None, "threads that read and write photographs; default: one per core")

    def __post_init__(self) -> None:
        """Checks what can be checked without loading the network.

        Raises:
            InputError: an option is out of range, or a path does not exist.
        """
        _check_common(self)
        if self.report and self.report.suffix.lower() not in (".csv", ".json"):
            raise InputError(f"--report must end in .csv or .json. Received: {self.report}")
        if not 1 <= self.quality <= 100:
            raise InputError(f"--quality must be from 1 to 100. Received: {self.quality}")
        if not 0 < self.max_megapixels < math.inf:
            raise InputError(f"--max-megapixels must be above 0. Received: {self.max_megapixels}")
        if self.truth and not self.truth.is_dir():
            raise InputError(f"no such folder: {self.truth} (--truth)")
        if self.truth and not self.grid:
            raise InputError("--truth is for the actual column of --grid: add --grid")
        if self.output.exists() and not self.output.is_dir():
            raise InputError(f"--output must be a folder, {self.output} is a file")


@dataclass(frozen=True)
class EvaluateConfig:
    """Options of `fusioncolor evaluate`."""

    photographs: list[Path] = option([], "color photographs: files and folders, searched recursively", positional=True)
    models: list[str] = option(
        [DEFAULT_WEIGHTS, *BASELINES],
        f"saved colorizers, and null models by name ({', '.join(BASELINES)}), which are always there",
        metavar="FOLDER",
    )
    output: Path = option(
        Path("report"), "folder for index.html, table.csv, table.md, evaluation.json, photographs.csv"
    )
    image_size: int = option(256, "side of the square that photographs are resized to before anything else")
    full_size: bool = option(False, "judge at the photographs' own sizes instead")
    crop: bool = option(False, "cut the largest square out of the middle first, which keeps the aspect ratio")
    limit: int | None = option(None, "judge this many of the photographs only, drawn at random")
    reference: list[Path] = option(
        [],
        "photographs or folders that mean, random and welsh take their colors from; default: the judged ones, though "
        "never a photograph its own",
        metavar="PATH",
    )
    refine: list[str] = option(
        [], "also show every model after these changes to its chroma, in this order", choices=REFINEMENTS
    )
    vividness: float = option(1.0, "of the saved colorizers, as for predict")
    decode: str | None = option(None, "of classification models, as for predict", choices=DECODERS)
    temperature: float | None = option(None, "of the annealed mean, as for predict")
    luma_sensitivity: bool = option(
        False, "also measure how much chroma changes when the photograph is faded to half its contrast; twice the time"
    )
    runs: list[Path] = option([], "run folders of train.py, to show their learning curves side by side", metavar="RUN")
    classifier: str | None = option(
        None,
        "classify the colorized, true and gray photographs, of which the folder's name is the class: the name of a "
        "keras.applications model (ImageNet's class names), or a saved Keras classifier",
        metavar="NAME|PATH",
    )
    lpips: str | None = option(
        None, "also LPIPS, by this backbone; needs pip install lpips", choices=("alex", "vgg", "squeeze")
    )
    lpips_weights: Path | None = option(
        None, "the backbone's weights (torchvision's .pth); default: they are downloaded"
    )
    fid: bool = option(False, "also FID; needs pip install pytorch-fid")
    fid_weights: Path | None = option(None, "InceptionV3 of pytorch-fid (.pth); default: it is downloaded")
    examples: int = option(6, "photographs in each list of the best and the worst of a model; 0: none")
    batch_size: int = option(8, "photographs per step of the networks")
    precision: str = option("float32", "of the networks' arithmetic", choices=("float32", "bfloat16"))
    seed: int = option(0, "of --limit, --decode sample and the bootstrap")
    workers: int | None = option(None, "threads; default: one per core")

    def __post_init__(self) -> None:
        """Checks what can be checked without looking at any file.

        Raises:
            InputError: an option is out of range, or two contradict each other.
        """
        if not self.photographs:
            raise InputError("name photographs in color, files or folders, to judge on")
        _check_common(self)
        for name in ("limit", "image_size"):
            value = getattr(self, name)
            if value is not None and value < 1:
                raise InputError(f"{flag(name)} must be 1 or more. Received: {value}")
        if self.examples < 0:
            raise InputError(f"--examples must be 0 or more. Received: {self.examples}")
        for name, needed in (("lpips_weights", "lpips"), ("fid_weights", "fid")):
            path = getattr(self, name)
            if path and not getattr(self, needed):
                raise InputError(f"{flag(name)} is of {flag(needed)}: add that, or leave it out")
            if path and not path.is_file():
                raise InputError(f"no such file: {path} ({flag(name)})")
        if self.output.exists() and not self.output.is_dir():
            raise InputError(f"--output must be a folder, {self.output} is a file")


@dataclass(frozen=True)
class ReproduceConfig:
    """Options of `fusioncolor reproduce`."""

    table: str = option(
        "",
        "losses: gray, random, L2, classification, with rebalancing; fusion: plain CNN against fusion; ablations: of "
        "fusion; residual: plain against residual; refinements: before and after; monitor: what chooses the best epoch",
        positional=True,
        choices=REPRODUCTIONS,
    )
    data: Path | None = option(None, "folder of color photographs to train, validate and test on", metavar="FOLDER")
    output: Path | None = option(None, "folder for runs and report; default runs/reproduce-<table>")
    steps: int = option(1000, "training steps of each network; the published ones were trained for many times that")
    image_size: int = option(
        64, "side of the square the networks see, a multiple of 8; the published ones saw 224 or 256"
    )
    batch_size: int = option(16, "photographs per step")
    limit: int | None = option(None, "use only this many of the photographs, drawn at random")
    classifier: str | None = option(None, "as for evaluate; the folder's name is the class", metavar="NAME|PATH")
    seed: int = option(0, "of split, order, augmentation and initial weights")
    workers: int | None = option(None, "threads that read photographs; default: one per core")

    def __post_init__(self) -> None:
        """Checks what can be checked without looking at any file.

        Raises:
            InputError: an option is out of range.
        """
        if self.data is None:
            raise InputError("--data FOLDER is missing: the folder of color photographs to train and test on")
        for name in ("steps", "batch_size", "limit", "workers"):
            value = getattr(self, name)
            if value is not None and value < 1:
                raise InputError(f"{flag(name)} must be 1 or more. Received: {value}")
        if self.image_size < 32 or self.image_size % 8:
            raise InputError(f"--image-size must be a multiple of 8 from 32 on. Received: {self.image_size}")


def _check_common(config) -> None:
    """Checks what commands that colorize have in common.

    Raises:
        InputError: an option is out of range.
    """
    for name in ("batch_size", "workers"):
        value = getattr(config, name)
        if value is not None and value < 1:
            raise InputError(f"{flag(name)} must be 1 or more. Received: {value}")
    if not 0 <= config.seed < 2**32:
        raise InputError(f"--seed must be from 0 to 2^32 - 1. Received: {config.seed}")
    if not 0 <= config.vividness <= 10:
        raise InputError(f"--vividness must be from 0 to 10. Received: {config.vividness}")
    if config.temperature is not None:
        if not 0.001 <= config.temperature <= 100:
            raise InputError(f"--temperature must be from 0.001 to 100. Received: {config.temperature}")
        if config.decode not in (None, "annealed_mean"):
            raise InputError(f"--temperature is of the annealed mean: leave it out with --decode {config.decode}")
    for path in config.reference:
        if not path.exists():
            raise InputError(f"no such file or folder: {path} (--reference)")


def flag(name: str) -> str:
    """The command-line flag of a field."""
    return "--" + name.replace("_", "-")
