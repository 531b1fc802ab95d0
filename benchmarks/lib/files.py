"""Files that stand in for photographs where only their number matters."""

import io
from pathlib import Path

from PIL import Image

SUBFOLDER = 1000  # files in each


def make_empty_files(folder: Path, count: int) -> None:
    """Makes empty files with the names of photographs, in subfolders."""
    _make_files(folder, count, b"")


def make_tiny_photographs(folder: Path, count: int) -> None:
    """Makes gray photographs of 8x8 pixels, in subfolders."""
    content = io.BytesIO()
    Image.new("L", (8, 8), 128).save(content, "jpeg")
    _make_files(folder, count, content.getvalue())


def _make_files(folder: Path, count: int, content: bytes) -> None:
    for index in range(count):
        inside = folder / f"{index // SUBFOLDER:06}"
        inside.mkdir(parents=True, exist_ok=True)
        (inside / f"photograph-{index:09}.jpg").write_bytes(content)
