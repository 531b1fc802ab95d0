"""The folder of a training run: its options, its photographs, its lock."""

import csv
import dataclasses
import hashlib
import json
import types
import typing
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from fusioncolor import files
from fusioncolor.config import TrainConfig
from fusioncolor.data import survey
from fusioncolor.errors import InputError
from fusioncolor.runtime.progress import bar
from fusioncolor.runtime.workers import default_workers

CONFIG_FILE = "config.json"
PHOTOGRAPHS_FILE = "photographs.json"
PARTS = ("train", "validation", "test")
STATE = "state"  # the folder of what is needed to go on
_LOCK = ".lock"
_BEGUN = (
    _LOCK,
    STATE,
    PHOTOGRAPHS_FILE,
    *(f"{name}.txt" for name in PARTS),
)  # what a run has that was killed at its begin
_NAMED = 3  # photographs, at most


def folder_of(config: TrainConfig) -> Path:
    """The run folder that was asked for, or one named after date and model."""
    return config.run or Path("runs") / f"{datetime.now():%Y-%m-%dT%H-%M-%S}-{config.model}"


def refuse_occupied(run: Path) -> None:
    """Refuses a run folder with something in it.

    Raises:
        InputError: there is.
    """
    if (run / CONFIG_FILE).is_file():
        raise InputError(f"{run} exists already: name another folder with --run, or go on with it: --resume {run}")
    if run.exists() and (not run.is_dir() or any(path.name not in _BEGUN for path in run.iterdir())):
        raise InputError(f"{run} exists already: name another folder with --run, or remove it")


@contextmanager
def locked(run: Path) -> Iterator[None]:
    """Makes the run folder and holds its lock: two processes never train into one folder.

    What a killed process had not finished writing is removed.

    Raises:
        InputError: another process does, or the folder cannot be written to.
    """
    try:
        run.mkdir(parents=True, exist_ok=True)
        with files.locked(run / _LOCK, f"another process trains into {run}: wait for it, or stop it first"):
            _remove_unfinished(run)
            yield
    except OSError as error:
        if error.filename is None or Path(error.filename).parent not in (run, *run.parents):
            raise
        raise InputError(f"cannot write {run}: {error.strerror}") from error


def _remove_unfinished(run: Path) -> None:
    for path in list(run.rglob(".*")):
        if files.TEMPORARY.fullmatch(path.name):
            path.unlink(missing_ok=True)
    files.remove_unfinished(run)


def begin(config: TrainConfig, run: Path, parts: dict[str, list[Path]], left_out: Sequence[Path]) -> None:
    """Writes what a run needs to be resumed: which photographs it uses and how they were found, and its options.

    Raises:
        InputError: the folder is in use, or cannot be written to.
    """
    refuse_occupied(run)
    used = [(path, name) for name in PARTS for path in parts[name]]
    try:
        with ThreadPoolExecutor(config.workers or default_workers()) as pool:
            digests = list(bar("noting photographs", len(used))(pool.map(_digest, [path for path, _ in used])))
        entries = {str(path): [part, *_facts(path), digest] for (path, part), digest in zip(used, digests, strict=True)}
        entries |= {str(path): ["left out"] for path in left_out}
        for name, part in parts.items():
            if part:
                files.write_text(run / f"{name}.txt", "".join(f"{path}\n" for path in part))
        files.write_text(run / PHOTOGRAPHS_FILE, json.dumps(entries, indent=0) + "\n")
        (run / STATE).mkdir(exist_ok=True)
        with files.replacing(run / CONFIG_FILE) as temporary:  # the last: what has it can be resumed
            files.write_text(temporary, json.dumps(as_json(config), indent=2) + "\n")
    except OSError as error:
        raise InputError(f"cannot write {run}: {error.strerror}") from error


def has_lost_its_state(run: Path) -> bool:
    """Whether a run without a usable state had one: it was removed, damaged, or another epoch has begun since."""
    log = run / "log.csv"
    if any((run / STATE).glob("*.damaged")):
        return True
    return log.exists() and (not (run / STATE).is_dir() or len(log.read_text(encoding="utf-8").splitlines()) > 2)


def read_config(run: Path) -> TrainConfig:
    """The options of a run that was begun before.

    Raises:
        InputError: the folder holds no such run, or one of another version.
    """
    path = run / CONFIG_FILE
    if not path.is_file():
        found = "no such folder" if not run.exists() else f"no run that can go on, it has no {CONFIG_FILE}"
        raise InputError(f"{run}: {found}; start one with train.py FOLDER --run {run}")
    hints = typing.get_type_hints(TrainConfig)
    try:
        values = json.loads(path.read_text(encoding="utf-8"))
        values = {name: _value(hints[name], value) for name, value in values.items()}
        return TrainConfig(**values)
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise InputError(f"{path}: damaged, or of another version of fusioncolor ({error})") from error


def _value(hint, value):
    kinds = typing.get_args(hint) if isinstance(hint, types.UnionType) else (hint,)
    return Path(value) if Path in kinds and value is not None else value


def read_photographs(run: Path, config: TrainConfig) -> dict[str, list[Path]]:
    """The photographs of a run, by part, if they still are what they were; new ones in the folder are mentioned.

    Raises:
        InputError: photographs have gone or changed: the training would not be the same.
    """
    path = run / PHOTOGRAPHS_FILE
    try:
        entries = json.loads(path.read_text(encoding="utf-8"))
        known = {Path(name): entry for name, entry in entries.items()}
        used = {photograph: entry for photograph, entry in known.items() if entry[0] in PARTS}
    except (OSError, ValueError, TypeError, AttributeError, IndexError) as error:
        raise InputError(f"{path}: damaged ({error}); start a new run") from error
    gone = [photograph for photograph in used if not photograph.is_file()]
    changed = [photograph for photograph in used if photograph.is_file() and _changed(photograph, used[photograph])]
    for what, which in (("are gone", gone), ("have changed", changed)):
        if which:
            named = ", ".join([*map(str, which[:_NAMED]), *(["..."] if len(which) > _NAMED else [])])
            raise InputError(
                f"{len(which)} photographs of {run} {what} ({named}): bring them back, or begin a new run from what "
                f"this one has learned: --init {run / 'last'}"
            )
    new = _count_new(run, config, known)
    if new:
        print(f"{config.folder}: {new} photographs are new since the run began, and no part of it")
    return {name: [photograph for photograph in used if used[photograph][0] == name] for name in PARTS}


def _count_new(run: Path, config: TrainConfig, known: dict[Path, list]) -> int:
    if config.limit or config.folder is None or not config.folder.is_dir():  # with a limit most files are no part
        return 0
    return len([path for path in survey.find(config.folder, exclude=run) if path not in known])


def _changed(path: Path, entry: list) -> bool:
    """Whether a file is another one; one that was only copied or touched is not."""
    _, size, time, digest = entry
    facts = _facts(path)
    return facts != [size, time] and (facts[0] != size or _digest(path) != digest)


def _facts(path: Path) -> list[int]:
    facts = path.stat()
    return [facts.st_size, facts.st_mtime_ns]


def _digest(path: Path) -> str:
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "blake2b").hexdigest()[:32]


def as_json(config: TrainConfig, *, names_only: bool = False) -> dict:
    """The options as JSON takes them; `names_only` leaves the folders of paths out, for what is passed on to others."""
    values = dataclasses.asdict(config)
    for name, value in values.items():
        if isinstance(value, Path):
            values[name] = value.name if names_only else str(value)
    if names_only:
        values["inception_weights"] = Path(config.inception_weights).name
    return values


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
