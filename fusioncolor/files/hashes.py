"""Digests and stamps, by which a file or a setting is recognized later."""

import hashlib
from collections.abc import Iterable
from pathlib import Path

from fusioncolor.files import tars


def sha256(path: Path) -> str:
    """Returns the SHA-256 of a file as 64 hexadecimal digits."""
    return _digest(path, "sha256").hexdigest()


def blake2b(path: Path) -> str:
    """Returns the first 32 hexadecimal digits of a file's BLAKE2b, which takes half the time of SHA-256."""
    return _digest(path, "blake2b").hexdigest()[:32]


def _digest(path: Path, kind: str):
    member = tars.find(path)
    with tars.content(path, member) if member else open(path, "rb") as file:
        return hashlib.file_digest(file, kind)


def facts(path: Path) -> tuple[int, int]:
    """Returns the size of a file, and the time of its last modification in nanoseconds since the epoch.

    Raises:
        OSError: there is no such file.
    """
    member = tars.find(path)
    if member:
        return member.size, int(member.modified * 1e9)
    found = path.stat()
    return found.st_size, found.st_mtime_ns


def is_there(path: Path) -> bool:
    """Returns whether there is a file or folder, or a member of an archive."""
    return path.exists() or tars.find(path) is not None


def digest_of(parts: Iterable[bytes]) -> str:
    """Returns the first 16 hexadecimal digits of the SHA-256 of `parts`, joined."""
    digest = hashlib.sha256()
    for part in parts:
        digest.update(part)
    return digest.hexdigest()[:16]


def stamp(path: Path) -> str:
    """Returns the size and time of change of a file, by which a changed file is noticed; empty if it is missing."""
    try:
        size, modified = facts(path)
    except OSError:
        return ""
    return f"{size}-{modified}"
