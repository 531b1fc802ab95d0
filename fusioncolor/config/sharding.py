"""A part of the photographs, to be done by one of several independent processes."""

import re
from typing import NamedTuple

from fusioncolor.errors import InputError

_FORM = re.compile(r"(\d+)/(\d+)")


class Shard(NamedTuple):
    """One of `count` parts.

    Attributes:
        number: from 1 to `count`.
        count: number of parts.
    """

    number: int
    count: int

    @classmethod
    def parse(cls, text: str) -> "Shard":
        """Reads a shard such as "3/16".

        Raises:
            InputError: the text has another form, or the number is out of range.
        """
        match = _FORM.fullmatch(text.strip())
        if not match or not 1 <= int(match[1]) <= int(match[2]):
            raise InputError(
                f"`shard` must be a part and the number of parts, from 1/16 to 16/16 or so. Received: {text}"
            )
        return cls(int(match[1]), int(match[2]))

    @property
    def label(self) -> str:
        """The shard as a part of file names: "03-of-16", which sorts by number."""
        return f"{self.number:0{len(str(self.count))}}-of-{self.count}"
