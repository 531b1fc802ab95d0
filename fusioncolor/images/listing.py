"""Listing the photographs in files, folders and text files."""

import glob
import os
import re
from collections.abc import Iterable, Iterator
from pathlib import Path, PurePath
from typing import NamedTuple

from fusioncolor import files
from fusioncolor.errors import InputError
from fusioncolor.images.formats import UNREADABLE, readable_suffixes

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


class UnreadPictures:
    """Counts pictures whose format is not read, such as HEIC, and which a listing therefore leaves out.

    Attributes:
        count: their number.
        first: the first of them.
    """

    def __init__(self) -> None:
        """Begins without pictures."""
        self.count, self.first = 0, None
        self._suffixes = frozenset(UNREADABLE).difference(readable_suffixes())

    def consider(self, path: Path) -> None:
        """Counts a file that is no photograph, if it is such a picture."""
        if path.suffix.lower() in self._suffixes and not _is_left_out(path.name):
            self.count, self.first = self.count + 1, self.first or path


def without_gray_twins(found: Iterable[Found]) -> list[Found]:
    """Leaves out the photographs in folders `gray/` that stand beside `color/`."""
    return [one for one in found if one.color_folder() is None]


def find(
    paths: Iterable[Path],
    *,
    exclude: Path | None = None,
    archives: bool = False,
    unread: UnreadPictures | None = None,
) -> list[Found]:
    """Lists the photographs that files and folders name, in their order; those of a folder are sorted.

    Args:
        paths: image files; folders, which are searched recursively; `.txt` files with a path per line, such as the
            lists of photographs in the folder of a training run; patterns such as `*.jpg`.
        exclude: a folder to leave out, such as that of the results.
        archives: whether the .tar archives in folders are folders too.
        unread: counts the pictures in folders whose format is not read.

    Raises:
        InputError: a path does not exist, or a folder holds no image.
    """
    return list(find_each(paths, exclude=exclude, archives=archives, unread=unread))


def find_each(
    paths: Iterable[Path],
    *,
    exclude: Path | None = None,
    archives: bool = False,
    unread: UnreadPictures | None = None,
) -> Iterator[Found]:
    """Yields what `find` lists, one at a time: of folders, the names in one folder at a time are in memory.

    Raises:
        InputError: as for `find`, once the iterator comes to it.
    """
    for path in paths:
        if path.is_dir():
            top, is_empty = path.absolute().name, True
            for file in _inside(path, exclude, archives, unread):
                is_empty = False
                yield Found(file, file.relative_to(path), top)
            if is_empty:
                suffixes = ", ".join(readable_suffixes())
                raise InputError(f"no image in folder {path} (looked for {suffixes}, in subfolders too)")
        elif path.suffix.lower() == ".txt" and path.is_file():
            yield from map(_alone, _listed(path))
        elif files.is_there(path):
            yield _alone(path)
        else:
            yield from map(_alone, _matching(path))


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
    return list(_inside(folder, exclude, archives))


def _inside(folder: Path, exclude: Path | None, archives: bool, unread: UnreadPictures | None = None) -> Iterator[Path]:
    """Yields what `find_in` lists."""
    suffixes = readable_suffixes()

    def walk(inside: Path) -> Iterator[Path]:
        try:
            folders, names = _names_in(inside)
        except FileNotFoundError:  # removed meanwhile, or not written yet
            return
        except OSError as error:
            if inside == folder:
                raise InputError(f"{folder}: {error.strerror}") from error
            yield inside
            return
        for name in sorted((*folders, *names), key=os.path.normcase):
            path = inside / name
            if name in folders:
                if not name.startswith(".") and not (exclude and _same(path, exclude)):
                    yield from walk(path)
            elif archives and _is_archive(name):
                yield from _photographs_of(path)
            elif is_photograph(name):
                yield path
            elif unread is not None:
                unread.consider(path)

    def is_photograph(name: str) -> bool:
        return PurePath(name).suffix.lower() in suffixes and not _is_left_out(name)

    return walk(folder)


def _names_in(folder: Path) -> tuple[set[str], list[str]]:
    """Returns the names of the folders in a folder, without links to folders, and of the files in it."""
    folders, names = set(), []
    with os.scandir(folder) as entries:
        for entry in entries:
            if not _is_folder(entry):
                names.append(entry.name)
            elif not entry.is_symlink():
                folders.add(entry.name)
    return folders, names


def _is_folder(entry: os.DirEntry) -> bool:
    try:
        return entry.is_dir()
    except OSError:
        return False


def _is_archive(name: str) -> bool:
    return name.lower().endswith(files.ARCHIVE) and not name.startswith(".")


def _photographs_of(archive: Path) -> list[Path]:
    suffixes = readable_suffixes()
    inside = files.members(archive)
    return [path for path in sorted(inside) if path.suffix.lower() in suffixes and not _is_left_out(path.name)]


def _is_left_out(name: str) -> bool:
    return name.startswith(".") or name.lower().endswith(SCRIBBLES)


def _same(a: Path, b: Path) -> bool:
    return os.path.realpath(a) == os.path.realpath(b)  # Path.resolve raises on links in a loop


def _listed(path: Path) -> Iterator[Path]:
    """Yields the files in a list, once all are known to be there."""
    try:
        missing = next((file for file in _lines(path) if not files.is_there(file)), None)
        is_empty = next(_lines(path), None) is None
    except (OSError, ValueError) as error:  # not text
        raise InputError(f"{path} is not a list of photographs (one path per line)") from error
    if missing or is_empty:
        raise InputError(
            f"{path} is not a list of photographs: {missing} is not there" if missing else f"{path} is empty"
        )
    yield from _lines(path)


def _lines(path: Path) -> Iterator[Path]:
    with open(path, encoding="utf-8", errors="surrogateescape") as file:
        yield from (Path(line.rstrip("\n")) for line in file if line != "\n")
