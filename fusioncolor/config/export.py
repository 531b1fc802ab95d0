"""Options of `fusioncolor export`."""

from dataclasses import dataclass
from pathlib import Path

from fusioncolor.config.choices import DEFAULT_WEIGHTS, ENGINES
from fusioncolor.config.fields import check_options, convert_options, option
from fusioncolor.errors import InputError


@dataclass(frozen=True)
class ExportConfig:
    """Options of `fusioncolor export`."""

    weights: str = option(DEFAULT_WEIGHTS, "Preset by name, or folder of a saved colorizer", metavar="NAME|FOLDER")
    format: str = option("openvino", "File format", choices=ENGINES)
    output: Path | None = option(
        None,
        "File to write, with a .json beside it and, for openvino, a .bin (default: named after the weights, in the "
        "current folder)",
    )
    beside: bool = option(
        False,
        "Store the network in the weights folder instead, without the weights, which are there already: some 20 kB. "
        "Colorizing then needs no Keras",
    )
    int8: bool = option(False, "Quantize to 8 bits; requires `format` openvino and `calibration`")
    calibration: Path | None = option(
        None,
        "With `int8`: folder of photographs similar to those to be colorized, such as training photographs",
        metavar="FOLDER",
    )
    count: int = option(200, "With `int8`: number of photographs to use, drawn at random", minimum=1)
    seed: int = option(0, "Random seed of that draw", minimum=0, maximum=2**32 - 1)

    def __post_init__(self) -> None:
        """Checks everything that can be checked without opening a file.

        Raises:
            InputError: options contradict each other, or one is out of range.
        """
        convert_options(self)
        check_options(self)
        if self.int8 and self.format != "openvino":
            raise InputError(f"`int8` is for `format` openvino, not for {self.format}")
        if self.int8 != (self.calibration is not None):
            raise InputError("`int8` and `calibration` belong together: give both, or neither")
        if self.beside and (self.int8 or self.output):
            raise InputError("`beside` stores the network in the weights folder: leave out `int8` and `output`")
