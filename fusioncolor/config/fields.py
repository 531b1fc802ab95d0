"""Options as dataclass fields: help text, range of values, and group in the help."""

import dataclasses
import math
import numbers
import os
import typing
from collections.abc import Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path

from fusioncolor.addresses import Address, location
from fusioncolor.errors import InputError
from fusioncolor.registries import Registry

DESCRIPTIVE = ("group", "range", "required")  # entries of a field's metadata that are not arguments of argparse


@dataclass(frozen=True)
class Range:
    """A range of finite numbers; None for a bound that does not apply.

    Attributes:
        minimum: inclusive lower bound.
        maximum: inclusive upper bound.
        above: exclusive lower bound.
        below: exclusive upper bound.
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
        """Returns the range in words that follow "must be": "1 or more", "from 0 to 180", "at least 0 and below 1"."""
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
    required: bool = False,
    minimum: float | None = None,
    maximum: float | None = None,
    above: float | None = None,
    below: float | None = None,
    **argparse_options,
):
    """Returns a dataclass field that becomes an option of the command line.

    Args:
        default: default value.
        text: help text. Other options are in backticks by field name, such as `batch_size`; the command line shows
            them as flags.
        group: heading of the option's group in the help; None for the general group.
        required: whether a positional argument must be given; the dataclass checks that.
        minimum: inclusive lower bound, which `check_options` enforces like the next three.
        maximum: inclusive upper bound.
        above: exclusive lower bound.
        below: exclusive upper bound.
        **argparse_options: other arguments of `add_argument`; `positional=True` makes it a positional argument.
    """
    bounds = Range(minimum, maximum, above, below)
    metadata = {
        "help": text,
        "group": group,
        "required": required,
        "range": None if bounds == Range() else bounds,
        **argparse_options,
    }
    if isinstance(default, list):
        return field(default_factory=lambda: list(default), metadata=metadata)
    return field(default=default, metadata=metadata)


def check_options(config) -> None:
    """Checks all values against the ranges and choices declared with `option`; None is always valid.

    Args:
        config: instance of a dataclass with `option` fields.

    Raises:
        InputError: a number is out of range or not finite, or a name is none of the choices.
    """
    for entry in dataclasses.fields(config):
        bounds, choices = entry.metadata.get("range"), entry.metadata.get("choices")
        value = getattr(config, entry.name)
        if value is None:
            continue
        if bounds is not None and not isinstance(value, numbers.Real):
            raise InputError(f"`{entry.name}` must be a number. Received: {value!r:.50}")
        if bounds is not None and value not in bounds:
            raise InputError(f"`{entry.name}` must be {bounds}. Received: {value}")
        for one in value if isinstance(value, list) else [value]:
            if isinstance(choices, Registry):
                choices.check(one)
            elif choices is not None and one not in choices:
                raise InputError(f"`{entry.name}` must be one of {', '.join(choices)}. Received: {one!r}")


def convert_options(config) -> None:
    """Turns text into paths and single values into lists, where options are such, as Python callers may give them.

    Args:
        config: instance of a dataclass with `option` fields, which is changed.
    """
    hints = typing.get_type_hints(type(config))
    for entry in dataclasses.fields(config):
        object.__setattr__(config, entry.name, _converted(hints[entry.name], getattr(config, entry.name)))


def from_options(config_class: type, options: Mapping[str, object]):
    """Builds a config from options by name, as a Python call gives them: paths may be strings, lists a single value.

    Args:
        config_class: dataclass with `option` fields.
        options: values by name.

    Raises:
        InputError: a value is not valid.
        TypeError: there is no such option; suggests the most similar name.
    """
    names = [entry.name for entry in dataclasses.fields(config_class)]
    for name in options:
        if name not in names:
            near = get_close_matches(name, names, n=1)
            raise TypeError(f"no option {name!r}" + (f"; did you mean {near[0]!r}?" if near else ""))
    return config_class(**options)


def config_of(config_class: type, first: str, given, options: Mapping[str, object]):
    """Returns the config of a call: the one given, or one of a first option's value and further options.

    Args:
        config_class: dataclass with `option` fields.
        first: name of the option that the first argument of the call stands for.
        given: that argument: an instance of `config_class`, or the option's value.
        options: the other arguments, by name.

    Raises:
        InputError: a value is not valid.
        TypeError: there is no such option, or a config comes with options.
    """
    if not isinstance(given, config_class):
        return from_options(config_class, {first: given, **options})
    if options:
        raise TypeError(f"{next(iter(options))!r} is given beside a {config_class.__name__}: put it in there")
    return given


def _converted(hint, value):
    """Returns a value with strings turned into paths, and a single value into a list, where the type asks for it."""
    if typing.get_origin(hint) is list:
        [kind] = typing.get_args(hint)
        several = [value] if isinstance(value, str | os.PathLike | Address) else list(value)
        return [_converted(kind, one) for one in several]
    if Address in typing.get_args(hint):
        return None if value is None else location(value)
    if hint is str and isinstance(value, os.PathLike):
        return os.fspath(value)
    takes_path = hint is Path or Path in typing.get_args(hint)
    return Path(value) if takes_path and isinstance(value, str | os.PathLike) else value


def is_default(config, name: str) -> bool:
    """Returns whether an option of a config has its default value."""
    entry = type(config).__dataclass_fields__[name]
    default = entry.default if entry.default_factory is dataclasses.MISSING else entry.default_factory()
    return getattr(config, name) == default


def flag(name: str) -> str:
    """Returns the command-line flag of a field, such as "--batch-size" for "batch_size"."""
    return "--" + name.replace("_", "-")


def _number(value: float) -> str:
    return "2^32 - 1" if value == 2**32 - 1 else f"{value:g}"


def ordered_fields(config_class: type) -> list[dataclasses.Field]:
    """Returns the fields of a dataclass as the help shows them: those without a group first, then group by group.

    Groups come in the order of the class's `GROUPS`, or else of their first fields.
    """
    fields = list(dataclasses.fields(config_class))
    found = dict.fromkeys(entry.metadata.get("group") for entry in fields)
    order = [None, *getattr(config_class, "GROUPS", ()), *found]
    return sorted(fields, key=lambda entry: order.index(entry.metadata.get("group")))
