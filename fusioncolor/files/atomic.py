"""Replacing a file or a folder in one step: the old one stays until the new one is complete, whatever happens."""

import errno
import os
import re
import secrets
import shutil
import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from fusioncolor.errors import InputError, ResourceError
from fusioncolor.files.changing import sync

TEMPORARY = re.compile(r"\.fusioncolor-[0-9a-f]{8}(@(?P<owner>[^.]+))?\..*")  # names that `replacing` gives
_FULL = 1 << 20  # bytes free


@contextmanager
def replacing(path: Path, *, owner: str = "") -> Iterator[Path]:
    """Yields a temporary file beside `path` that replaces it, synced to disk, when the block ends without an error.

    The folder is created if need be. Encoders write to the temporary path with calls of their own.

    Args:
        path: the file.
        owner: who writes, if several processes write to the folder; `remove_temporary_of` removes what a killed one
            left, and nothing of the others.

    Raises:
        InputError: the file cannot be written.
        ResourceError: nothing can be written any longer because the disk is full, read-only or broken.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        mark = f"@{owner}" if owner else ""
        temporary = path.with_name(f".fusioncolor-{secrets.token_hex(4)}{mark}{path.suffix}")
        temporary.touch(exist_ok=False)
    except OSError as error:
        raise _unwritable(path, error) from error
    try:
        yield temporary
        sync(temporary)
        temporary.replace(path)
    except OSError as error:
        raise _unwritable(path, error) from error
    finally:
        temporary.unlink(missing_ok=True)


def _unwritable(path: Path, error: OSError) -> InputError:
    hopeless = error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EIO)
    if error.errno is None and "write" in str(error).lower():  # encoders report a full disk in their own words
        hopeless = shutil.disk_usage(path.parent).free < _FULL
    kind = ResourceError if hopeless else InputError
    return kind(f"cannot write {path}: {error.strerror or error}")


_UNFINISHED = re.compile(r"\.(?P<name>.+)-[a-z0-9_]{8}(?P<old>-old)?")  # the names that `replacing_folder` gives


@contextmanager
def replacing_folder(folder: Path, *, marker: str) -> Iterator[Path]:
    """Yields a new folder beside `folder` that replaces it when the block ends without an error.

    Args:
        folder: path of the folder.
        marker: name of a file that an existing folder must contain to be replaced, unless it is empty.

    Raises:
        InputError: the existing folder lacks the marker, or the new one cannot be written.
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
    """Removes the folders in `parent` that killed processes left in `replacing_folder`.

    A folder that was killed between the two renames, when the place was empty, is put back.
    """
    for path in parent.glob(".*"):
        match = _UNFINISHED.fullmatch(path.name)
        if match and path.is_dir():
            if match["old"] and not (parent / match["name"]).exists():
                path.rename(parent / match["name"])
            else:
                shutil.rmtree(path, ignore_errors=True)


def remove_temporary(folder: Path, *, skip: Callable[[Path], bool] = lambda inside: False) -> None:
    """Removes the files, at any depth in `folder`, that killed processes left in `replacing`.

    Args:
        folder: the folder.
        skip: tells which folders inside it are left alone, such as those that another process writes to.
    """
    inside, left = [], []
    with suppress(OSError), os.scandir(folder) as entries:
        for entry in entries:
            if entry.is_dir(follow_symlinks=False):
                inside.append(Path(entry.path))
            elif TEMPORARY.fullmatch(entry.name):
                left.append(Path(entry.path))
    for path in left:
        path.unlink(missing_ok=True)
    for one in inside:
        if not skip(one):
            remove_temporary(one, skip=skip)


def remove_temporary_of(owner: str, folders: Iterable[Path]) -> None:
    """Removes the files, directly in `folders`, that a killed process left in `replacing` as this owner."""
    for folder in folders:
        with suppress(FileNotFoundError), os.scandir(folder) as inside:
            left = [
                entry.path for entry in inside if (match := TEMPORARY.fullmatch(entry.name)) and match["owner"] == owner
            ]
            for path in left:
                Path(path).unlink(missing_ok=True)


def remove_temporary_in(folder: Path, owner: str) -> None:
    """Removes the files, at any depth in `folder`, that a killed process left in `replacing` as this owner."""
    remove_temporary_of(owner, (Path(parent) for parent, _, _ in os.walk(folder)))


def _check_replaceable(folder: Path, marker: str) -> None:
    if folder.exists() and not (folder / marker).is_file() and (not folder.is_dir() or any(folder.iterdir())):
        raise InputError(f"{folder} holds other files (no {marker}) and is not replaced: name another folder")


def _swap(new: Path, folder: Path) -> None:
    """Renames `new` to `folder`; files that only the old folder has are copied to the new one first."""
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
