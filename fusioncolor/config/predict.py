"""Options of `predict.py`."""

import math
from dataclasses import dataclass
from pathlib import Path

from fusioncolor.config.choices import DECODERS, DEFAULT_WEIGHTS, FORMATS, VIVID_WEIGHTS
from fusioncolor.config.colorizing import check_common
from fusioncolor.config.fields import option
from fusioncolor.errors import InputError
from fusioncolor.registries import BASELINES, REFINEMENTS


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
    vivid: bool = option(
        False,
        f"use {VIVID_WEIGHTS}: about as colorful as photographs are, where the default is duller and on average nearer "
        "to the truth",
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
    precision: str = option(
        "auto",
        "of the network's arithmetic; auto: bfloat16 where the processor has it, which changes colors invisibly",
        choices=("auto", "float32", "bfloat16"),
    )
    engine: Path | None = option(
        None, "run this file, which fusioncolor export made of --weights, in place of the Keras network", metavar="FILE"
    )
    workers: int | None = option(None, "threads that read and write photographs; default: one per core")

    def __post_init__(self) -> None:
        """Checks what can be checked without loading the network.

        Raises:
            InputError: an option is out of range, or a path does not exist.
        """
        check_common(self, self.weights)
        if self.vivid:
            if self.weights not in ([DEFAULT_WEIGHTS], [VIVID_WEIGHTS]):
                raise InputError(f"--vivid is short for --weights {VIVID_WEIGHTS}: use only one")
            object.__setattr__(self, "weights", [VIVID_WEIGHTS])
        if self.report and self.report.suffix.lower() not in (".csv", ".json"):
            raise InputError(f"--report must end in .csv or .json. Received: {self.report}")
        if not 1 <= self.quality <= 100:
            raise InputError(f"--quality must be from 1 to 100. Received: {self.quality}")
        if not 0 < self.max_megapixels < math.inf:
            raise InputError(f"--max-megapixels must be above 0. Received: {self.max_megapixels}")
        if self.engine and (len(self.weights) > 1 or self.weights[0] in BASELINES):
            raise InputError("--engine takes the place of one network: name one saved colorizer with --weights")
        if self.truth and not self.truth.is_dir():
            raise InputError(f"no such folder: {self.truth} (--truth)")
        if self.truth and not self.grid:
            raise InputError("--truth is for the actual column of --grid: add --grid")
        if self.output.exists() and not self.output.is_dir():
            raise InputError(f"--output must be a folder, {self.output} is a file")
