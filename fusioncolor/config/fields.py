"""How a dataclass field becomes an option: its help text, its range, its group in the help."""

import dataclasses
import math
from dataclasses import dataclass, field

from fusioncolor.errors import InputError

DESCRIPTIVE = ("group", "range")  # entries of a field's metadata that argparse does not take


@dataclass(frozen=True)
class Range:
    """The finite numbers that an option can have.

    Attributes:
        minimum: the lowest one.
        maximum: the highest one.
        above: all are greater than this.
        below: all are less than this.
    """

    minimum: float | None = None
    maximum: float | None = None
    above: float | None = None
    below: float | None = None

    def __contains__(self, value: float) -> bool:
        return (
            math.isfinite(value)
            and (self.minimum is None or value >= self.minimum)
            and (self.maximum is None or value <= self.maximum)
            and (self.above is None or value > self.above)
            and (self.below is None or value < self.below)
        )

    def __str__(self) -> str:
        """The range in words, to follow "must be": "1 or more", "from 0 to 180", "at least 0 and below 1"."""
        if self.minimum is not None and self.maximum is not None:
            return f"from {_number(self.minimum)} to {_number(self.maximum)}"
        if (self.maximum, self.above, self.below) == (None, None, None):
            return f"{_number(self.minimum)} or more"
        bounds = {"at least": self.minimum, "above": self.above, "at most": self.maximum, "below": self.below}
        return " and ".join(f"{words} {_number(value)}" for words, value in bounds.items() if value is not None)


def option(
    default,
    text: str,
    *,
    group: str | None = None,
    minimum: float | None = None,
    maximum: float | None = None,
    above: float | None = None,
    below: float | None = None,
    **argparse_options,
):
    """A dataclass field that becomes a flag.

    Args:
        default: of the field.
        text: help text. Other options stand in backticks under their Python names, such as `batch_size`; the command
            line shows them as flags.
        group: heading of the help under which the option stands; None for the general one.
        minimum: lowest value; `check_ranges` refuses others, here and below.
        maximum: highest value.
        above: exclusive lower bound.
        below: exclusive upper bound.
        **argparse_options: further arguments for `add_argument`; `positional=True` makes it a positional argument.
    """
    bounds = Range(minimum, maximum, above, below)
    metadata = {
        "help": text,
        "group": group,
        "range": None if bounds == Range() else bounds,
        **argparse_options,
    }
    if isinstance(default, list):
        return field(default_factory=lambda: list(default), metadata=metadata)
    return field(default=default, metadata=metadata)


def check_ranges(config) -> None:
    """Refuses numbers outside the ranges declared by `option`; None is always allowed.

    Args:
        config: instance of a dataclass with fields made by `option`.

    Raises:
        InputError: a number is out of range, or no finite number.
    """
    for entry in dataclasses.fields(config):
        bounds, value = entry.metadata.get("range"), getattr(config, entry.name)
        if bounds is not None and value is not None and value not in bounds:
            raise InputError(f"`{entry.name}` must be {bounds}. Received: {value}")


def is_default(config, name: str) -> bool:
    """Whether an option of a config has its default value."""
    entry = type(config).__dataclass_fields__[name]
    default = entry.default if entry.default_factory is dataclasses.MISSING else entry.default_factory()
    return getattr(config, name) == default


def flag(name: str) -> str:
    """The command-line flag of a field."""
    return "--" + name.replace("_", "-")


def _number(value: float) -> str:
    return "2^32 - 1" if value == 2**32 - 1 else f"{value:g}"
