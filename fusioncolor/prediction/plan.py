"""The plan of a folder run: the photographs to colorize, and the file for each result.

`manifest.py` knows which of them an earlier run has finished.
"""

import glob
import itertools
import os
from collections.abc import Iterable, Iterator, Mapping, MutableMapping
from dataclasses import dataclass, replace
from pathlib import Path, PurePath

from fusioncolor import files, hints, images
from fusioncolor.addresses import Location
from fusioncolor.config import PredictConfig
from fusioncolor.config.sharding import Shard
from fusioncolor.errors import InputError
from fusioncolor.prediction import manifest
from fusioncolor.registries import FORMATS

GRIDS = "grids"  # subfolder of the output folder for the pages of the grid
PAIRS = "side-by-side"  # the same for photographs beside their results
HINTS = "hints"  # the same for pictures of the hints


@dataclass(frozen=True)
class Task:
    """A photograph to colorize.

    Attributes:
        source: file of the photograph.
        target: file of the result.
        truth: file of the color original, if there is one.
        renamed: whether the file has another name, because the first choice holds another photograph's result.
        hints: files of hints beside the photograph.
    """

    source: Path
    target: Path
    truth: Path | None = None
    renamed: bool = False
    hints: tuple[Path, ...] = ()

    def stamp(self) -> str:
        """Returns a stamp of the photograph and its hints, by which a change of either is noticed."""
        return " ".join(files.stamp(path) for path in (self.source, *self.hints))


def tasks(config: PredictConfig, *, unread: images.UnreadPictures | None = None) -> list[Task]:
    """Lists the photographs in the options, and chooses the file for each result.

    The file for a result is the same, whichever `shard` it is in.

    Args:
        config: the options.
        unread: counts the pictures in folders whose format is not read.

    Raises:
        InputError: there is no photograph, or results would overwrite inputs or mix with the pages of the grid.
    """
    _check_named(config)
    found = images.find(config.photographs, exclude=config.output, unread=unread)
    return list(_tasks(config, _gray_halves(found, found), manifest.owners(config.output), {}))


def each_task(
    config: PredictConfig,
    *,
    owners: Mapping[str, str],
    taken: MutableMapping[str, str],
    unread: images.UnreadPictures | None = None,
) -> Iterator[Task]:
    """Yields the photographs in the options, as `tasks` lists them; the folders are listed twice.

    Args:
        config: the options.
        owners: results of earlier runs and their photographs, as `manifest.owners` gives them.
        taken: empty; for `Names`.
        unread: as for `tasks`.

    Raises:
        InputError: as for `tasks`, some only after the last photograph.
    """
    _check_named(config)
    first = images.find_each(config.photographs, exclude=config.output, unread=unread)
    again = images.find_each(config.photographs, exclude=config.output)
    yield from _tasks(config, _gray_halves(first, again), owners, taken)


def _check_named(config: PredictConfig) -> None:
    if not config.photographs:
        raise InputError("name `photographs` to colorize: files or folders")


def _tasks(
    config: PredictConfig,
    found: Iterable[images.Found],
    owners: Mapping[str, str],
    taken: MutableMapping[str, str],
) -> Iterator[Task]:
    names = Names(config.format, ending=config.suffix, owners=owners, taken=taken)
    folders = [
        (config.output / folder, f"there are photographs in {folder}/, where `{wanted}` writes: rename that folder")
        for folder, wanted in ((GRIDS, "grid"), (PAIRS, "side_by_side"), (HINTS, "hint_preview"))
        if getattr(config, wanted)
    ]
    is_empty, has_truth = True, not config.truth
    for task, one in _assigned(found, config.output, config.truth, names):
        if not is_mine(config.part, one.relative):
            continue
        whole = _with_twin(task, one)
        is_empty, has_truth = False, has_truth or whole.truth is not None
        for folder, sentence in folders:
            if whole.target.is_relative_to(folder):
                raise InputError(sentence)
        yield whole
    if not (is_empty or has_truth):
        raise InputError(f"no photograph has an original with the same relative path in {config.truth} (`truth`)")


def is_mine(part: Shard | None, relative: PurePath) -> bool:
    """Tells whether a photograph belongs to a part, by a hash of its relative path: no other photograph matters."""
    if part is None:
        return True
    digest = files.digest_of([relative.as_posix().encode("utf-8", "surrogateescape")])
    return int(digest, 16) % part.count == part.number - 1


def _gray_halves(found: Iterable[images.Found], again: Iterable[images.Found]) -> Iterator[images.Found]:
    """Yields photographs but those in folders `color/` whose gray copies are beside them, to be colorized.

    Args:
        found: photographs.
        again: the same; a second iterator, unless they are in memory.
    """
    halves = {folder for folder in (one.color_folder() for one in found) if folder}
    return (one for one in again if not (halves and halves & set(one.path.parents)))


def _with_twin(task: Task, found: images.Found) -> Task:
    """Returns a task with the original in `color/`, if the photograph is in `gray/` beside it."""
    folder = found.color_folder()
    if task.truth or not folder:
        return task
    inside = found.path.relative_to(next(one for one in found.path.parents if one.parent == folder.parent))
    same = (folder / inside).parent.glob(f"{glob.escape(inside.stem)}.*")
    return replace(task, truth=next((path for path in sorted(same) if images.format_of(path.suffix)), None))


def assign_targets(
    found: Iterable[images.Found],
    output: Path,
    truth: Path | None = None,
    format: str | None = None,
    *,
    ending: str = "",
    owners: Mapping[str, str] | None = None,
) -> list[Task]:
    """Chooses the file for each result: keeps the folder tree, one file per result, and never overwrites an input.

    Where two named folders hold a file of the same name, the result of the second goes to a subfolder of its folder's
    name. Formats that are only read, such as GIF with its 256 colors, become PNG.

    Args:
        found: photographs; their relative paths are kept in the output folder.
        output: the output folder.
        truth: folder of the color originals, with the same relative paths; suffixes may differ.
        format: format of all results, such as "jpg"; None keeps the format of each input.
        ending: text after the name of each result.
        owners: results of earlier runs and their photographs, as `manifest.owners` gives them; none is replaced by
            another photograph's.

    Raises:
        InputError: inputs are in the output folder, or there is no such format.
    """
    names = Names(format, ending=ending, owners=owners or {}, taken={})
    return [task for task, _ in _assigned(found, output, truth, names)]


def _assigned(
    found: Iterable[images.Found], output: Path, truth: Path | None, names: "Names"
) -> Iterator[tuple[Task, images.Found]]:
    """Yields the photographs with the files for their results."""
    originals = _index(truth) if truth else {}
    _protect(originals.values(), output)
    for one in found:
        check_outside(one.path, output)
        name, is_renamed = names.choose(one.relative, one.top, manifest.identity(one.path))
        known_truth = originals.get(_key(one.relative))
        yield Task(one.path, output / name, known_truth, is_renamed, hints.beside(one.path)), one


def check_outside(source: Path, output: Path) -> None:
    """Refuses a photograph in the output folder.

    Raises:
        InputError: it is in there.
    """
    if _real(source).is_relative_to(_real(output)):
        raise InputError(among_results(source, output))


def among_results(source: Location, output: Location) -> str:
    """Returns the sentence about a photograph that is among the results."""
    return f"{source} is in the output folder {output}: give another `output`; inputs are never overwritten"


class Names:
    """Chooses the names of results below the output folder, one for each photograph."""

    def __init__(
        self, format: str | None, *, ending: str, owners: Mapping[str, str], taken: MutableMapping[str, str]
    ) -> None:
        """Begins.

        Args:
            format: format of all results, such as "jpg"; None keeps the format of each input.
            ending: text after the name of each result.
            owners: results of earlier runs and their photographs, as `manifest.owners` gives them.
            taken: receives the chosen names, case-folded, and the top folders of their photographs.

        Raises:
            InputError: there is no such format.
        """
        self._wanted = FORMATS.find(format) if format else None
        self._ending, self._owners, self._taken = ending, owners, taken

    def choose(self, relative: PurePath, top: str, identity: str) -> tuple[PurePath, bool]:
        """Chooses the name of a result.

        Args:
            relative: path of the photograph below the folder that was named.
            top: name of that folder.
            identity: name by which a manifest knows the photograph.

        Returns:
            The name, and whether it is in another folder than the photograph because the first choice was taken.
        """
        suffix = relative.suffix if images.format_of(relative.suffix) else ".png"
        if self._wanted and suffix.lower() not in self._wanted.suffixes:
            suffix = self._wanted.suffixes[0]
        wish = relative.with_name(f"{relative.stem}{self._ending}{suffix}")
        for name in _names(wish, top, self._taken):
            known = name.as_posix().casefold()  # to some file systems, a.jpg and A.JPG are the same file
            if known not in self._taken and self._owners.get(known, identity) == identity:
                break
        self._taken[known] = top
        return name, name.parent != wish.parent


def _names(wish: PurePath, top: str, taken: Mapping[str, str]) -> Iterator[PurePath]:
    """Yields names for a result: the first choice, then in a subfolder named after the top folder, then numbered."""
    yield wish
    if top and taken.get(wish.as_posix().casefold()) != top:
        yield type(wish)(top) / wish
    for number in itertools.count(2):
        yield wish.with_name(f"{wish.stem}-{number}{wish.suffix}")


def _index(truth: Path) -> dict[str, Path]:
    return {_key(path.relative_to(truth)): path for path in images.find_in(truth)}


def _real(path: Path) -> Path:
    return Path(os.path.realpath(path))  # Path.resolve raises on links in a loop


def _key(relative: Path) -> str:
    return str(relative.with_suffix("")).casefold()


def _protect(originals: Iterable[Path], output: Path) -> None:
    for path in originals:
        if _real(path).is_relative_to(_real(output)):
            raise InputError(f"the color originals are in the output folder {output}: give another `output`")
