"""Options of `fusioncolor evaluate`."""

from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from fusioncolor.addresses import Address
from fusioncolor.config.choices import DEFAULT_WEIGHTS, PLATES, RUNTIMES
from fusioncolor.config.cluster import CLUSTER, ClusterOptions
from fusioncolor.config.colorizing import COLORS, MACHINE, ColorizeOptions
from fusioncolor.config.fields import convert_options, option
from fusioncolor.errors import InputError
from fusioncolor.registries import BASELINES

_PROTOCOL, _REPORT, _JUDGES = "protocol", "report", "further judges"


@dataclass(frozen=True)
class EvaluateConfig(ClusterOptions, ColorizeOptions):
    """Options of `fusioncolor evaluate`."""

    GROUPS: ClassVar = (_PROTOCOL, COLORS, _JUDGES, _REPORT, MACHINE, CLUSTER)

    photographs: list[Path | Address] = option(
        [],
        "Color photographs: files, folders (searched recursively) and .txt lists, or addresses of these, such as "
        "s3://bucket/photographs/, from which they are copied to a cache",
        positional=True,
    )
    models: list[str] = option(
        [DEFAULT_WEIGHTS],
        "Presets (see fusioncolor presets), folders of saved colorizers, or baselines by name "
        f"({', '.join(BASELINES)}), which are all included anyway, unless `baselines` names fewer",
        metavar="NAME|FOLDER",
    )
    baselines: list[str] = option(
        [*BASELINES],
        "Baselines to include; gray always is. Fewer take less time",
        choices=BASELINES,
    )
    image_size: int = option(
        256, "Side of the square to which photographs are first resized", group=_PROTOCOL, minimum=1
    )
    full_size: bool = option(False, "Keep each photograph's original size instead of resizing", group=_PROTOCOL)
    crop: bool = option(
        False, "Crop to the largest central square first, which preserves the aspect ratio", group=_PROTOCOL
    )
    plates: str | None = option(
        None,
        "Colorize from this color channel alone, as an old plate recorded it: blue is what all plates before 1873 saw, "
        "green is close to orthochromatic film. Pictures are judged with their true lightness",
        group=_PROTOCOL,
        choices=tuple(PLATES),
    )
    limit: int | None = option(
        None, "Number of photographs to use, drawn at random (default: all)", group=_PROTOCOL, minimum=1
    )
    runtime: str = option(
        "keras",
        "Program that runs the networks: keras, which the models were trained in, or another as for predict.py",
        group=MACHINE,
        choices=RUNTIMES,
    )
    precision: str = option("float32", "Arithmetic of the networks", group=MACHINE, choices=("float32", "bfloat16"))
    luma_sensitivity: bool = option(
        False,
        "Also measure how much the chroma changes when a photograph is faded to half its contrast; doubles the time",
        group=_JUDGES,
    )
    classifier: str | None = option(
        None,
        "Also measure the accuracy of this classifier on colorized, true and gray photographs, whose class is the name "
        "of their folder: a keras.applications model by name (ImageNet classes), or a saved Keras classifier",
        group=_JUDGES,
        metavar="NAME|PATH",
    )
    lpips: str | None = option(
        None,
        "Also measure LPIPS with this backbone (requires pip install lpips)",
        group=_JUDGES,
        choices=("alex", "vgg", "squeeze"),
    )
    lpips_weights: Path | None = option(
        None, "Weights of the LPIPS backbone, a .pth file of torchvision (default: downloaded)", group=_JUDGES
    )
    fid: bool = option(False, "Also measure FID (requires pip install pytorch-fid)", group=_JUDGES)
    fid_weights: Path | None = option(
        None, "InceptionV3 weights of pytorch-fid, a .pth file (default: downloaded)", group=_JUDGES
    )
    output: Path = option(
        Path("report"),
        "Folder for the report: index.html, table.csv, table.md, evaluation.json, photographs.csv",
        group=_REPORT,
    )
    runs: list[Path] = option(
        [], "Folders of training runs whose learning curves the report compares", group=_REPORT, metavar="RUN"
    )
    examples: int = option(
        6, "Number of best and of worst photographs to show for each model; 0: none", group=_REPORT, minimum=0
    )

    def __post_init__(self) -> None:
        """Checks everything that can be checked without loading a network.

        Raises:
            InputError: an option is out of range, two contradict each other, or a path does not exist.
        """
        convert_options(self)
        if not self.photographs:
            raise InputError("name color photographs to evaluate on: files or folders")
        super().__post_init__()
        self.check_cluster()
        if self.cluster and self.fid:
            raise InputError("`fid` needs all photographs in one process: leave out `cluster`, or `fid`")
        self.check_models(self.models)
        for name, needed in (("lpips_weights", "lpips"), ("fid_weights", "fid")):
            path = getattr(self, name)
            if path and not getattr(self, needed):
                raise InputError(f"`{name}` is for `{needed}`: add `{needed}`, or leave out `{name}`")
            if path and not path.is_file():
                raise InputError(f"no such file: {path} (`{name}`)")
        if self.output.exists() and not self.output.is_dir():
            raise InputError(f"`output` must be a folder, but {self.output} is a file")
