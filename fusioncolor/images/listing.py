"""Photographs that files, folders and lists name."""

import os
from collections.abc import Iterable
from pathlib import Path

from fusioncolor.errors import InputError
from fusioncolor.images.formats import readable_suffixes


def find_in(folder: Path, *, exclude: Path | None = None) -> list[Path]:
    """Lists the image files under `folder`, recursively, sorted; hidden files and everything in `exclude` left out.

    A folder in it that must not be looked into is listed itself, so that whoever reads the files names it.

    Raises:
        InputError: `folder` itself must not be looked into.
    """
    found, suffixes = [], readable_suffixes()

    def keep(error: OSError) -> None:
        if isinstance(error, FileNotFoundError):  # gone meanwhile, or nothing was written there yet
            return
        if Path(error.filename) == folder:
            raise InputError(f"{folder}: {error.strerror}") from error
        found.append(Path(error.filename))

    for parent, folders, files in os.walk(folder, onerror=keep):
        here = Path(parent)
        folders[:] = sorted(
            name for name in folders if not name.startswith(".") and not (exclude and _same(here / name, exclude))
        )
        found += [here / name for name in files if Path(name).suffix.lower() in suffixes and not name.startswith(".")]
    return sorted(found)


def _same(a: Path, b: Path) -> bool:
    return os.path.realpath(a) == os.path.realpath(b)  # Path.resolve raises on links in a loop


def find(paths: Iterable[Path], *, exclude: Path | None = None) -> list[tuple[Path, Path]]:
    """Lists the photographs that files and folders name, each with its path relative to what was named.

    A `.txt` file is a list of photographs, one path per line, as `train.py` writes it.

    Raises:
        InputError: a path does not exist, or a folder holds no image.
    """
    found: list[tuple[Path, Path]] = []
    for path in paths:
        if path.is_dir():
            inside = find_in(path, exclude=exclude)
            if not inside:
                suffixes = ", ".join(readable_suffixes())
                raise InputError(f"no image in folder {path} (looked for {suffixes}, in subfolders too)")
            found += [(file, file.relative_to(path)) for file in inside]
        elif path.suffix.lower() == ".txt" and path.is_file():
            found += [(file, Path(file.name)) for file in _listed(path)]
        elif path.exists():
            found.append((path, Path(path.name)))
        else:
            raise InputError(f"no such file or folder: {path}")
    return found


def _listed(path: Path) -> list[Path]:
    try:
        lines = path.read_text(encoding="utf-8", errors="surrogateescape").split("\n")
        files = [Path(line) for line in lines if line]
        missing = [file for file in files if not file.exists()]
    except (OSError, ValueError) as error:  # not of text
        raise InputError(f"{path} is no list of photographs, one path a line") from error
    if missing or not files:
        raise InputError(
            f"{path} is no list of photographs: {missing[0]} is not there" if missing else f"{path} is empty"
        )
    return files
