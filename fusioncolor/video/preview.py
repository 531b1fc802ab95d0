"""A short clip that shows a video before and after, side by side: gray, colored and, where there is color, actual."""

from collections.abc import Iterator
from contextlib import contextmanager
from itertools import islice
from pathlib import Path

import cv2
import numpy as np

from fusioncolor import files, images
from fusioncolor.video.coding import Coding, rgb_of
from fusioncolor.video.folders import FolderReader
from fusioncolor.video.frames import Clip, Frame
from fusioncolor.video.reading import reading
from fusioncolor.video.writing import write_rgb

SECONDS = 10
_LONGEST = 480  # side of each of the two or three pictures
_GAP = 4  # pixels between them


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
    with _frames(source, rate, deinterlace) as (clip, before), _frames(output, rate, False) as (after_clip, after):
        count = round(SECONDS * clip.rate)
        start = max(clip.count - count, 0) // 3
        size = _panel(clip.size)
        pairs = islice(zip(before, after, strict=False), start, start + count)
        first = next(pairs, None)
        if first is None:
            pairs, first = iter(()), next(zip(before, after, strict=False), None)
        target = path_of(output)
        with_actual = first is not None and not images.is_gray(_shown(first[0], clip.coding, size))

        def pictures() -> Iterator[np.ndarray]:
            for one, other in (first, *pairs) if first else ():
                panels = [_gray(one, clip.coding, size), _shown(other, after_clip.coding, size)]
                panels += [_shown(one, clip.coding, size)] if with_actual else []
                yield _beside(panels)

        with files.replacing(target) as temporary:
            write_rgb(temporary, pictures(), clip.rate)
    return target


@contextmanager
def _frames(path: Path, rate: float, deinterlace: bool) -> Iterator[tuple[Clip, Iterator[Frame]]]:
    if path.is_dir():
        reader = FolderReader(path, rate=rate, max_pixels=images.MAX_PIXELS)
        yield reader.clip, reader.frames()
        return
    with reading(path, deinterlace=deinterlace) as reader:
        yield reader.clip, reader.frames(with_chroma=True)


def _panel(size: tuple[int, int]) -> tuple[int, int]:
    """Returns the (height, width) of one picture, both even."""
    scale = min(_LONGEST / max(size), 1)
    height, width = (max(round(side * scale / 2) * 2, 2) for side in size)
    return height, width


def _gray(frame: Frame, coding: Coding, size: tuple[int, int]) -> np.ndarray:
    neutral = int(coding.neutral_and_span[0])
    luma = _resized(frame.luma, size)
    return rgb_of(luma, np.full((2, *size), neutral, coding.dtype), coding)


def _shown(frame: Frame, coding: Coding, size: tuple[int, int]) -> np.ndarray:
    """Returns a frame in its own colors, `(h, w, 3)` `uint8`."""
    if frame.photograph is not None:
        return _resized(images.to_bytes(frame.photograph.rgb), size)
    if frame.chroma is None:
        return _gray(frame, coding, size)
    chroma = np.stack([_resized(plane, size) for plane in frame.chroma])
    return rgb_of(_resized(frame.luma, size), chroma, coding)


def _resized(picture: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    shrinks = picture.shape[0] >= size[0] and picture.shape[1] >= size[1]
    return cv2.resize(picture, size[::-1], interpolation=cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR)


def _beside(panels: list[np.ndarray]) -> np.ndarray:
    gap = np.full((panels[0].shape[0], _GAP, 3), 255, np.uint8)
    parts = [part for panel in panels for part in (panel, gap)][:-1]
    return np.concatenate(parts, axis=1)
