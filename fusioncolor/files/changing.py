"""Single steps on the file system: text, folders, renames, removal, free space.

A complete file is written with `replacing` instead; these are for what needs no such care, or happens inside of it.
"""

import os
import shutil
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from fusioncolor.errors import InputError, ResourceError


def write_text(path: Path, text: str) -> None:
    """Writes a small text file and waits until it is on the disk."""
    with open(path, "w", encoding="utf-8", errors="surrogateescape") as file:  # file names may be any bytes
        file.write(text)
        file.flush()
        os.fsync(file.fileno())


def write_lines(path: Path, lines: Iterable[str]) -> None:
    """Writes lines, whose ends they bring, as they come, and waits until they are on the disk."""
    with open(path, "w", encoding="utf-8", errors="surrogateescape", newline="") as file:
        file.writelines(lines)
        file.flush()
        os.fsync(file.fileno())


def write_bytes(path: Path, content: bytes) -> None:
    """Writes bytes to a file, without waiting until they are on the disk."""
    path.write_bytes(content)


def sync(path: Path) -> None:
    """Waits until a file that another library wrote is on the disk."""
    with open(path, "rb+") as file:
        os.fsync(file.fileno())


def make_folder(folder: Path) -> None:
    """Creates a folder and those above it, unless they exist."""
    folder.mkdir(parents=True, exist_ok=True)


def move(path: Path, target: Path) -> None:
    """Renames a file within a file system; replaces a file of the new name."""
    path.replace(target)


def remove(path: Path) -> None:
    """Removes a file, if it exists."""
    path.unlink(missing_ok=True)


def remove_folder(folder: Path) -> None:
    """Removes a folder with all that is in it, if it exists."""
    shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def working_folder(parent: Path) -> Iterator[Path]:
    """Yields an empty hidden folder in `parent`, which is created if need be, and removes it after the block."""
    make_folder(parent)
    with tempfile.TemporaryDirectory(prefix=".fusioncolor-", dir=parent) as folder:
        yield Path(folder)


@contextmanager
def temporary_folder() -> Iterator[Path]:
    """Yields an empty folder among the system's temporary files, and removes it after the block."""
    with tempfile.TemporaryDirectory(prefix="fusioncolor-") as folder:
        yield Path(folder)


def check_writable(folder: Path) -> None:
    """Refuses a folder that cannot be written to or created, before any work is done; changes nothing.

    Raises:
        InputError: there is no permission, or a file is in the way.
    """
    existing = next((parent for parent in (folder, *folder.absolute().parents) if parent.exists()), Path())
    if not existing.is_dir():
        raise InputError(f"cannot write to {folder}: {existing} is a file; give another `output`")
    if not os.access(existing, os.W_OK | os.X_OK):
        raise InputError(f"cannot write to {folder}: no permission to write to {existing}; give another `output`")


def free_space(folder: Path) -> int:
    """Returns the number of bytes that are free on the disk of a folder."""
    return shutil.disk_usage(folder).free


def require_space(folder: Path, size: int) -> None:
    """Refuses to write where too little is free; on a full disk, HDF5 would crash the process halfway.

    Raises:
        ResourceError: fewer than `size` bytes are free.
    """
    existing = next((parent for parent in (folder, *folder.absolute().parents) if parent.exists()), Path())
    free = shutil.disk_usage(existing).free
    if free < size:
        raise ResourceError(f"cannot write {folder}: the disk is full ({size >> 20} MiB needed, {free >> 20} free)")
