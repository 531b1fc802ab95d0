"""Exceptions that tell a user what to fix; any other exception is a bug in the program."""

import re

_FIELD = re.compile(r"`([a-z][a-z0-9_]*)`")


class FusionColorError(Exception):
    """Base class. The message is one sentence: the problem, the file or option at fault, and the remedy.

    Options are in backticks by field name, such as `batch_size`; the command line shows them as flags.
    """

    @property
    def fields(self) -> tuple[str, ...]:
        """Names of the options in the message, in order."""
        return tuple(_FIELD.findall(str(self)))


def not_installed(extra: str) -> str:
    """Returns the end of a sentence on a missing package: the command that installs an extra of this package."""
    return f'not installed: pip install "fusioncolor[{extra}]" (in a clone: pip install ".[{extra}]")'


class InputError(FusionColorError, ValueError):
    """A path, file or option is wrong."""


class ResourceError(FusionColorError):
    """The machine has run out of a resource, such as disk space or memory; there is no use in going on."""
