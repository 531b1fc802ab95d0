"""A short clip that shows a video before and after, side by side: gray, colored and, where there is color, actual."""

from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path

import numpy as np

from fusioncolor import files, images
from fusioncolor.video import pictures
from fusioncolor.video.coding import Coding
from fusioncolor.video.frames import Clip, Frame
from fusioncolor.video.writing import write_rgb

SECONDS = 10
_LONGEST = 480  # side of each of the two or three pictures
_GAP = 4  # pixels between them
_ANY_SIZE = 1 << 40  # pixels; the video has been colorized


def path_of(output: Path) -> Path:
    """Returns the path of the preview of a result."""
    return output.with_name(f"{output.stem}.preview.mp4")


def write(source: Path, output: Path, *, rate: float, deinterlace: bool) -> Path:
    """Writes the preview of a finished result: ten seconds from the first half of the video.

    Args:
        source: the video or the folder of frames.
        output: its result.
        rate: frames per second of folders.
        deinterlace: whether the source was deinterlaced.

    Returns:
        The path of the clip.
    """
    with (
        pictures.opened(source, rate=rate, deinterlace=deinterlace, max_pixels=_ANY_SIZE) as (clip, before),
        pictures.opened(output, rate=rate, max_pixels=_ANY_SIZE) as (result, after),
    ):
        count = round(SECONDS * clip.rate)
        start = max(result.count - count, 0) // 3
        pairs = islice(zip(before, after, strict=False), start, start + count)
        with files.replacing(path_of(output)) as temporary:
            write_rgb(temporary, _panels(pairs, clip, result.coding), clip.rate)
    return path_of(output)


def _panels(pairs: Iterable[tuple[Frame, Frame]], clip: Clip, coding: Coding) -> Iterator[np.ndarray]:
    """Yields pictures of frames and their results, side by side; `actual` is among them if the first has color."""
    size, with_actual = _panel(clip.size), None
    for frame, result in pairs:
        actual = pictures.in_color(frame, clip.coding, size)
        if with_actual is None:
            with_actual = not images.is_gray(actual)
        panels = [pictures.in_gray(frame, clip.coding, size), pictures.in_color(result, coding, size)]
        yield _beside([*panels, actual] if with_actual else panels)


def _panel(size: tuple[int, int]) -> tuple[int, int]:
    """Returns the (height, width) of one picture, both even."""
    scale = min(_LONGEST / max(size), 1)
    height, width = (max(round(side * scale / 2) * 2, 2) for side in size)
    return height, width


def _beside(panels: list[np.ndarray]) -> np.ndarray:
    gap = np.full((panels[0].shape[0], _GAP, 3), 255, np.uint8)
    parts = [part for panel in panels for part in (panel, gap)][:-1]
    return np.concatenate(parts, axis=1)
