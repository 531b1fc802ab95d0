"""Standard input and output in place of files: a picture or a list of paths comes in, a picture goes out."""

import io
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import BinaryIO

from PIL import Image

from fusioncolor import files, images
from fusioncolor.addresses import Address, Location, location
from fusioncolor.config import PredictConfig
from fusioncolor.errors import InputError
from fusioncolor.registries import FORMATS, READ_ONLY_FORMATS

DASH = Path("-")
_TIFF = (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")
_NAME = "picture"


def are_used(config: PredictConfig) -> bool:
    """Returns whether the options name standard input or output, which both are called "-"."""
    return DASH in config.photographs or config.output == DASH


@contextmanager
def replaced(config: PredictConfig, stdin: BinaryIO) -> Iterator[PredictConfig]:
    """Yields options with files in place of "-", which are removed after the block.

    Args:
        config: the options.
        stdin: a picture, or paths of photographs and folders, one per line or each ended by a zero byte.

    Raises:
        InputError: there is nothing in `stdin`, or the output would be more than one picture.
    """
    with files.temporary_folder() as folder:
        photographs: list[Location] = []
        for path in config.photographs:
            photographs += _received(stdin.read(), folder) if path == DASH else [path]
        if config.output == DASH:
            _check_single(config, photographs)
        yield replace(
            config, photographs=photographs, output=folder / "out" if config.output == DASH else config.output
        )


def _received(content: bytes, folder: Path) -> list[Location]:
    if not content.strip():
        raise InputError("nothing came from standard input: send a picture, or a list of paths")
    suffix = _suffix_of(content)
    if suffix is None:
        separator = b"\0" if b"\0" in content else b"\n"
        lines = [line.removesuffix(b"\r") for line in content.split(separator)]
        return [location(os.fsdecode(line)) for line in lines if line]
    picture = folder / f"{_NAME}{suffix}"
    files.write_bytes(picture, content)
    return [picture]


def _suffix_of(content: bytes) -> str | None:
    """Returns the suffix for a picture's format; None for what is no picture of a format that is read."""
    if content.startswith(_TIFF):
        return ".tif"
    with suppress(Exception), Image.open(io.BytesIO(content)) as picture:
        rows = [row for table in (FORMATS, READ_ONLY_FORMATS) for row in table.values()]
        return next((row.suffixes[0] for row in rows if row.name == picture.format), None)
    return None


def _check_single(config: PredictConfig, photographs: list[Location]) -> None:
    for name in ("grid", "sidecar", "side_by_side", "report"):
        if getattr(config, name, None):
            raise InputError(f"`{name}` writes further files: give a folder as `output`")
    if any(isinstance(one, Address) for one in photographs):
        raise InputError("`output` - takes the picture of a file of this machine: give a folder")
    count = len(images.find(photographs))
    if count != 1:
        raise InputError(f"`output` - takes the picture of one photograph, and there are {count}: give a folder")
