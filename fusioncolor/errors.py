"""Exceptions that tell a user what to fix; every other exception is a defect of the program."""

import re

_FIELD = re.compile(r"`([a-z][a-z0-9_]*)`")


class FusionColorError(Exception):
    """Base class: the message is one sentence that says what went wrong, with which file or option, and what to do.

    Options stand in backticks under their Python names, such as `batch_size`; the command line shows them as flags.
    """

    @property
    def fields(self) -> tuple[str, ...]:
        """Names of the options in the message, in their order."""
        return tuple(_FIELD.findall(str(self)))


class InputError(FusionColorError, ValueError):
    """A path, file or option is wrong."""


class ResourceError(FusionColorError):
    """The machine cannot go on: the disk is full, say, or memory ran out. No other photograph would fare better."""
