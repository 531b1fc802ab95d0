"""The folder of a saved colorizer: finding it, checking it before use, and replacing it in one step.

A folder holds `colorizer.json` (what to build, and the SHA-256 of the weights), `network.weights.h5` and a model card.
"""

import csv
import errno
import hashlib
import json
import os
import re
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import h5py
import numpy as np

from fusioncolor.errors import InputError

try:
    import fcntl
except ImportError:  # Windows: two commands on one folder are not noticed there
    fcntl = None

CONFIG_FILE = "colorizer.json"
WEIGHTS_FILE = "network.weights.h5"
CARD_FILE = "README.md"
FORMAT = 1
_NO_LOCKS = (errno.ENOLCK, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS)  # what file systems without locks answer
_LARGEST_CONFIG = 1 << 20  # bytes
_UNFINISHED = re.compile(r"\.(?P<name>.+)-[a-z0-9_]{8}(?P<old>-old)?")  # the names that `replacing_folder` gives
_PROJECT = Path(__file__).parents[1]


@contextmanager
def locked(file: Path, sentence: str) -> Iterator[None]:
    """Holds a lock on a file, which is made if need be; the lock goes with the process, however it ends.

    Raises:
        InputError: another process holds it; says `sentence`.
        OSError: the file cannot be written to.
    """
    with open(file, "ab") as held:
        if fcntl is not None:
            try:
                fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as error:
                raise InputError(sentence) from error
            except OSError as error:
                if error.errno not in _NO_LOCKS:
                    raise
        yield


def is_colorizer(folder: str | os.PathLike) -> bool:
    """Whether `find_folder` would find a saved colorizer."""
    return any((candidate / CONFIG_FILE).is_file() for candidate in (Path(folder), _PROJECT / folder))


def find_folder(folder: str | os.PathLike) -> Path:
    """The folder of a saved colorizer: as given, or else the same path in the project's own folder.

    Raises:
        InputError: neither exists.
    """
    for candidate in (Path(folder), _PROJECT / folder):
        if (candidate / CONFIG_FILE).is_file():
            return candidate
    if Path(folder).exists():
        inside = Path(folder) / "best"
        hint = f"did you mean {inside}?" if (inside / CONFIG_FILE).is_file() else "name photographs before --weights"
        raise InputError(f"{folder}: not a saved colorizer, it has no {CONFIG_FILE}; {hint}")
    shipped = sorted(path.parent.name for path in (_PROJECT / "weights").glob(f"*/{CONFIG_FILE}"))
    hint = f"there are: {', '.join(f'weights/{name}' for name in shipped)}" if shipped else "train one with train.py"
    raise InputError(f"no weights folder {folder}; {hint}")


def read_config(folder: Path) -> dict:
    """Reads `colorizer.json` and checks the weights file against its SHA-256.

    Raises:
        InputError: a file is missing or damaged, or of another format.
    """
    path = folder / CONFIG_FILE
    try:
        if path.stat().st_size > _LARGEST_CONFIG:
            raise ValueError("far too large")
        config = json.loads(path.read_text(encoding="utf-8"))
        saved_format, digest = config["format"], config["weights"]["sha256"]
    except (OSError, ValueError, KeyError, TypeError, RecursionError) as error:
        reason = " ".join(f"{type(error).__name__}: {error}".split())[:200]
        raise InputError(f"{path}: damaged ({reason}); get the folder again") from error
    if saved_format != FORMAT:
        raise InputError(f"{path}: format {saved_format}, this version of fusioncolor reads format {FORMAT}")
    weights = folder / WEIGHTS_FILE
    if not weights.is_file():
        raise InputError(f"{weights}: missing; get the folder again")
    if sha256(weights) != digest:
        raise InputError(f"{weights}: damaged (its SHA-256 is not the one in {CONFIG_FILE}); get the folder again")
    return config


def read_card(folder: Path) -> str:
    """The model card's text, empty if there is none."""
    return (folder / CARD_FILE).read_text(encoding="utf-8") if (folder / CARD_FILE).is_file() else ""


@contextmanager
def replacing_folder(folder: Path) -> Iterator[Path]:
    """Gives a new folder beside `folder` that takes its place when the block ends well; what was there stays till then.

    Raises:
        InputError: the place cannot be written to.
    """
    new = None
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        _check_replaceable(folder)
        new = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
        new.chmod(0o755)
        yield new
        _swap(new, folder)
    except OSError as error:
        raise InputError(f"cannot write {folder}: {error.strerror or error}") from error
    finally:
        if new is not None:
            shutil.rmtree(new, ignore_errors=True)


def remove_unfinished(parent: Path) -> None:
    """Removes the folders beside saved colorizers that a killed process was about to replace them with."""
    for path in parent.glob(".*"):
        match = _UNFINISHED.fullmatch(path.name)
        if match and path.is_dir():
            if match["old"] and not (parent / match["name"]).exists():  # killed between the two renames
                path.rename(parent / match["name"])
            else:
                shutil.rmtree(path, ignore_errors=True)


def _check_replaceable(folder: Path) -> None:
    if folder.exists() and not (folder / CONFIG_FILE).is_file() and (not folder.is_dir() or any(folder.iterdir())):
        raise InputError(f"{folder} is no saved colorizer, and is not replaced by one: name another folder")


def _swap(new: Path, folder: Path) -> None:
    """Renames `new` to `folder`; files of the old folder that the new one has no counterpart for are kept."""
    if not folder.exists():
        new.rename(folder)
        return
    for file in folder.iterdir():
        if file.is_file() and not (new / file.name).exists():
            shutil.copy2(file, new)
    old = new.with_name(f"{new.name}-old")
    folder.rename(old)
    try:
        new.rename(folder)
    except OSError:
        old.rename(folder)
        raise
    shutil.rmtree(old)


def require_space(folder: Path, size: int) -> None:
    """Refuses to write where too little is free; HDF5 would crash the process in the middle of it.

    Raises:
        InputError: fewer than `size` bytes are free.
    """
    existing = next((parent for parent in (folder, *folder.absolute().parents) if parent.exists()), Path())
    free = shutil.disk_usage(existing).free
    if free < size:
        raise InputError(f"cannot write {folder}: the disk is full ({size >> 20} MiB needed, {free >> 20} free)")


def read_log(run: Path) -> dict[str, list[float]]:
    """The columns of a run folder's `log.csv`.

    Raises:
        InputError: there is none, or it holds something else.
    """
    try:
        with open(run / "log.csv", encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(file))
        columns = {name: [float(row[name]) for row in rows] for name in (rows[0] if rows else ())}
    except (OSError, ValueError, TypeError) as error:
        raise InputError(f"{run} is no run folder of train.py, or its log.csv is damaged") from error
    if not {"epoch", "loss", "val_loss"} <= set(columns):
        raise InputError(f"{run / 'log.csv'} has no finished epoch")
    return columns


def write_text(path: Path, text: str) -> None:
    """Writes a small file through to the disk."""
    with open(path, "w", encoding="utf-8", errors="surrogateescape") as file:  # file names may be any bytes
        file.write(text)
        file.flush()
        os.fsync(file.fileno())


def narrow(wide: Path, path: Path, dtype: str) -> None:
    """Copies the weights of an HDF5 file, float32 arrays as `dtype` except where a value would overflow it.

    A compiled model's file also holds its optimizer's state, twice the size of the weights; that is left out.
    """
    with h5py.File(wide) as source, h5py.File(path, "w") as target:
        _copy_group(source, target, dtype, leave_out=("optimizer",))
    with open(path, "rb+") as file:
        os.fsync(file.fileno())


def _copy_group(source: h5py.Group, target: h5py.Group, dtype: str, leave_out: tuple[str, ...] = ()) -> None:
    target.attrs.update(source.attrs)
    for name, item in source.items():
        if name in leave_out:
            continue
        if isinstance(item, h5py.Group):
            _copy_group(item, target.create_group(name), dtype)
            continue
        values = item[()]
        if item.dtype == np.float32 and np.all(np.abs(values) <= np.finfo(dtype).max):
            values = values.astype(dtype)
        target.create_dataset(name, data=values).attrs.update(item.attrs)


def sha256(path: Path) -> str:
    """SHA-256 of a file, as hexadecimal."""
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
