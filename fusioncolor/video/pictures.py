"""Frames as RGB pictures: in the colors of their file, or gray."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import cv2
import numpy as np

from fusioncolor import images
from fusioncolor.video.coding import Coding, rgb_of
from fusioncolor.video.folders import FolderReader
from fusioncolor.video.frames import Clip, Frame
from fusioncolor.video.reading import reading


@contextmanager
def opened(
    path: Path, *, rate: float = 25, deinterlace: bool = False, max_pixels: int = images.MAX_PIXELS
) -> Iterator[tuple[Clip, Iterator[Frame]]]:
    """Opens a video or a folder of frames; yields its facts, and its frames with their chroma.

    Args:
        path: the file or folder.
        rate: frames per second of a folder.
        deinterlace: make whole frames of interlaced ones.
        max_pixels: size above which frames are refused.

    Raises:
        InputError: it cannot be read.
    """
    if path.is_dir():
        reader = FolderReader(path, rate=rate, max_pixels=max_pixels)
        yield reader.clip, reader.frames()
        return
    with reading(path, deinterlace=deinterlace, max_pixels=max_pixels) as reader:
        yield reader.clip, reader.frames(with_chroma=True)


def in_color(frame: Frame, coding: Coding, size: tuple[int, int]) -> np.ndarray:
    """Returns a frame in its own colors, at a size (height, width), as `(h, w, 3)` `uint8`."""
    if frame.photograph is not None:
        return resized(images.to_bytes(frame.photograph.rgb), size)
    if frame.chroma is None:
        return in_gray(frame, coding, size)
    chroma = np.stack([resized(plane, size) for plane in frame.chroma])
    return rgb_of(resized(frame.luma, size), chroma, coding)


def in_gray(frame: Frame, coding: Coding, size: tuple[int, int]) -> np.ndarray:
    """Returns the luma of a frame, at a size (height, width), as `(h, w, 3)` `uint8`."""
    neutral = np.full((2, *size), int(coding.neutral_and_span[0]), coding.dtype)
    return rgb_of(resized(frame.luma, size), neutral, coding)


def resized(picture: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """Returns a picture or plane at a size (height, width)."""
    shrinks = picture.shape[0] >= size[0] and picture.shape[1] >= size[1]
    return cv2.resize(picture, size[::-1], interpolation=cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR)
