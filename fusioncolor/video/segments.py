"""The working folder of a video: closed segments and a record of them, from which an interrupted run goes on.

Beside `OUT.mp4` lies `.OUT.mp4.fusioncolor/` until it is finished. A line of JSON is added to its record for each
segment that is closed; what was not closed is made again.
"""

import json
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from fusioncolor import files
from fusioncolor.errors import InputError
from fusioncolor.video.steadying import Memory
from fusioncolor.video.writing import SEGMENT_SUFFIX, Segment

_RECORD, _LOCK, _MEMORY = "segments.jsonl", "lock", "memory.npz"


@dataclass
class Work:
    """The working folder of a video.

    Attributes:
        folder: the folder.
        segments: closed segments, in order.
        resumed: frames in segments of earlier runs.
    """

    folder: Path
    segments: list[Segment]
    resumed: int
    _journal: files.Journal

    @property
    def count(self) -> int:
        """Frames in closed segments."""
        return sum(len(segment.pts) for segment in self.segments)

    def next_path(self) -> Path:
        """Returns the path of the next segment's file."""
        return self.folder / f"{len(self.segments):06}{SEGMENT_SUFFIX}"

    def close(self, pts: list[int], memory: Memory | None, *, with_file: bool = True) -> None:
        """Records a segment whose file is complete.

        Args:
            pts: time stamps of its frames.
            memory: what the next segment goes on from; None after a cut.
            with_file: whether it has a file of its own; frames written to a folder have none.
        """
        path = self.next_path()
        name = f"{len(self.segments):06}-{_MEMORY}"
        if memory is not None:
            with files.replacing(self.folder / name) as temporary:
                np.savez(temporary, packed=memory.packed(), count=memory.count)
        size = path.stat().st_size if with_file else 0
        entry = {"bytes": size, "memory": name if memory is not None else None, "pts": pts}
        self._journal.append(json.dumps(entry))
        self.segments.append(Segment(path, pts))
        for old in self.folder.glob(f"*-{_MEMORY}"):
            if old.name != name:
                files.remove(old)

    def memory(self) -> Memory | None:
        """Returns what the next segment goes on from; None at the beginning and after a cut."""
        path = self.folder / f"{len(self.segments) - 1:06}-{_MEMORY}"
        if not path.exists():
            return None
        with np.load(path, allow_pickle=False) as arrays:
            return Memory.unpacked(arrays["packed"], int(arrays["count"]))


def folder_of(output: Path) -> Path:
    """Returns the working folder of a result."""
    return output.absolute().with_name(f".{output.name}.fusioncolor")


@contextmanager
def working(output: Path, settings: str) -> Iterator[Work]:
    """Opens the working folder of a result; one of other settings is begun anew.

    Args:
        output: the result.
        settings: hash of everything that determines it.

    Raises:
        InputError: the folder cannot be written to, or another command writes to it.
    """
    folder = folder_of(output)
    with ExitStack() as held:
        try:
            files.make_folder(folder)
            sentence = f"another command is making {output}: wait for it, or give another `output`"
            held.enter_context(files.locked(folder / _LOCK, sentence))
            segments = _recorded(folder, settings)
            if not segments:
                for path in folder.iterdir():
                    if path.name != _LOCK:
                        files.remove(path)
            journal = held.enter_context(files.journal(folder / _RECORD))
            if not segments:
                journal.append(json.dumps({"settings": settings}))
        except OSError as error:
            raise InputError(f"cannot write to {folder}: {error.strerror}; give another `output`") from error
        files.remove_temporary(folder)
        yield Work(folder, segments, sum(len(segment.pts) for segment in segments), journal)


def is_unfinished(output: Path) -> bool:
    """Tells whether there is a working folder of a result."""
    return (folder_of(output) / _RECORD).exists()


def _recorded(folder: Path, settings: str) -> list[Segment]:
    """Reads the segments of earlier runs, up to the first that is damaged; none if they are of other settings."""
    with suppress(OSError, ValueError, KeyError, TypeError):
        first, *lines = (folder / _RECORD).read_text(encoding="utf-8").split("\n")
        if json.loads(first)["settings"] != settings:
            return []
        segments = []
        with suppress(ValueError):  # a line that was cut short
            for number, line in enumerate(lines):
                entry = json.loads(line)
                path = folder / f"{number:06}{SEGMENT_SUFFIX}"
                if entry["bytes"] and (not path.exists() or path.stat().st_size != entry["bytes"]):
                    return []
                segments.append(Segment(path, entry["pts"]))
            return segments
        return segments
    return []
