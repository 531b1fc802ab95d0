"""ZIP archives of a few known files."""

import zipfile
from collections.abc import Iterable, Mapping
from pathlib import Path

from fusioncolor.errors import InputError

_BLOCK = 1 << 20  # bytes


def pack(archive: Path, members: Mapping[str, Path]) -> None:
    """Writes files into an archive under the given names, with a fixed date, so that the same files give the same."""
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as target:
        for name, path in members.items():
            entry = zipfile.ZipInfo(name)
            entry.compress_type = zipfile.ZIP_DEFLATED
            with open(path, "rb") as source, target.open(entry, "w", force_zip64=True) as member:
                while block := source.read(_BLOCK):
                    member.write(block)


def unpack(archive: Path, folder: Path, *, names: Iterable[str], largest: int) -> None:
    """Extracts the files of an archive that have one of the given names; anything else in it is refused.

    Args:
        archive: the ZIP file.
        folder: receives the files; it must exist.
        names: names that may occur, without folders.
        largest: most bytes of all files together, which protects against decompression bombs.

    Raises:
        InputError: the archive is damaged, too large, or holds something else.
    """
    allowed, left = set(names), largest
    try:
        with zipfile.ZipFile(archive) as source:
            for entry in source.infolist():
                if entry.filename not in allowed:
                    raise InputError(f"{archive}: holds {entry.filename!r:.80}, which does not belong there")
                with source.open(entry) as member, open(folder / entry.filename, "wb") as target:
                    while block := member.read(_BLOCK):
                        left -= len(block)
                        if left < 0:
                            raise InputError(f"{archive}: holds more than {largest >> 20} MiB")
                        target.write(block)
    except (zipfile.BadZipFile, EOFError, NotImplementedError, RuntimeError) as error:
        raise InputError(f"{archive}: not a ZIP archive, or a damaged one ({error})") from error
