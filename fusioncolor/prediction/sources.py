"""The photographs at paths and addresses, as a stream: no listing is held in memory."""

import itertools
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from pathlib import Path, PurePosixPath

from fusioncolor import files, hints, images
from fusioncolor.addresses import Address, Location, location
from fusioncolor.errors import InputError
from fusioncolor.prediction import manifest, plan

_AROUND = 1000  # places in a sorted listing within which the hints of a photograph are
_WEB = ("http", "https")  # where nothing beside a photograph is looked for


@dataclass(frozen=True)
class Item:
    """A photograph, here or elsewhere.

    Attributes:
        source: its file.
        relative: path below the folder that was named, or the name of a single file.
        top: name of that folder, or of the folder around a single file; empty for the root.
        store: where it can be fetched; None for a file of this machine.
        entry: what is known of it there; None to ask once that is needed.
        hints: files of hints beside it, here or there.
    """

    source: Location
    relative: PurePosixPath
    top: str
    store: files.Store | None = None
    entry: files.Entry | None = None
    hints: tuple[Path, ...] | tuple[files.Entry, ...] = ()

    @property
    def identity(self) -> str:
        """The name by which a manifest knows it."""
        return manifest.identity(self.source)

    @cached_property
    def _stamp(self) -> str:
        if self.store is None:
            return " ".join(files.stamp(path) for path in (self.source, *self.hints))
        return " ".join(one.stamp for one in (self.entry or self.store.entry(), *self.hints))

    def stamp(self) -> str:
        """Returns a stamp of the photograph and its hints, by which a change of either is noticed.

        Raises:
            InputError: it is elsewhere, and cannot be asked for.
        """
        return self._stamp

    def fetched(self, folder: Path) -> tuple[Path, tuple[Path, ...]]:
        """Returns local files of the photograph and its hints: its own, or copies in a new folder.

        Raises:
            InputError: it cannot be read.
            ResourceError: the network failed, or the disk is full.
        """
        if self.store is None:
            return self.source, self.hints
        self.stamp()  # before it is read: if it is replaced after this, a rerun colorizes it again
        files.make_folder(folder)
        copies = [folder / self.relative.name]
        self.store.fetch(self.entry.name if self.entry else "", copies[0])
        for one in self.hints:
            copies.append(folder / PurePosixPath(one.name).name)
            self.store.fetch(one.name, copies[-1])
        return copies[0], tuple(copies[1:])


def is_used(photographs: Iterable[Location]) -> bool:
    """Returns whether a photograph may be at an address: one is named, or a list has one in its lines."""
    for one in photographs:
        if isinstance(one, Address) or (_is_list(one) and any(isinstance(line, Address) for line in _lines(one))):
            return True
    return False


def stream(photographs: Iterable[Location], *, exclude: Location) -> Iterator[Item]:
    """Yields the photographs that paths and addresses name; see `images.find`, whose rules hold for addresses too.

    Args:
        photographs: files, folders, and `.txt` lists with a path or an address per line.
        exclude: a folder to leave out, that of the results.

    Raises:
        InputError: there is nothing at an address, no image is in a folder, or results would be among inputs.
        ResourceError: the network failed.
    """
    for one in photographs:
        if isinstance(one, Address):
            yield from _elsewhere(one, exclude)
        elif _is_list(one):
            for line in _lines(one):
                yield from [_alone(line, exclude)] if isinstance(line, Address) else _here(line, exclude)
        else:
            yield from _here(one, exclude)


def _here(path: Path, exclude: Location) -> Iterator[Item]:
    found = images.find([path], exclude=exclude if isinstance(exclude, Path) else None)
    halves = {folder for folder in (one.color_folder() for one in found) if folder}
    for source, relative, top in found:
        if isinstance(exclude, Path):
            plan.check_outside(source, exclude)
        if not halves & set(source.parents):
            yield Item(source, PurePosixPath(relative.as_posix()), top, hints=hints.beside(source))


def _is_list(path: Path) -> bool:
    return path.suffix.lower() == ".txt" and path.is_file()


def _lines(path: Path) -> Iterator[Location]:
    with open(path, encoding="utf-8", errors="surrogateescape") as file:
        for line in file:
            if line.strip("\r\n"):
                yield location(line.strip("\r\n"))


def _elsewhere(address: Address, exclude: Location) -> Iterator[Item]:
    store = files.opened_store(address)
    if not store.is_file():
        found = _in_folder(store, exclude)
        first = next(found, None)
        if first is None:
            suffixes = ", ".join(images.readable_suffixes())
            raise InputError(f"no image in {address} (looked for {suffixes}, in subfolders too)")
        yield from itertools.chain([first], found)
    elif address.suffix.lower() == ".txt":
        for line in store.read().decode("utf-8", "surrogateescape").splitlines():
            if line.strip():
                yield _alone(location(line.strip()), exclude)
    else:
        yield _with_hints(_alone(address, exclude))


def _alone(address: Location, exclude: Location) -> Item:
    """Returns the photograph at an address."""
    if not isinstance(address, Address):
        raise InputError(f"a list at an address holds addresses, and this one has {address}")
    if not address.name:
        raise InputError(f"{address}: the address of a photograph ends in its name")
    store = files.opened_store(address)
    if isinstance(exclude, Address) and store.is_inside(exclude):
        raise InputError(plan.among_results(address, exclude))
    top = PurePosixPath(address.url.partition("::")[0]).parent.name
    return Item(address, PurePosixPath(address.name), top, store)


def _with_hints(item: Item) -> Item:
    """Returns a single photograph with the hints beside it."""
    if item.source.scheme in _WEB:
        return item
    folder = files.opened_store(item.source.sibling(""))
    beside = [name for name in hints.names_beside(item.source.stem) if folder.has_file(name)]
    entries = [folder.entry(name) for name in (item.source.name, *beside)]
    return replace(item, store=folder, entry=entries[0], hints=tuple(entries[1:]))


def _in_folder(store: files.Store, exclude: Location) -> Iterator[Item]:
    """Yields the photographs in a folder; not those among results, in hidden folders, or in `color/` beside `gray/`."""
    address = store.address
    if isinstance(exclude, Address) and store.is_inside(exclude):
        raise InputError(plan.among_results(address, exclude))
    results = f"{store.below(exclude)}/" if isinstance(exclude, Address) and store.below(exclude) else None
    has_folder = lru_cache(1024)(store.has_folder)
    suffixes = images.readable_suffixes()

    def is_photograph(name: str) -> bool:
        path = PurePosixPath(name)
        if path.suffix.lower() not in suffixes or name.lower().endswith(images.SCRIBBLES):
            return False
        if any(part.startswith(".") and part != ".." for part in path.parts) or (results and name.startswith(results)):
            return False
        return not _is_color_half(path, has_folder)

    for entry, beside in _with_neighbors(store.entries()):
        if is_photograph(entry.name):
            path = PurePosixPath(entry.name)
            found = [beside.get(str(path.with_name(name))) for name in hints.names_beside(path.stem)]
            kept = tuple(one for one in found if one)
            yield Item(address.child(entry.name), path, address.name, store, entry, kept)


def _is_color_half(path: PurePosixPath, has_folder) -> bool:
    """Returns whether a photograph is in `color/` and has a gray copy in a folder beside it, to be colorized."""
    for depth, part in enumerate(path.parts[:-1]):
        around = PurePosixPath(*path.parts[:depth])
        if part == "color" and any(has_folder(str(around / name)) for name in images.GRAY_TWINS):
            return True
    return False


def _with_neighbors(entries: Iterator[files.Entry]) -> Iterator[tuple[files.Entry, dict[str, files.Entry]]]:
    """Yields sorted entries with the files of hints that stand around them."""
    window: deque[files.Entry] = deque()
    behind: deque[str] = deque()
    beside: dict[str, files.Entry] = {}

    def take(entry: files.Entry) -> None:
        window.append(entry)
        if entry.name.lower().endswith((hints.JSON, images.SCRIBBLES)):
            beside[entry.name] = entry
            behind.append(entry.name)
            if len(behind) > 2 * _AROUND:
                beside.pop(behind.popleft(), None)

    for entry in entries:
        take(entry)
        if len(window) > _AROUND:
            yield window.popleft(), beside
    while window:
        yield window.popleft(), beside
