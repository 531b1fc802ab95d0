"""Folders of frames, in place of video files: pictures in the order of the numbers in their names."""

import re
from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np

from fusioncolor import color, images
from fusioncolor.errors import InputError
from fusioncolor.images.metadata import Metadata
from fusioncolor.models.predictor import Chroma
from fusioncolor.models.session import Session
from fusioncolor.video.coding import Coding, luma_codes, unit_luma
from fusioncolor.video.frames import Clip, Frame

_DIGITS = re.compile(r"(\d+)")


class FolderReader:
    """A folder of frames.

    Attributes:
        clip: its facts.
        damaged: always 0; a picture that cannot be read ends the run.
    """

    def __init__(self, folder: Path, *, rate: float, max_pixels: int, exclude: Path | None = None) -> None:
        """Lists the frames and reads the first.

        Args:
            folder: the folder; subfolders are searched too.
            rate: frames per second.
            max_pixels: size above which pictures are refused.
            exclude: a folder to leave out, such as that of the results.

        Raises:
            InputError: there is no picture in it, or the first cannot be read.
        """
        self.damaged = 0
        self._paths = sorted(images.find_in(folder, exclude=exclude), key=lambda path: natural(path.as_posix()))
        self._max_pixels = max_pixels
        if not self._paths:
            raise InputError(f"no image in folder {folder} (looked for {', '.join(images.readable_suffixes())})")
        first = images.read(self._paths[0], max_pixels=max_pixels).rgb
        bits = 10 if first.dtype.newbyteorder("=") == np.uint16 else 8
        pace = Fraction(rate).limit_denominator(1001)
        self.clip = Clip(
            folder, first.shape[:2], Coding(matrix=1, bits=bits), (2, 2), 1 / pace, pace, count=len(self._paths)
        )

    def use_bits(self, bits: int) -> None:
        """Takes luma of other bits from the pictures."""
        self.clip = replace(self.clip, coding=replace(self.clip.coding, bits=bits))

    def frames(self) -> Iterator[Frame]:
        """Yields the frames.

        Raises:
            InputError: a picture cannot be read, or has another size than the first.
        """
        for index, path in enumerate(self._paths):
            photograph = images.read(path, max_pixels=self._max_pixels)
            rgb = photograph.rgb
            if rgb.shape[:2] != self.clip.size:
                height, width = self.clip.size
                raise InputError(
                    f"{path}: {rgb.shape[1]}x{rgb.shape[0]}, but {self._paths[0].name} is {width}x{height}"
                )
            yield Frame(index, index, luma_codes(rgb, self.clip.coding), photograph=photograph, path=path)


class FolderWriter:
    """Writes each frame as a picture."""

    def __init__(self, folder: Path, clip: Clip, session: Session) -> None:
        """Sets the folder, which is made with the first picture."""
        self._folder, self._clip, self._session = folder, clip, session

    def write(self, frame: Frame) -> None:
        """Writes a frame, under the name of its picture, or under its number, from 1, as PNG.

        Raises:
            InputError: the file cannot be written.
            ResourceError: the disk is full.
        """
        target, photograph = self._folder / f"{frame.index + 1:06}.png", frame.photograph
        if photograph is not None:
            target = self._folder / frame.path.relative_to(self._clip.path)
            if images.format_of(target.suffix) is None:
                target = target.with_suffix(".png")
        rgb = gray(frame.luma, self._clip.coding) if photograph is None else photograph.rgb
        depth = np.uint16 if rgb.dtype.newbyteorder("=") == np.uint16 else np.uint8
        picture = self._session.finish(color.rgb_to_lightness(rgb), Chroma(frame.ab), dtype=depth)
        alpha, metadata = (None, Metadata()) if photograph is None else (photograph.alpha, photograph.metadata)
        images.write(target, picture, alpha, metadata=metadata.noted())


def gray(luma: np.ndarray, coding: Coding) -> np.ndarray:
    """Returns luma codes as a gray picture `(H, W, 3)`, `uint8`, or `uint16` for more than 8 bits."""
    highest = 255 if coding.bits == 8 else 65535
    levels = np.rint(unit_luma(luma, coding) * np.float32(highest)).astype(np.uint8 if highest == 255 else np.uint16)
    return np.repeat(levels[..., None], 3, axis=2)


def natural(name: str) -> list:
    """Returns the sorting key by which frame 2 comes before frame 10."""
    return [int(part) if part.isdigit() else part for part in _DIGITS.split(name)]
