"""Where the result of each photograph goes."""

import itertools
import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from fusioncolor import images
from fusioncolor.config import PredictConfig
from fusioncolor.errors import InputError
from fusioncolor.registries import FORMATS

GRIDS = "grids"  # folder of the grid's pages, in the output folder


@dataclass(frozen=True)
class Task:
    """One photograph to colorize: the file, where the result goes, and the color original if it is another file."""

    source: Path
    target: Path
    truth: Path | None = None


def of(config: PredictConfig) -> list[Task]:
    """Lists the photographs that the options name, and decides where each result goes.

    Raises:
        InputError: nothing is found, or results would overwrite inputs or meet the pages of the grid.
    """
    if not config.photographs:
        raise InputError("name `photographs` to colorize: files or folders")
    tasks = plan(images.find(config.photographs, exclude=config.output), config.output, config.truth, config.format)
    if config.truth and not any(task.truth for task in tasks):
        raise InputError(f"no photograph has its original, of the same relative path, in {config.truth} (`truth`)")
    if config.grid and any(task.target.is_relative_to(config.output / GRIDS) for task in tasks):
        raise InputError(
            f"there are photographs in a folder {GRIDS}/, where `grid` writes its pages: rename that folder"
        )
    return tasks


def plan(
    found: Iterable[images.Found], output: Path, truth: Path | None = None, format: str | None = None
) -> list[Task]:
    """Decides where each result goes: the tree is kept, no two results share a file, and no input is overwritten.

    Formats that are not written, GIF among them with its 256 colors, become PNG.

    Args:
        found: photographs; relative paths are kept below the output folder.
        output: the output folder.
        truth: folder with the color originals, of the same relative paths; suffixes may differ.
        format: name of the format of all results, such as "jpg"; None keeps that of each input.

    Raises:
        InputError: inputs lie in the output folder, or there is no such format.
    """
    found = list(found)
    originals = _index(truth) if truth else {}
    wanted = FORMATS.find(format) if format else None
    taken: set[str] = set()
    tasks = []
    for source, relative in found:
        if _real(source).is_relative_to(_real(output)):
            raise InputError(
                f"{source} lies in the output folder {output}: give another `output`; inputs are never overwritten"
            )
        suffix = relative.suffix if images.format_of(relative.suffix) else ".png"
        if wanted and suffix.lower() not in wanted.suffixes:
            suffix = wanted.suffixes[0]
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
    return {_key(path.relative_to(truth)): path for path in images.find_in(truth)}


def _real(path: Path) -> Path:
    return Path(os.path.realpath(path))  # Path.resolve raises on links in a loop


def _key(relative: Path) -> str:
    return str(relative.with_suffix("")).casefold()


def _protect(originals: Iterable[Path], output: Path) -> None:
    for path in originals:
        if _real(path).is_relative_to(_real(output)):
            raise InputError(f"the color originals lie in the output folder {output}: give another `output`")
