"""Options of `predict.py`."""

from dataclasses import dataclass
from pathlib import Path

from fusioncolor.config.choices import DEFAULT_WEIGHTS, VIVID_WEIGHTS
from fusioncolor.config.colorizing import COLORS, MACHINE, ColorizeOptions
from fusioncolor.config.fields import option
from fusioncolor.errors import InputError
from fusioncolor.registries import BASELINES, FORMATS

_RESULTS, _GRID = "results", "grid"


@dataclass(frozen=True)
class PredictConfig(ColorizeOptions):
    """Options of `predict.py`."""

    photographs: list[Path] = option(
        [],
        "Image files and folders, searched recursively, or .txt lists of them; without any, photographs that come with "
        "scikit-image are colorized as a demonstration",
        positional=True,
    )
    output: Path = option(Path("out"), "Folder for the colorized photographs; the folder tree is kept", group=_RESULTS)
    weights: list[str] = option(
        [DEFAULT_WEIGHTS],
        f"Saved colorizers, or baselines by name ({', '.join(BASELINES)}); the pictures of the first are written, "
        "grids show all",
        group=COLORS,
        metavar="FOLDER",
    )
    vivid: bool = option(
        False,
        f"Use {VIVID_WEIGHTS}: about as colorful as real photographs, where the default is duller but closer to "
        "the truth on average",
        group=COLORS,
    )
    hint: list[str] = option(
        [],
        'Color hints: a color at a pixel, "x,y,#rrggbb", a .json file of such, or a scribble .png with transparency; a '
        "hint spreads up to the nearest edges",
        group=COLORS,
        metavar="HINT",
    )
    skip_existing: bool = option(
        True,
        "Skip photographs whose result exists, made from the same input with the same settings; with `grid` all are "
        "colorized again",
        group=_RESULTS,
    )
    report: Path | None = option(
        None,
        "Also write one line per photograph to this .csv or .json file: status, seconds, size, reason",
        group=_RESULTS,
    )
    format: str | None = option(
        None, "Output format (default: same as the input; GIF becomes PNG)", group=_RESULTS, choices=FORMATS
    )
    quality: int = option(
        95, "JPEG quality, 1 to 100; chroma is never subsampled", group=_RESULTS, minimum=1, maximum=100
    )
    grid: bool = option(False, "Also write pages of rows grayscale / actual / predicted to <output>/grids", group=_GRID)
    truth: Path | None = option(
        None, "Folder of color originals of grayscale input, for the actual column of `grid`", group=_GRID
    )
    max_megapixels: float = option(
        90.0, "Reject larger images (protects against decompression bombs)", group=MACHINE, above=0
    )
    engine: Path | None = option(
        None,
        "Run this exported network (see fusioncolor export) in place of the Keras network of the weights",
        group=MACHINE,
        metavar="FILE",
    )

    def __post_init__(self) -> None:
        """Checks everything that can be checked without loading a network.

        Raises:
            InputError: an option is out of range, two contradict each other, or a path does not exist.
        """
        super().__post_init__()
        if self.vivid and self.weights not in ([DEFAULT_WEIGHTS], [VIVID_WEIGHTS]):
            raise InputError(f"`vivid` is short for `weights` {VIVID_WEIGHTS}: use only one")
        self.check_models(self.models())
        if self.report and self.report.suffix.lower() not in (".csv", ".json"):
            raise InputError(f"`report` must end in .csv or .json. Received: {self.report}")
        if self.engine and (len(self.models()) > 1 or self.models()[0] in BASELINES):
            raise InputError("`engine` takes the place of one network: name one saved colorizer with `weights`")
        if self.truth and not self.truth.is_dir():
            raise InputError(f"no such folder: {self.truth} (`truth`)")
        if self.truth and not self.grid:
            raise InputError("`truth` is for the actual column of `grid`: add `grid`")
        if self.output.exists() and not self.output.is_dir():
            raise InputError(f"`output` must be a folder, {self.output} is a file")

    def models(self) -> list[str]:
        """Returns the saved colorizers and baselines to use, those of `vivid` included."""
        return [VIVID_WEIGHTS] if self.vivid else list(self.weights)
