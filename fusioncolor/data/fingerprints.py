"""Recognizes files that were replaced or edited."""

from dataclasses import dataclass
from pathlib import Path

from fusioncolor import files


@dataclass(frozen=True)
class Fingerprint:
    """State of a file.

    Attributes:
        size: in bytes.
        modified: time of the last modification, in nanoseconds since the epoch.
        digest: of the content, as hexadecimal.
    """

    size: int
    modified: int
    digest: str

    @classmethod
    def of(cls, path: Path) -> "Fingerprint":
        """Reads a file and takes its fingerprint."""
        return cls(*files.facts(path), files.blake2b(path))

    def fits(self, path: Path) -> bool:
        """Returns whether a file still has the same content; its time may differ, as after a copy."""
        size, modified = files.facts(path)
        if size != self.size:
            return False
        return modified == self.modified or files.blake2b(path) == self.digest
