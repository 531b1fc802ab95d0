"""Replacing a file or a folder in one step: what was there stays until the new one is complete, whatever happens."""

import errno
import os
import re
import secrets
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from fusioncolor.errors import InputError, ResourceError

TEMPORARY = re.compile(r"\.fusioncolor-[0-9a-f]{8}\..*")  # files that are being written, or were when a kill came
_FULL = 1 << 20  # bytes free


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Gives a temporary file beside `path` that takes its place, synced to disk, when the block ends well.

    Raises:
        InputError: the file cannot be written.
        ResourceError: nothing can be written any more, the disk is full or read-only.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary = path.with_name(f".fusioncolor-{secrets.token_hex(4)}{path.suffix}")
        temporary.touch(exist_ok=False)
    except OSError as error:
        raise _unwritable(path, error) from error
    try:
        yield temporary
        with open(temporary, "rb+") as file:
            os.fsync(file.fileno())
        temporary.replace(path)
    except OSError as error:
        raise _unwritable(path, error) from error
    finally:
        temporary.unlink(missing_ok=True)


def _unwritable(path: Path, error: OSError) -> InputError:
    hopeless = error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EIO)
    if error.errno is None and "write" in str(error).lower():  # codecs report a full disk in words of their own
        hopeless = shutil.disk_usage(path.parent).free < _FULL
    kind = ResourceError if hopeless else InputError
    return kind(f"cannot write {path}: {error.strerror or error}")


_UNFINISHED = re.compile(r"\.(?P<name>.+)-[a-z0-9_]{8}(?P<old>-old)?")  # the names that `replacing_folder` gives


@contextmanager
def replacing_folder(folder: Path, *, marker: str) -> Iterator[Path]:
    """Gives a new folder beside `folder` that takes its place when the block ends well; what was there stays till then.

    Args:
        folder: the place.
        marker: name of a file that a folder has to hold to be replaced, unless it is empty.

    Raises:
        InputError: the folder holds something else, or the place cannot be written to.
    """
    new = None
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        _check_replaceable(folder, marker)
        new = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
        new.chmod(0o755)
        yield new
        _swap(new, folder)
    except OSError as error:
        raise InputError(f"cannot write {folder}: {error.strerror or error}") from error
    finally:
        if new is not None:
            shutil.rmtree(new, ignore_errors=True)


def remove_unfinished(parent: Path) -> None:
    """Removes the folders beside saved colorizers that a killed process was about to replace them with."""
    for path in parent.glob(".*"):
        match = _UNFINISHED.fullmatch(path.name)
        if match and path.is_dir():
            if match["old"] and not (parent / match["name"]).exists():  # killed between the two renames
                path.rename(parent / match["name"])
            else:
                shutil.rmtree(path, ignore_errors=True)


def _check_replaceable(folder: Path, marker: str) -> None:
    if folder.exists() and not (folder / marker).is_file() and (not folder.is_dir() or any(folder.iterdir())):
        raise InputError(f"{folder} holds other files (no {marker}) and is not replaced: name another folder")


def _swap(new: Path, folder: Path) -> None:
    """Renames `new` to `folder`; files of the old folder that the new one has no counterpart for are kept."""
    if not folder.exists():
        new.rename(folder)
        return
    for file in folder.iterdir():
        if file.is_file() and not (new / file.name).exists():
            shutil.copy2(file, new)
    old = new.with_name(f"{new.name}-old")
    folder.rename(old)
    try:
        new.rename(folder)
    except OSError:
        old.rename(folder)
        raise
    shutil.rmtree(old)


def require_space(folder: Path, size: int) -> None:
    """Refuses to write where too little is free; HDF5 would crash the process in the middle of it.

    Raises:
        InputError: fewer than `size` bytes are free.
    """
    existing = next((parent for parent in (folder, *folder.absolute().parents) if parent.exists()), Path())
    free = shutil.disk_usage(existing).free
    if free < size:
        raise InputError(f"cannot write {folder}: the disk is full ({size >> 20} MiB needed, {free >> 20} free)")


def write_text(path: Path, text: str) -> None:
    """Writes a small file through to the disk."""
    with open(path, "w", encoding="utf-8", errors="surrogateescape") as file:  # file names may be any bytes
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
