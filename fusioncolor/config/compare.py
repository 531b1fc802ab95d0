"""Options of `fusioncolor compare`."""

from dataclasses import dataclass
from pathlib import Path

from fusioncolor.config.fields import check_options, convert_options, option
from fusioncolor.errors import InputError


@dataclass(frozen=True)
class CompareConfig:
    """Options of `fusioncolor compare`."""

    folders: list[Path] = option(
        [], "Folders of finished results, as predict writes them", positional=True, metavar="FOLDER"
    )
    output: Path = option(Path("compare"), "Folder for the page and the contact sheets")
    limit: int = option(
        200, "Photographs on the page, those most worth a look; contact sheets show all", minimum=1, maximum=5000
    )
    size: int = option(640, "Longer side, in pixels, of the pictures in the page", minimum=64, maximum=4096)
    sheets: bool = option(True, "Also write contact sheets of 24 photographs")

    def __post_init__(self) -> None:
        """Checks everything that can be checked without reading results.

        Raises:
            InputError: an option is out of range, or there is no folder.
        """
        convert_options(self)
        check_options(self)
        if not self.folders:
            raise InputError("name at least one `folders` of results to compare, such as out")
        if self.output.exists() and not self.output.is_dir():
            raise InputError(f"`output` must be a folder, but {self.output} is a file")
