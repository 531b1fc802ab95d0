"""Addresses of files elsewhere, such as `s3://bucket/scans/old.jpg`: names only; `files.stores` opens them."""

import os
import re
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from urllib.parse import unquote, urlsplit

_ADDRESS = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+://")  # of at least two letters: a single one is a drive of Windows
_WEB = ("http", "https")


@dataclass(frozen=True, order=True)
class Address:
    """An address in fsspec's form: `s3://bucket/key`, `https://host/a.jpg`, `zip://member::s3://bucket/scans.zip`.

    Attributes:
        url: the address as it was given.
    """

    url: str

    def __str__(self) -> str:
        """Returns the address as it was given."""
        return self.url

    @property
    def scheme(self) -> str:
        """What stands before the first "://", in lower case."""
        return self.url.partition("://")[0].lower()

    @property
    def name(self) -> str:
        """The last part of the path; empty for the whole of a bucket or an archive."""
        head = self.url.partition("::")[0]
        if self.scheme in _WEB:
            return PurePosixPath(unquote(urlsplit(head).path)).name
        inside = head.partition("://")[2].strip("/")
        return PurePosixPath(inside).name if "/" in inside or "::" in self.url or self.scheme == "memory" else ""

    @property
    def stem(self) -> str:
        """The name without its suffix."""
        return PurePosixPath(self.name).stem

    @property
    def suffix(self) -> str:
        """The end of the name, with its dot; empty without one."""
        return PurePosixPath(self.name).suffix

    def child(self, relative: str) -> "Address":
        """Returns the address of a file in this folder."""
        head, chain, rest = self.url.partition("::")
        joined = f"{head}{relative}" if head.endswith("/") else f"{head}/{relative}"
        return Address(f"{joined}{chain}{rest}")

    def sibling(self, name: str) -> "Address":
        """Returns the address of a file beside this one."""
        head, chain, rest = self.url.partition("::")
        return Address(f"{head[: len(head) - len(self.name)]}{name}{chain}{rest}")

    def with_stem(self, stem: str) -> "Address":
        """Returns the address of a file beside this one, of the same suffix."""
        return self.sibling(f"{stem}{self.suffix}")


Location = Path | Address
"""A file or folder, here or elsewhere."""


def location(text: str | os.PathLike | Address) -> Location:
    """Returns an address for text of the form "scheme://...", and a path for everything else and for `file://`."""
    if isinstance(text, Address):
        return text
    text = os.fspath(text)
    if not _ADDRESS.match(text):
        return Path(text)
    if not text.lower().startswith("file://"):
        return Address(text)
    from urllib.request import url2pathname  # slow to import

    return Path(url2pathname(urlsplit(text).path))
