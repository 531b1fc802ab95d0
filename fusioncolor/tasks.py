"""Which photographs to colorize, and where each result goes."""

import itertools
import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from fusioncolor import images
from fusioncolor.errors import InputError

GRIDS = "grids"  # folder of the pages of --grid, in the output folder
_WRITTEN = tuple(suffix for suffix in images.SUFFIXES if suffix != ".gif")


@dataclass(frozen=True)
class Task:
    """One photograph to colorize: the file, where the result goes, and the color original if it is another file."""

    source: Path
    target: Path
    truth: Path | None = None


def find(paths: Iterable[Path], *, exclude: Path | None = None) -> list[tuple[Path, Path]]:
    """Lists the photographs that files and folders name, each with its path relative to what was named.

    A `.txt` file is a list of photographs, one path per line, as `train.py` writes it.

    Raises:
        InputError: a path does not exist, or a folder holds no image.
    """
    found: list[tuple[Path, Path]] = []
    for path in paths:
        if path.is_dir():
            inside = images.find(path, exclude=exclude)
            if not inside:
                raise InputError(
                    f"no image in folder {path} (looked for {', '.join(images.SUFFIXES)}, in subfolders too)"
                )
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


def plan(
    found: Iterable[tuple[Path, Path]], output: Path, truth: Path | None = None, format: str | None = None
) -> list[Task]:
    """Decides where each result goes: the tree is kept, no two results share a file, and no input is overwritten.

    Formats that are not written, GIF among them with its 256 colors, become PNG.

    Args:
        found: files, each with its path relative to the output folder.
        output: the output folder.
        truth: folder with the color originals, of the same relative paths; suffixes may differ.
        format: suffix of all results, without its dot; None keeps that of each input.

    Raises:
        InputError: inputs lie in the output folder.
    """
    found = list(found)
    originals = _index(truth) if truth else {}
    taken: set[str] = set()
    tasks = []
    for source, relative in found:
        if _real(source).is_relative_to(_real(output)):
            raise InputError(
                f"{source} lies in the output folder {output}: give another --output, inputs stay as they are"
            )
        suffix = relative.suffix if relative.suffix.lower() in _WRITTEN else ".png"
        if format and suffix.lower().replace("jpeg", "jpg").replace("tiff", "tif") != f".{format}":
            suffix = f".{format}"
        target = output / relative.with_suffix(suffix)
        for number in itertools.count(2):
            if str(target).casefold() not in taken:  # some file systems tell a.jpg from A.JPG, others do not
                break
            target = output / relative.with_name(f"{relative.stem}-{number}{suffix}")
        taken.add(str(target).casefold())
        tasks.append(Task(source, target, originals.get(_key(relative))))
    _protect(originals.values(), output)
    return tasks


def _index(truth: Path) -> dict[str, Path]:
    return {_key(path.relative_to(truth)): path for path in images.find(truth)}


def _real(path: Path) -> Path:
    return Path(os.path.realpath(path))  # Path.resolve raises on links in a loop


def _key(relative: Path) -> str:
    return str(relative.with_suffix("")).casefold()


def _protect(originals: Iterable[Path], output: Path) -> None:
    for path in originals:
        if _real(path).is_relative_to(_real(output)):
            raise InputError(f"the color originals lie in the output folder {output}: give another --output")
