"""Local copies of photographs at addresses, for what reads each of them several times: training and evaluation."""

import dataclasses
import json
import os
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path, PurePosixPath

import platformdirs

from fusioncolor import files, images
from fusioncolor.addresses import Address, Location, location
from fusioncolor.config import TrainConfig
from fusioncolor.errors import InputError
from fusioncolor.runtime.reporting import SILENT, Reporter

_TRANSFERS = 16  # threads
_STAMPS = ".fusioncolor-copies.jsonl"  # what each copy was made from, a line each


def cache() -> Path:
    """Returns the folder of the copies, which need not exist."""
    chosen = os.environ.get("FUSIONCOLOR_HOME")
    return (Path(chosen) if chosen else platformdirs.user_cache_path("fusioncolor", False)) / "photographs"


def local(photographs: Iterable[Location], *, seen_by_all: bool = False, reporter: Reporter = SILENT) -> list[Path]:
    """Returns paths in place of addresses, after copying what is new or changed there.

    A folder elsewhere becomes a folder in `cache()`, with its tree, and without what is gone there. A `.txt` list with
    addresses becomes the files that it names.

    Args:
        photographs: files, folders, and lists.
        seen_by_all: whether all machines of a cluster must see the files, as they do not see copies in a cache.
        reporter: tells where copies are, and shows progress.

    Raises:
        InputError: there is nothing at an address, or no photograph in a folder there, or all machines must see it.
        ResourceError: the network failed, or the disk is full; the next call copies the rest.
    """
    found: list[Path] = []
    for one in photographs:
        if isinstance(one, Address):
            if seen_by_all:
                raise InputError(f"`cluster` is for files that all its machines see: copy {one} to such a folder")
            found += _copied(one, reporter)
        elif one.suffix.lower() == ".txt" and one.is_file():
            lines = [location(line) for line in _lines(one)]
            elsewhere = any(isinstance(line, Address) for line in lines)
            found += local(lines, seen_by_all=seen_by_all, reporter=reporter) if elsewhere else [one]
        else:
            found.append(one)
    return found


def with_copies(config: TrainConfig, *, reporter: Reporter = SILENT) -> TrainConfig:
    """Returns the options of a training with local folders in place of addresses; see `local`."""
    folders = {name: getattr(config, name) for name in ("folder", "validation")}
    elsewhere = {name: one for name, one in folders.items() if isinstance(one, Address)}
    return dataclasses.replace(config, **{name: local([one], reporter=reporter)[0] for name, one in elsewhere.items()})


def _lines(file: Path) -> list[str]:
    try:
        return [line for line in file.read_text(encoding="utf-8", errors="surrogateescape").splitlines() if line]
    except OSError as error:
        raise InputError(f"{file}: {error.strerror}") from error


def _copied(address: Address, reporter: Reporter) -> list[Path]:
    store = files.opened_store(address)
    if not store.is_file():
        return [_copied_folder(store, reporter)]
    folder = _folder_of(address.sibling("") if address.name else address)
    if address.suffix.lower() == ".txt":
        with files.replacing(folder / address.name) as temporary:
            store.fetch("", temporary)
        return local([folder / address.name], reporter=reporter)
    with files.journal(_begun(folder)) as stamps:
        _fetch(store, store.entry(), folder, stamps, _read(stamps), whole=True)
    return [folder / PurePosixPath(address.name)]


def _folder_of(address: Address) -> Path:
    """Returns the folder of the copies of what is in a folder elsewhere; its last part is that folder's name."""
    return cache() / files.digest_of([address.url.rstrip("/").encode()]) / (address.name or "photographs")


def _begun(folder: Path) -> Path:
    files.make_folder(folder)
    return folder / _STAMPS


def _read(stamps: files.Journal) -> dict[str, str]:
    return {entry["name"]: entry["stamp"] for entry in map(json.loads, stamps.lines)}


def _copied_folder(store: files.Store, reporter: Reporter) -> Path:
    folder = _folder_of(store.address)
    reporter.info(f"{store.address}: copying to {folder}")
    present = set()
    with files.journal(_begun(folder)) as stamps, ThreadPoolExecutor(_TRANSFERS) as pool:
        known = _read(stamps)
        with reporter.bar("copying photographs", None) as bar:
            coming = []
            for entry in _photographs(store):
                present.add(folder / entry.name)
                coming.append(pool.submit(_fetch, store, entry, folder, stamps, known))
                if len(coming) >= 4 * _TRANSFERS:
                    coming.pop(0).result()
                    bar.advance()
            for copy in coming:
                copy.result()
                bar.advance()
    if not present:
        suffixes = ", ".join(images.readable_suffixes())
        raise InputError(f"no image in {store.address} (looked for {suffixes}, in subfolders too)")
    for path in images.find_in(folder, archives=True):
        if not {path, *path.parents} & present:
            files.remove(files.archive_of(path) or path)
    return folder


def _photographs(store: files.Store) -> Iterator[files.Entry]:
    suffixes = (*images.readable_suffixes(), files.ARCHIVE)
    for entry in store.entries():
        path = PurePosixPath(entry.name)
        if path.suffix.lower() in suffixes and not any(part.startswith(".") for part in path.parts):
            yield entry


def _fetch(
    store: files.Store,
    entry: files.Entry,
    folder: Path,
    stamps: files.Journal,
    known: dict[str, str],
    *,
    whole: bool = False,
) -> None:
    """Copies a file, unless there is a copy of what is there now."""
    target = folder / entry.name
    if entry.stamp and known.get(entry.name) == entry.stamp and target.is_file():
        return
    with files.replacing(target) as temporary:
        store.fetch("" if whole else entry.name, temporary)
    stamps.append(json.dumps({"name": entry.name, "stamp": entry.stamp}))
