"""Options of `fusioncolor merge-reports`."""

from dataclasses import dataclass
from pathlib import Path

from fusioncolor.config.fields import convert_options, option
from fusioncolor.errors import InputError

REPORTS = (".csv", ".json")


@dataclass(frozen=True)
class MergeConfig:
    """Options of `fusioncolor merge-reports`."""

    reports: list[Path] = option(
        [], "Reports of predict.py --shard, one of each part", positional=True, metavar="REPORT"
    )
    output: Path = option(Path("report.csv"), "Report of the whole, a .csv or .json file")

    def __post_init__(self) -> None:
        """Checks the names of the files.

        Raises:
            InputError: no report is named, one does not exist, or a name has another suffix.
        """
        convert_options(self)
        if not self.reports:
            raise InputError("name at least one `reports` to merge, such as report-*.csv")
        for path in [*self.reports, self.output]:
            if path.suffix.lower() not in REPORTS:
                raise InputError(f"a report ends in .csv or .json. Received: {path}")
        for path in self.reports:
            if not path.is_file():
                raise InputError(f"no such file: {path}")
