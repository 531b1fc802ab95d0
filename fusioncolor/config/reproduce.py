"""Options of `fusioncolor reproduce`."""

from dataclasses import dataclass
from pathlib import Path

from fusioncolor.config.choices import REPRODUCTIONS
from fusioncolor.config.fields import check_options, convert_options, option
from fusioncolor.errors import InputError


@dataclass(frozen=True)
class ReproduceConfig:
    """Options of `fusioncolor reproduce`."""

    table: str = option(
        "",
        "Comparison to run. losses: L2, classification, and classification with rebalancing; fusion: plain CNN and "
        "fusion; ablations: fusion without its parts; residual: plain and residual CNN; refinements: before and after; "
        "monitor: best epoch by loss or by AuC",
        positional=True,
        choices=REPRODUCTIONS,
    )
    data: Path | None = option(None, "Folder of color photographs for training and testing", metavar="FOLDER")
    output: Path | None = option(None, "Folder for the runs and the report (default: runs/reproduce-<table>)")
    steps: int = option(1000, "Training steps per network; the published networks took many times more", minimum=1)
    image_size: int = option(
        64, "Side of the square that the networks see, a multiple of 8; the published networks saw 224 or 256"
    )
    batch_size: int = option(16, "Photographs per training step", minimum=1)
    limit: int | None = option(None, "Number of photographs to use, drawn at random (default: all)", minimum=1)
    classifier: str | None = option(
        None, "Classifier, as for fusioncolor evaluate; a photograph's class is its folder", metavar="NAME|PATH"
    )
    seed: int = option(0, "Random seed of split, order, augmentation and initial weights", minimum=0, maximum=2**32 - 1)
    workers: int | None = option(None, "Threads for reading photographs (default: one per core)", minimum=1)

    def __post_init__(self) -> None:
        """Checks everything that can be checked without opening a file.

        Raises:
            InputError: an option is missing or out of range.
        """
        convert_options(self)
        if self.data is None:
            raise InputError("`data` is missing: name a folder of color photographs to train and test on")
        check_options(self)
        if self.image_size < 32 or self.image_size % 8:
            raise InputError(f"`image_size` must be a multiple of 8, at least 32. Received: {self.image_size}")
