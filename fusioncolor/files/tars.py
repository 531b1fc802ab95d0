"""Members of tar archives as files: `shards/000.tar/old.jpg` is the member `old.jpg` of `shards/000.tar`.

An archive is indexed once, and its members are then read in any order, by their places: no member is copied, and
nothing is read again to reach the middle. That takes plain archives; compressed ones are refused.
"""

import functools
import io
import os
import tarfile
from pathlib import Path, PurePosixPath
from typing import NamedTuple

from fusioncolor.errors import InputError

ARCHIVE = ".tar"


class Member(NamedTuple):
    """Place of a member in its archive.

    Attributes:
        offset: first byte.
        size: bytes.
        modified: time of the last modification, in seconds since the epoch.
    """

    offset: int
    size: int
    modified: float


def members(archive: Path) -> list[Path]:
    """Lists the members of an archive, as paths below it, in their order; no hidden ones.

    Raises:
        InputError: it is not a plain tar archive, or it is damaged.
    """
    return [archive / name for name in _index(archive)]


def archive_of(path: Path) -> Path | None:
    """Returns the archive that a path leads into; None if there is no archive in it."""
    return next((one for one in path.parents if one.suffix.lower() == ARCHIVE and one.is_file()), None)


def find(path: Path) -> Member | None:
    """Returns the place of a member; None if the path does not lead to one.

    Raises:
        InputError: the archive is damaged.
    """
    archive = archive_of(path)
    return archive and _index(archive).get(path.relative_to(archive).as_posix())


def content(path: Path, member: Member) -> io.BytesIO:
    """Reads a member.

    Raises:
        OSError: the archive cannot be read.
    """
    with open(archive_of(path), "rb") as file:
        file.seek(member.offset)
        return io.BytesIO(file.read(member.size))


def _index(archive: Path) -> dict[str, Member]:
    facts = archive.stat()
    return _indexed(os.fspath(archive), facts.st_size, facts.st_mtime_ns)


@functools.cache
def _indexed(archive: str, size: int, modified: int) -> dict[str, Member]:
    """Indexes an archive; its size and time tell a changed one from what is remembered."""
    try:
        with tarfile.open(archive, "r:") as file:
            entries = [entry for entry in file if entry.isreg() and not entry.issparse()]
    except (tarfile.TarError, EOFError, OSError) as error:
        raise InputError(f"{archive}: not a plain .tar archive, or a damaged one ({error})") from error
    names = [PurePosixPath(entry.name) for entry in entries]
    return {
        name.as_posix(): Member(entry.offset_data, entry.size, entry.mtime)
        for name, entry in zip(names, entries, strict=True)
        if not name.is_absolute() and not any(part.startswith(".") for part in name.parts)
    }
