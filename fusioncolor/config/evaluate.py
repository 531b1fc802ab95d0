"""Options of `fusioncolor evaluate`."""

from dataclasses import dataclass
from pathlib import Path

from fusioncolor.config.choices import DECODERS, DEFAULT_WEIGHTS
from fusioncolor.config.colorizing import check_common
from fusioncolor.config.fields import flag, option
from fusioncolor.errors import InputError
from fusioncolor.registries import BASELINES, REFINEMENTS


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
        check_common(self, self.models)
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
