"""Options of `fusioncolor app` and `fusioncolor quiz`."""

from dataclasses import dataclass
from pathlib import Path

from fusioncolor.config.choices import DEFAULT_WEIGHTS
from fusioncolor.config.fields import check_options, convert_options, option
from fusioncolor.errors import InputError


@dataclass(frozen=True)
class AppConfig:
    """Options of `fusioncolor app`."""

    weights: str = option(
        DEFAULT_WEIGHTS, "Preset, or folder of a saved colorizer, that is chosen at first", metavar="NAME|FOLDER"
    )
    port: int = option(
        7860, "Port of the page, which only this machine can open; 0: any that is free", minimum=0, maximum=65535
    )
    browser: bool = option(True, "Open the page in the browser")
    max_megapixels: float = option(90.0, "Reject larger images (protects against decompression bombs)", above=0)
    max_upload: int = option(200, "Reject larger files, in MiB", minimum=1, maximum=100_000)
    max_photographs: int = option(200, "Photographs that a visitor may have on the page at a time", minimum=1)
    precision: str = option(
        "auto",
        "Arithmetic of the network; auto: bfloat16 if the processor supports it (no visible difference), else float32",
        choices=("auto", "float32", "bfloat16"),
    )

    def __post_init__(self) -> None:
        """Checks the ranges.

        Raises:
            InputError: an option is out of range.
        """
        convert_options(self)
        check_options(self)


@dataclass(frozen=True)
class QuizConfig:
    """Options of `fusioncolor quiz`."""

    photographs: list[Path] = option(
        [], "Color photographs: files, folders (searched recursively) and .txt lists", positional=True
    )
    weights: list[str] = option(
        [DEFAULT_WEIGHTS],
        "Presets, or folders of saved colorizers, whose pictures are shown; each question draws one",
        metavar="NAME|FOLDER",
    )
    vividness: float = option(1.0, "Colorfulness: factor on the chroma", minimum=0, maximum=10)
    questions: int = option(40, "Pairs shown to each person", minimum=1)
    seconds: float = option(
        1.0, "How long a pair is visible before it must be judged, as in the published studies; 0: until the answer",
        minimum=0, maximum=60,
    )  # fmt: skip
    size: int = option(256, "Longer side of the shown pictures in pixels, as in the published studies", minimum=64,
                       maximum=1024)  # fmt: skip
    output: Path = option(Path("quiz"), "Folder for answers.csv and table.md, to which each person's answers are added")
    seed: int = option(0, "Random seed of the order", minimum=0, maximum=2**32 - 1)
    port: int = option(
        7861, "Port of the page, which only this machine can open; 0: any that is free", minimum=0, maximum=65535
    )
    browser: bool = option(True, "Open the page in the browser")

    def __post_init__(self) -> None:
        """Checks the options.

        Raises:
            InputError: an option is out of range, or there is no photograph.
        """
        convert_options(self)
        check_options(self)
        if not self.photographs:
            raise InputError("name color photographs to ask about: files or folders")
        if self.output.exists() and not self.output.is_dir():
            raise InputError(f"`output` must be a folder, but {self.output} is a file")
