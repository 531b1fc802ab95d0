"""Options for resuming a training run."""

from dataclasses import dataclass
from pathlib import Path

from fusioncolor.config.fields import check_options, option


@dataclass(frozen=True)
class ResumeConfig:
    """Options for resuming a training run; all others are read from its folder.

    Attributes:
        run: folder of the run.
        workers: threads for reading photographs; None for the number the run started with.
    """

    run: Path
    workers: int | None = option(None, "Threads for reading photographs (default: same as before)", minimum=1)

    def __post_init__(self) -> None:
        """Checks the ranges of the options.

        Raises:
            InputError: an option is out of range.
        """
        check_options(self)
