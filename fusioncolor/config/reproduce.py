"""Options of `fusioncolor reproduce`."""

from dataclasses import dataclass
from pathlib import Path

from fusioncolor.config.choices import REPRODUCTIONS
from fusioncolor.config.fields import flag, option
from fusioncolor.errors import InputError


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
