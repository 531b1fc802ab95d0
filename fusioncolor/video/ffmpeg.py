"""PyAV, which brings FFmpeg along: imported on first use, quiet, its errors as sentences."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType

from fusioncolor.errors import InputError


def require() -> None:
    """Checks that PyAV is installed, without importing it.

    Raises:
        InputError: it is not.
    """
    if find_spec("av") is None:
        raise InputError("video needs PyAV: pip install fusioncolor[video]")


def library() -> ModuleType:
    """Returns the module `av`.

    Raises:
        InputError: it is not installed.
    """
    require()
    os.environ.setdefault("SVT_LOG", "1")  # errors only, of the AV1 encoder, which has a log of its own
    module = import_module("av")
    module.logging.set_level(None)  # any other level calls Python from decoders' threads, for which closing waits
    return module


def is_cover(stream) -> bool:
    """Tells whether a video stream is the picture of a cover, which does not move."""
    from av.stream import Disposition

    return bool(stream.disposition & Disposition.attached_pic)


@contextmanager
def opened(path: Path) -> Iterator:
    """Opens a video file for reading; yields PyAV's container.

    Raises:
        InputError: the file is missing, or FFmpeg cannot read it.
    """
    av = library()
    if path.is_dir():
        raise InputError(f"{path}: a folder, not a video file")
    if not path.exists():
        raise InputError(f"no such file: {path}")
    try:
        container = av.open(str(path), metadata_errors="replace")
    except (av.error.FFmpegError, OSError, ValueError) as error:
        raise InputError(f"{path}: not a video that FFmpeg can read, or cut short ({words(error)})") from error
    with container:
        yield container


def words(error: BaseException) -> str:
    """Returns what FFmpeg says about an error, without its number and arguments."""
    return str(getattr(error, "strerror", None) or error).split("\n")[0]
