"""Listing the photographs in files, folders and text files."""

import glob
import os
import re
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from fusioncolor import files
from fusioncolor.errors import InputError
from fusioncolor.images.formats import readable_suffixes

SCRIBBLES = ".scribble.png"  # end of the names of pictures of hints, which are no photographs
_ADDRESS = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+:/")  # of at least two letters: a single one is a drive of Windows
GRAY_TWINS = ("gray", "grey", "black", "grayscale")


class Found(NamedTuple):
    """A photograph and its place in the folder that was named.

    Attributes:
        path: the file.
        relative: path below the named folder, or the name of a single file.
        top: name of the named folder, or of the folder around a single file; empty for the root.
    """

    path: Path
    relative: Path
    top: str = ""

    def color_folder(self) -> Path | None:
        """Returns the folder `color/` beside the folder `gray/` that the photograph is in; None if it is in none.

        Some sets of photographs have a gray copy of every photograph in such a pair of folders.
        """
        for depth, name in enumerate(self.relative.parts[:-1]):
            around = self.path.parents[len(self.relative.parts) - 1 - depth]
            if name.lower() in GRAY_TWINS and (around / "color").is_dir():
                return around / "color"
        return None


def without_gray_twins(found: Iterable[Found]) -> list[Found]:
    """Leaves out the photographs in folders `gray/` that stand beside `color/`."""
    return [one for one in found if one.color_folder() is None]


def find(paths: Iterable[Path], *, exclude: Path | None = None, archives: bool = False) -> list[Found]:
    """Lists the photographs that files and folders name, in their order; those of a folder are sorted.

    Args:
        paths: image files; folders, which are searched recursively; `.txt` files with a path per line, such as the
            lists of photographs in the folder of a training run; patterns such as `*.jpg`.
        exclude: a folder to leave out, such as that of the results.
        archives: whether the .tar archives in folders are folders too.

    Raises:
        InputError: a path does not exist, or a folder holds no image.
    """
    found: list[Found] = []
    for path in paths:
        if path.is_dir():
            inside = find_in(path, exclude=exclude, archives=archives)
            if not inside:
                suffixes = ", ".join(readable_suffixes())
                raise InputError(f"no image in folder {path} (looked for {suffixes}, in subfolders too)")
            found += [Found(file, file.relative_to(path), path.absolute().name) for file in inside]
        elif path.suffix.lower() == ".txt" and path.is_file():
            found += [_alone(file) for file in _listed(path)]
        elif files.is_there(path):
            found.append(_alone(path))
        else:
            found += [_alone(file) for file in _matching(path)]
    return found


def _matching(path: Path) -> list[Path]:
    """Lists the files that a pattern such as `scans/*.jpg` names, which a Windows shell leaves as it is.

    Raises:
        InputError: it names no file.
    """
    if _ADDRESS.match(str(path)):
        raise InputError(f"{path} is an address: download the photograph, and name the file")
    if not glob.has_magic(str(path)):
        raise InputError(f"no such file or folder: {path}")
    suffixes = readable_suffixes()
    files = sorted(Path(name) for name in glob.glob(str(path), recursive=True))  # noqa: PTH207 - of any path
    files = [file for file in files if file.suffix.lower() in suffixes and not _is_left_out(file.name)]
    if not files:
        raise InputError(f"no photograph matches {path}")
    return files


def _alone(file: Path) -> Found:
    return Found(file, Path(file.name), file.absolute().parent.name)


def find_in(folder: Path, *, exclude: Path | None = None, archives: bool = False) -> list[Path]:
    """Lists the image files in `folder`, recursively and sorted; no hidden ones, scribbles, or those in `exclude`.

    Unreadable subfolders are returned too, so that reading them reports the error. A missing folder is empty. With
    `archives`, members of .tar archives in it count as files in a folder of the archive's name.

    Raises:
        InputError: `folder` itself is unreadable, or an archive is damaged.
    """
    found, suffixes = [], readable_suffixes()

    def keep(error: OSError) -> None:
        if isinstance(error, FileNotFoundError):  # removed meanwhile, or not written yet
            return
        if Path(error.filename) == folder:
            raise InputError(f"{folder}: {error.strerror}") from error
        found.append(Path(error.filename))

    for parent, folders, names in os.walk(folder, onerror=keep):
        here = Path(parent)
        folders[:] = sorted(
            name for name in folders if not name.startswith(".") and not (exclude and _same(here / name, exclude))
        )
        if archives:
            found += [one for name in names if _is_archive(name) for one in _photographs_of(here / name)]
        found += [here / name for name in names if Path(name).suffix.lower() in suffixes and not _is_left_out(name)]
    return sorted(found)


def _is_archive(name: str) -> bool:
    return name.lower().endswith(files.ARCHIVE) and not name.startswith(".")


def _photographs_of(archive: Path) -> list[Path]:
    suffixes = readable_suffixes()
    inside = files.members(archive)
    return [path for path in inside if path.suffix.lower() in suffixes and not _is_left_out(path.name)]


def _is_left_out(name: str) -> bool:
    return name.startswith(".") or name.lower().endswith(SCRIBBLES)


def _same(a: Path, b: Path) -> bool:
    return os.path.realpath(a) == os.path.realpath(b)  # Path.resolve raises on links in a loop


def _listed(path: Path) -> list[Path]:
    try:
        lines = path.read_text(encoding="utf-8", errors="surrogateescape").split("\n")
        listed = [Path(line) for line in lines if line]
        missing = [file for file in listed if not files.is_there(file)]
    except (OSError, ValueError) as error:  # not text
        raise InputError(f"{path} is not a list of photographs (one path per line)") from error
    if missing or not listed:
        raise InputError(
            f"{path} is not a list of photographs: {missing[0]} is not there" if missing else f"{path} is empty"
        )
    return listed
