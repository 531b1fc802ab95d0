"""Options of `predict.py`."""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from fusioncolor.addresses import Address
from fusioncolor.config.choices import DEFAULT_WEIGHTS, VIVIDNESS
from fusioncolor.config.cluster import CLUSTER, ClusterOptions
from fusioncolor.config.colorizing import COLORS, MACHINE, ColorizeOptions
from fusioncolor.config.fields import convert_options, option
from fusioncolor.config.sharding import Shard
from fusioncolor.errors import InputError
from fusioncolor.registries import BASELINES, FORMATS

_RESULTS, _GRID = "results", "grid"


@dataclass(frozen=True)
class PredictConfig(ClusterOptions, ColorizeOptions):
    """Options of `predict.py`."""

    GROUPS: ClassVar = (_RESULTS, COLORS, _GRID, MACHINE, CLUSTER)

    photographs: list[Path | Address] = option(
        [],
        "Image files, folders (searched recursively) and .txt lists of files, or addresses of these, such as "
        "s3://bucket/scans/, https://example.org/old.jpg or zip://::scans.zip; - for a picture or a list of paths from "
        "standard input; if none are given, sample photographs of "
        "scikit-image are colorized as a demonstration",
        positional=True,
    )
    output: Path | Address = option(
        Path("out"),
        "Folder for the colorized photographs, or its address, such as s3://bucket/colored/; the folder tree is kept. "
        "For a single one: - for standard output",
        group=_RESULTS,
    )
    weights: list[str] = option(
        [DEFAULT_WEIGHTS],
        "Presets (see fusioncolor presets), folders of saved colorizers, or baselines by name "
        f"({', '.join(BASELINES)}); the first one's pictures are written to files, the grid shows all",
        group=COLORS,
        metavar="NAME|FOLDER",
    )
    vivid: bool = option(
        False,
        f"Short for `vividness` {VIVIDNESS:g}: about as colorful as real photographs, and more often wrong",
        group=COLORS,
    )
    hint: list[str] = option(
        [],
        'Color hints, which spread up to the nearest edges: "x,y,#rrggbb" or "x,y,brown" for one pixel, a .json file '
        "of such hints, or a .png of scribbles on a transparent background. Hints beside a photograph, in "
        "<name>.hint.json or <name>.scribble.png, are found by themselves",
        group=COLORS,
        metavar="HINT",
    )
    hint_all: bool = option(
        False, "Use `hint` for all photographs, which otherwise must be one; for copies of one picture", group=COLORS
    )
    skip_existing: bool = option(
        True,
        "Skip photographs whose result already exists, from the same input, hints, and settings",
        group=_RESULTS,
    )
    report: Path | Address | None = option(
        None,
        "Also write a .csv or .json file, here or at an address, with one line per photograph: status, seconds, size, "
        "reason",
        group=_RESULTS,
    )
    shard: str | None = option(
        None,
        "Colorize only this part of the photographs, such as 3/16: as many processes as there are parts, on any "
        "machines that share `output`, do the whole. `report` then gets the part in its name",
        group=_RESULTS,
        metavar="PART/PARTS",
    )
    format: str | None = option(
        None, "Output format (default: same as the input; GIF becomes PNG)", group=_RESULTS, choices=FORMATS
    )
    quality: int = option(95, "JPEG quality; chroma is never subsampled", group=_RESULTS, minimum=1, maximum=100)
    suffix: str = option(
        "", 'Text after the name of each result: with "_colorized", old.jpg becomes old_colorized.jpg', group=_RESULTS
    )
    mark: bool = option(
        True,
        "Say in the metadata of each result that its colors were made by this program: EXIF Software, and the IPTC's "
        "digital source type in XMP",
        group=_RESULTS,
    )
    sidecar: bool = option(
        False,
        "Also write <result>.json beside each result: hashes of photograph and weights, all settings, version, date",
        group=_RESULTS,
    )
    side_by_side: bool = option(
        False,
        "Also write each photograph with its result beside it, labeled, to <output>/side-by-side",
        group=_RESULTS,
    )
    sign_cert: Path | None = option(
        None,
        "Sign each result by C2PA with this certificate of your own: a .pem file that begins with it and goes on with "
        "those that lead to its root. For JPEG, PNG, TIFF and WebP",
        group=_RESULTS,
        metavar="FILE",
    )
    sign_key: Path | None = option(
        None, "Private key of `sign_cert`, a .pem file without a password", group=_RESULTS, metavar="FILE"
    )
    hint_preview: bool = option(
        False,
        "Only write pictures that show where the hints lie and what they reach, to <output>/hints; no network is used",
        group=COLORS,
    )
    grid: bool = option(
        False, "Also write pages with the columns grayscale / actual / predicted to <output>/grids", group=_GRID
    )
    toned: bool = option(
        True,
        "Take photographs of one hue, such as sepia prints, for gray ones; off: their hue is the actual color",
        group=_GRID,
    )
    truth: Path | None = option(
        None, "Folder of the color originals of grayscale input, for the actual column of `grid`", group=_GRID
    )
    max_megapixels: float = option(
        90.0, "Reject larger images (protects against decompression bombs)", group=MACHINE, above=0
    )
    engine: Path | None = option(
        None,
        "Exported network (see fusioncolor export) to run in place of the one in the weights folder",
        group=MACHINE,
        metavar="FILE",
    )

    def __post_init__(self) -> None:
        """Checks everything that can be checked without loading a network.

        Raises:
            InputError: an option is out of range, two contradict each other, or a path does not exist.
        """
        convert_options(self)
        if self.vivid:
            if self.vividness not in (1.0, VIVIDNESS):
                raise InputError(f"`vivid` is short for `vividness` {VIVIDNESS:g}: use only one")
            object.__setattr__(self, "vividness", VIVIDNESS)
        super().__post_init__()
        self.check_models(self.weights)
        if self.report and self.report.suffix.lower() not in (".csv", ".json"):
            raise InputError(f"`report` must end in .csv or .json. Received: {self.report}")
        if self.part and not self.photographs:
            raise InputError("`shard` is a part of `photographs`: name some")
        if self.part and self.grid:
            raise InputError("`grid` needs all photographs in one process: leave out `shard`, or `grid`")
        self._check_cluster()
        if re.search(r'[/\\:*?"<>|\0]', self.suffix):
            raise InputError(f"`suffix` is part of a file's name, and must be without / and the like: {self.suffix!r}")
        if self.engine and (len(self.weights) > 1 or self.weights[0] in BASELINES):
            raise InputError("`engine` replaces a single network: name one saved colorizer with `weights`")
        if self.engine and self.runtime != "auto":
            raise InputError("an `engine` runs in the runtime it was exported for: leave out `runtime`")
        if bool(self.sign_cert) != bool(self.sign_key):
            raise InputError("signing takes a certificate and its key: give both `sign_cert` and `sign_key`")
        if self.truth and not self.truth.is_dir():
            raise InputError(f"no such folder: {self.truth} (`truth`)")
        if self.truth and not self.grid:
            raise InputError("`truth` is for the actual column of `grid`: add `grid`")
        if isinstance(self.output, Path) and self.output.exists() and not self.output.is_dir():
            raise InputError(f"`output` must be a folder, but {self.output} is a file")
        for name in ("grid", "hint_preview"):
            if getattr(self, name) and self.is_elsewhere:
                raise InputError(f"`{name}` needs photographs and `output` in folders of this machine: leave it out")

    @property
    def is_elsewhere(self) -> bool:
        """Whether an option is an address; .txt lists of addresses do not count."""
        return any(isinstance(one, Address) for one in (*self.photographs, self.output, self.report))

    def _check_cluster(self) -> None:
        self.check_cluster()
        if not self.cluster:
            return
        if not self.photographs:
            raise InputError("`cluster` shares out `photographs`: name some")
        if Path("-") in (*self.photographs, self.output):
            raise InputError("`cluster` is for files that all its machines see: name files and folders in place of -")
        if self.part:
            raise InputError("`cluster` shares out all photographs: leave out `shard`, or `cluster`")
        for name in ("grid", "hint_preview"):
            if getattr(self, name):
                raise InputError(f"`{name}` needs all photographs in one process: leave out `cluster`, or `{name}`")

    @property
    def part(self) -> Shard | None:
        """The part of the photographs to colorize; None for all."""
        return Shard.parse(self.shard) if self.shard else None

    @property
    def report_file(self) -> Path | Address | None:
        """The report to write: `report`, with the part in its name where there is one; None for none."""
        if not self.report or not self.part:
            return self.report
        return self.report.with_stem(f"{self.report.stem}-{self.part.label}")
