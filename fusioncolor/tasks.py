"""Which photographs to colorize, and where each result goes."""

import itertools
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from fusioncolor import images
from fusioncolor.errors import InputError


@dataclass(frozen=True)
class Task:
    """One photograph to colorize: the file, where the result goes, and the color original if it is another file."""

    source: Path
    target: Path
    truth: Path | None = None


def find(paths: Iterable[Path], *, exclude: Path | None = None) -> list[tuple[Path, Path]]:
    """Lists the photographs that files and folders name, each with its path relative to what was named.

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
        elif path.exists():
            found.append((path, Path(path.name)))
        else:
            raise InputError(f"no such file or folder: {path}")
    return found


def plan(found: Iterable[tuple[Path, Path]], output: Path, truth: Path | None = None) -> list[Task]:
    """Decides where each result goes: the tree is kept, no two results share a file, and no input is overwritten.

    Args:
        found: files, each with its path relative to the output folder.
        output: the output folder.
        truth: folder with the color originals, of the same relative paths; suffixes may differ.

    Raises:
        InputError: a result would overwrite an input.
    """
    found = list(found)
    inputs = {source.resolve() for source, _ in found}
    taken: set[Path] = set()
    tasks = []
    for source, relative in found:
        target = output / relative
        if target.suffix.lower() == ".gif":  # 256 colors are too few
            target = target.with_suffix(".png")
        for number in itertools.count(2):
            if target not in taken:
                break
            target = (output / relative).with_stem(f"{relative.stem}-{number}").with_suffix(target.suffix)
        if target.resolve() in inputs:
            raise InputError(f"{target} would be overwritten: give an --output folder other than the photographs' own")
        taken.add(target)
        tasks.append(Task(source, target, _find_truth(truth, relative)))
    return tasks


def _find_truth(truth: Path | None, relative: Path) -> Path | None:
    if truth is None:
        return None
    exact = truth / relative
    if exact.is_file():
        return exact
    return next((exact.with_suffix(suffix) for suffix in images.SUFFIXES if exact.with_suffix(suffix).is_file()), None)
