"""Selection of the photographs that a benchmark works on."""

from pathlib import Path

import numpy as np

from fusioncolor import images
from fusioncolor.data import survey


def listed(path: Path) -> list[Path]:
    """The color photographs of a folder, or those of a list as a training writes it, such as `RUN/validation.txt`."""
    return survey.find(path) if path.is_dir() else [found.path for found in images.find([path])]


def linked(path: Path, folder: Path, count: int, seed: int, *, after: int = 0) -> Path:
    """Makes a folder of links to at most `count` photographs, drawn at random `after` as many others."""
    paths = listed(path)
    folder.mkdir()
    for index in np.random.default_rng(seed).permutation(len(paths))[after : after + count]:
        (folder / f"{index:05}{paths[index].suffix}").symlink_to(paths[index].resolve())
    return folder
