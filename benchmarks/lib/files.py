"""Files that stand in for photographs where only their number matters."""

from pathlib import Path

SUBFOLDER = 1000  # files in each


def make_empty_files(folder: Path, count: int) -> None:
    """Makes empty files with the names of photographs, in subfolders."""
    for index in range(count):
        inside = folder / f"{index // SUBFOLDER:06}"
        inside.mkdir(parents=True, exist_ok=True)
        (inside / f"photograph-{index:09}.jpg").touch()
