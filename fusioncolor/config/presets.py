"""Options of `fusioncolor presets`."""

from dataclasses import dataclass

from fusioncolor.config.fields import convert_options, option
from fusioncolor.errors import InputError


@dataclass(frozen=True)
class PresetsConfig:
    """Options of `fusioncolor presets`."""

    download: list[str] = option([], "Download the weights of these presets, for use without a network", metavar="NAME")
    add: str | None = option(
        None, "Add the preset that a JSON file describes, whose weights are downloaded on first use", metavar="FILE|URL"
    )
    remove: str | None = option(None, "Remove an added preset and its downloaded weights", metavar="NAME")

    def __post_init__(self) -> None:
        """Checks that at most one thing is to be done.

        Raises:
            InputError: several are.
        """
        convert_options(self)
        if sum(map(bool, (self.download, self.add, self.remove))) > 1:
            raise InputError("give one of `download`, `add` and `remove`")
