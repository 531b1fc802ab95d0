"""Options of `fusioncolor completion`."""

from dataclasses import dataclass

from fusioncolor.config.fields import check_options, convert_options, option

SHELLS = ("bash", "zsh", "fish")


@dataclass(frozen=True)
class CompletionConfig:
    """Options of `fusioncolor completion`."""

    shell: str = option("", "Shell that will read the script", positional=True, choices=SHELLS)

    def __post_init__(self) -> None:
        """Checks the name of the shell.

        Raises:
            InputError: it is none of the known ones.
        """
        convert_options(self)
        check_options(self)
