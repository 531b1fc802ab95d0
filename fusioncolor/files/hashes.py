"""Digests and stamps, by which a file or a setting is recognized later."""

import hashlib
from collections.abc import Iterable
from pathlib import Path


def sha256(path: Path) -> str:
    """Returns the SHA-256 of a file as 64 hexadecimal digits."""
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def blake2b(path: Path) -> str:
    """Returns the first 32 hexadecimal digits of a file's BLAKE2b, which takes half the time of SHA-256."""
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "blake2b").hexdigest()[:32]


def digest_of(parts: Iterable[bytes]) -> str:
    """Returns the first 16 hexadecimal digits of the SHA-256 of `parts`, joined."""
    digest = hashlib.sha256()
    for part in parts:
        digest.update(part)
    return digest.hexdigest()[:16]


def stamp(path: Path) -> str:
    """Returns the size and time of change of a file, by which a changed file is noticed; empty if it is missing."""
    try:
        facts = path.stat()
    except OSError:
        return ""
    return f"{facts.st_size}-{facts.st_mtime_ns}"
