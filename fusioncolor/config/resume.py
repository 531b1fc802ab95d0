"""Options of resuming a training."""

from dataclasses import dataclass
from pathlib import Path

from fusioncolor.config.fields import check_ranges, option


@dataclass(frozen=True)
class ResumeConfig:
    """Options of resuming a run; everything else is read from its folder.

    Attributes:
        run: folder of the run.
        workers: threads that read photographs; None: as the run began.
    """

    run: Path
    workers: int | None = option(None, "Threads that read photographs (default: as the run began)", minimum=1)

    def __post_init__(self) -> None:
        """Checks the ranges of the options.

        Raises:
            InputError: an option is out of range.
        """
        check_ranges(self)
