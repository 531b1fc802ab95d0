"""Opening files that users name: whatever keeps one from being read becomes a sentence."""

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from fusioncolor.errors import InputError
from fusioncolor.files import tars


@contextmanager
def opened(path: str | os.PathLike) -> Iterator[BinaryIO]:
    """Opens a file, or a member of a .tar archive, for reading.

    Raises:
        InputError: the file is missing or may not be read, or it is a folder, a pipe or a device. Errors while reading
            from the open file are not translated.
    """
    try:
        member = tars.find(Path(path))
        mode = stat.S_IFREG if member else Path(path).stat().st_mode
        if stat.S_ISDIR(mode) and not os.access(path, os.R_OK | os.X_OK):
            raise InputError(f"{path}: no permission to look into this folder")
        if not stat.S_ISREG(mode):  # opening a pipe would wait forever
            raise InputError(f"{path}: not a file")
        file = tars.content(Path(path), member) if member else open(path, "rb")  # noqa: SIM115 - closed below
    except (FileNotFoundError, NotADirectoryError) as error:
        raise InputError(f"{path}: no such file") from error
    except PermissionError as error:
        raise InputError(f"{path}: no permission to read it") from error
    except OSError as error:
        raise InputError(f"{path}: cannot be opened ({error.strerror or error})") from error
    with file:
        yield file
