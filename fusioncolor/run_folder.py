"""The folder of a training run: its files and their names, its options, its photographs, its lock."""

import csv
import dataclasses
import json
import types
import typing
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from fusioncolor import files
from fusioncolor.config import TrainConfig
from fusioncolor.data import survey
from fusioncolor.data.fingerprints import Fingerprint
from fusioncolor.data.splits import PARTS, Split
from fusioncolor.errors import InputError
from fusioncolor.runtime.reporting import SILENT, Reporter
from fusioncolor.runtime.workers import default_workers

BEST = "best"
LAST = "last"
_DAMAGED = ".damaged"
_LEFT_OUT = "left out"
_NAMED = 3  # photographs in a message, at most


@dataclass(frozen=True)
class RunFolder:
    """A run folder; nothing else in the package spells the names in it.

    Attributes:
        path: the folder.
    """

    path: Path

    @classmethod
    def of(cls, config: TrainConfig) -> "RunFolder":
        """Returns the folder that the options name, or one named after date and model."""
        return cls(config.run or Path("runs") / f"{datetime.now():%Y-%m-%dT%H-%M-%S}-{config.model}")

    @property
    def best(self) -> Path:
        """Saved colorizer of the best epoch."""
        return self.path / BEST

    @property
    def last(self) -> Path:
        """Saved colorizer of the last epoch."""
        return self.path / LAST

    @property
    def log(self) -> Path:
        """Table with one row per epoch."""
        return self.path / "log.csv"

    @property
    def config(self) -> Path:
        """Options of the run; a run that has this file can be resumed."""
        return self.path / "config.json"

    @property
    def photographs(self) -> Path:
        """Photographs of the run, with their fingerprints."""
        return self.path / "photographs.json"

    @property
    def state(self) -> Path:
        """Folder of the states to resume from."""
        return self.path / "state"

    @property
    def lock(self) -> Path:
        """File that a process holds locked while it trains."""
        return self.path / ".lock"

    @property
    def curves(self) -> Path:
        """Picture of the learning curves."""
        return self.path / "curves.png"

    @property
    def tensorboard(self) -> Path:
        """Folder of TensorBoard's files."""
        return self.path / "tensorboard"

    @property
    def shared(self) -> Path:
        """Folder around the run, whose embeddings serve all runs in it."""
        return self.path.absolute().parent

    def preview(self, epoch: int) -> Path:
        """Returns the picture of validation photographs after an epoch, counted from 1."""
        return self.path / "previews" / f"epoch-{epoch:03}.png"

    def pixels(self, part: str) -> Path:
        """Returns the file of stored pixels of a part, "train" or "validation"."""
        return self.path / f"pixels-{part}.npz"

    def part_list(self, part: str) -> Path:
        """Returns the list of the photographs in a part: "train", "validation" or "test"."""
        return self.path / f"{part}.txt"

    def states(self) -> list[Path]:
        """Lists the saved states, newest first."""
        return sorted(self.state.glob("[0-9]*-[0-9]*-*.npz"), key=lambda path: path.name, reverse=True)

    def set_aside(self, state: Path) -> None:
        """Renames a damaged state, so that `states` no longer lists it."""
        files.move(state, state.with_suffix(_DAMAGED))

    def has_lost_its_state(self) -> bool:
        """Returns whether a run without a usable state had one: it was removed or damaged, or is an epoch behind."""
        if any(self.state.glob(f"*{_DAMAGED}")):
            return True
        if not self.log.exists():
            return False
        return not self.state.is_dir() or len(self.log.read_text(encoding="utf-8").splitlines()) > 2

    def refuse_occupied(self) -> None:
        """Refuses a folder with anything in it but the remains of a run that was killed while it began.

        Raises:
            InputError: the folder is in use.
        """
        path = self.path
        if self.config.is_file():
            raise InputError(
                f"{path} exists already: choose another folder with `run`, or continue with `resume` {path}"
            )
        remains = {self.lock, self.state, self.photographs, *(self.part_list(part) for part in PARTS)}
        if path.exists() and (not path.is_dir() or any(inside not in remains for inside in path.iterdir())):
            raise InputError(f"{path} exists already: choose another folder with `run`, or remove it")

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Makes the folder and holds its lock, so that two processes never train into one folder.

        Removes files that a killed process left unfinished.

        Raises:
            InputError: another process holds the lock, or the folder cannot be written to.
        """
        sentence = f"another process is already training in {self.path}: wait for it, or stop it first"
        try:
            files.make_folder(self.path)
            with files.locked(self.lock, sentence):
                files.remove_temporary(self.path)
                files.remove_unfinished(self.path)
                yield
        except OSError as error:
            if error.filename is None or Path(error.filename).parent not in (self.path, *self.path.parents):
                raise
            raise InputError(f"cannot write {self.path}: {error.strerror}") from error

    def begin(self, config: TrainConfig, split: Split, *, reporter: Reporter = SILENT) -> None:
        """Writes everything needed to resume: the photographs with their fingerprints, and the options.

        Raises:
            InputError: the folder is in use, or cannot be written to.
        """
        self.refuse_occupied()
        try:
            self._write_photographs(split, config.workers or default_workers(), reporter)
            files.make_folder(self.state)
            with files.replacing(self.config) as temporary:  # the last one: a run that has it can be resumed
                files.write_text(temporary, json.dumps(as_json(config), indent=2) + "\n")
        except OSError as error:
            raise InputError(f"cannot write {self.path}: {error.strerror}") from error

    def _write_photographs(self, split: Split, workers: int, reporter: Reporter) -> None:
        used = [(path, part) for part in PARTS for path in split.part(part)]
        with ThreadPoolExecutor(workers) as pool:
            taken = pool.map(Fingerprint.of, [path for path, _ in used])
            prints = list(reporter.track(taken, "fingerprinting photographs", len(used)))
        entries = {
            str(path): [part, *dataclasses.astuple(fingerprint)]
            for (path, part), fingerprint in zip(used, prints, strict=True)
        }
        entries |= {str(path): [_LEFT_OUT] for path in split.left_out}
        for part in PARTS:
            if split.part(part):
                files.write_text(self.part_list(part), "".join(f"{path}\n" for path in split.part(part)))
        files.write_text(self.photographs, json.dumps(entries, indent=0) + "\n")

    def read_part(self, part: str) -> list[Path]:
        """Reads the list of photographs of a part, one of `PARTS`; empty if there is none."""
        try:
            text = self.part_list(part).read_text(encoding="utf-8", errors="surrogateescape")
        except OSError:
            return []
        return [Path(line) for line in text.split("\n") if line]

    def read_config(self) -> TrainConfig:
        """Reads the options of a run.

        Raises:
            InputError: the folder holds no run, or one of another version.
        """
        if not self.path.exists():
            raise InputError(f"{self.path}: no such folder")
        if not self.config.is_file():
            raise InputError(f"{self.path}: not a run that can be resumed, it has no {self.config.name}")
        hints = typing.get_type_hints(TrainConfig)
        try:
            values = json.loads(self.config.read_text(encoding="utf-8"))
            return TrainConfig(**{name: _from_json(hints[name], value) for name, value in values.items()})
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
            raise InputError(f"{self.config}: damaged, or of another version of fusioncolor ({error})") from error

    def read_photographs(self, config: TrainConfig, *, reporter: Reporter = SILENT) -> Split:
        """Reads the photographs of a run, checks that they are unchanged, and reports new ones in its folder.

        Raises:
            InputError: photographs are gone or have changed, so that the training would not be the same.
        """
        known = self._read_entries()
        used = {path: entry for path, entry in known.items() if entry[0] in PARTS}
        self._refuse("are gone", [path for path in used if not files.is_there(path)])
        self._refuse("have changed", [path for path, entry in used.items() if not Fingerprint(*entry[1:]).fits(path)])
        new = self._count_new(config, known)
        if new:
            reporter.info(f"{config.folder}: {new} photographs are new since the run began, and not part of it")
        parts = {part: [path for path, entry in used.items() if entry[0] == part] for part in PARTS}
        left_out = [path for path in known if path not in used]
        return Split(parts["train"], parts["validation"], parts["test"], left_out)

    def _read_entries(self) -> dict[Path, list]:
        """Reads [part, size, modified, digest], or ["left out"], of each photograph."""
        try:
            entries = json.loads(self.photographs.read_text(encoding="utf-8"))
            known = {Path(name): entry for name, entry in entries.items()}
            if not all(entry[0] == _LEFT_OUT or (entry[0] in PARTS and len(entry) == 4) for entry in known.values()):
                raise ValueError("unknown entries")
            return known
        except (OSError, ValueError, TypeError, AttributeError, IndexError) as error:
            raise InputError(f"{self.photographs}: damaged ({error}); begin a new run") from error

    def _refuse(self, problem: str, paths: Sequence[Path]) -> None:
        if paths:
            named = ", ".join([*map(str, paths[:_NAMED]), *(["..."] if len(paths) > _NAMED else [])])
            raise InputError(
                f"{len(paths)} photographs of {self.path} {problem} ({named}): restore them, or begin a new run from "
                f"this one's weights: `init` {self.last}"
            )

    def _count_new(self, config: TrainConfig, known: dict[Path, list]) -> int:
        if config.limit or config.folder is None or not config.folder.is_dir():  # with a limit, most files are unused
            return 0
        return len([path for path in survey.find(config.folder, exclude=self.path) if path not in known])

    def read_log(self) -> dict[str, list[float]]:
        """Reads the columns of the log, by name.

        Raises:
            InputError: there is no log, or it is damaged or empty.
        """
        try:
            with open(self.log, encoding="utf-8", newline="") as file:
                rows = list(csv.DictReader(file))
            columns = {name: [float(row[name]) for row in rows] for name in (rows[0] if rows else ())}
        except (OSError, ValueError, TypeError) as error:
            raise InputError(f"{self.path} is not a run folder, or its {self.log.name} is damaged") from error
        if not {"epoch", "loss", "val_loss"} <= set(columns):
            raise InputError(f"{self.log} has no finished epoch")
        return columns


def as_json(config: TrainConfig, *, names_only: bool = False) -> dict:
    """Returns the options as JSON takes them.

    Args:
        config: the options.
        names_only: keep only the last component of paths, for files that are passed on to others.
    """
    values = dataclasses.asdict(config)
    for name, value in values.items():
        if isinstance(value, Path):
            values[name] = value.name if names_only else str(value)
    if names_only:
        values["inception_weights"] = Path(config.inception_weights).name
    return values


def _from_json(hint, value):
    kinds = typing.get_args(hint) if isinstance(hint, types.UnionType) else (hint,)
    return Path(value) if Path in kinds and value is not None else value
