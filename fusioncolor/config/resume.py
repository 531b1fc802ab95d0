"""Options for resuming a training run."""

from dataclasses import dataclass
from pathlib import Path

from fusioncolor.config.fields import check_options, convert_options, option
from fusioncolor.config.train import check_hosts


@dataclass(frozen=True)
class ResumeConfig:
    """Options for resuming a training run; all others are read from its folder.

    Attributes:
        run: folder of the run.
        workers: threads for reading photographs; None for the number the run started with.
        devices: as in `TrainConfig`; the number may differ from before.
        hosts: the same.
        host_index: the same.
    """

    run: Path
    workers: int | None = option(None, "Threads for reading photographs (default: same as before)", minimum=1)
    devices: int | None = option(None, "Devices to train on", minimum=1)
    hosts: str | None = option(None, "Addresses of the processes, if there are several")
    host_index: int | None = option(None, "Number of this process", minimum=0)

    def __post_init__(self) -> None:
        """Checks the ranges of the options.

        Raises:
            InputError: an option is out of range.
        """
        convert_options(self)
        check_options(self)
        self.addresses()

    def addresses(self) -> list[str]:
        """Returns the addresses in `hosts`; empty for one process."""
        return check_hosts(self.hosts, self.host_index)
