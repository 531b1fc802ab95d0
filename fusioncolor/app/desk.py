"""A visitor's desk: the photographs that were dropped, a preview of each, and the files to download."""

import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from fusioncolor import color, files, images
from fusioncolor.app.film import Film
from fusioncolor.app.strokes import Stroke, to_hints
from fusioncolor.app.studio import Look, Seen, Studio
from fusioncolor.compose import gray_picture
from fusioncolor.errors import InputError
from fusioncolor.models.saving import title_of
from fusioncolor.prediction import plan

PREVIEW = 1200  # longer side in pixels
_THUMBNAIL = 160
_REMEMBERED = 24  # photographs whose network outputs, of some 5 MB each, are kept


@dataclass
class Print:
    """A photograph on the desk.

    Attributes:
        path: its file, in the desk's folder.
        name: the name under which it was dropped.
        size: (height, width).
        small: `(h, w, 3)` `uint8`, as it was dropped, at most `PREVIEW` on the longer side.
        key: identifies the photograph among those of all visitors.
        strokes: color hints.
        seen: what the networks said.
    """

    path: Path
    name: str
    size: tuple[int, int]
    small: np.ndarray
    key: str = field(default_factory=lambda: secrets.token_hex(8))
    strokes: list[Stroke] = field(default_factory=list)
    seen: Seen = field(default_factory=Seen)


class Desk:
    """The photographs and the video of one visitor; nothing of them stays after `clear`.

    Attributes:
        prints: the photographs, in the order in which they were dropped.
        film: the video.
    """

    def __init__(self, folder: Path, studio: Studio, *, most: int, max_pixels: int) -> None:
        """Creates an empty desk.

        Args:
            folder: for its files; created when the first one comes, removed by `clear`.
            studio: the networks.
            most: largest number of photographs.
            max_pixels: larger photographs are refused, which protects against decompression bombs.
        """
        self._folder, self._studio = folder, studio
        self._most, self._max_pixels = most, max_pixels
        self._count = 0
        self.prints: list[Print] = []
        self._recent: list[Print] = []
        self.film = Film(folder / "film", studio, max_pixels=max_pixels)

    def add(self, dropped: Path, name: str) -> Print:
        """Puts a photograph on the desk, and its file into the desk's folder.

        Args:
            dropped: the file, which is moved.
            name: the name that its owner gave it.

        Raises:
            InputError: it is no photograph, or too large, or the desk is full.
        """
        if len(self.prints) >= self._most:
            raise InputError(f"{name}: there are {self._most} photographs already; remove some first")
        if Path(name).suffix.lower() not in images.readable_suffixes():
            raise InputError(f"{name}: not one of the formats that are read ({', '.join(images.readable_suffixes())})")
        self._count += 1
        path = self._folder / f"in-{self._count}" / Path(name).name
        files.make_folder(path.parent)
        files.move(dropped, path)
        try:
            photograph = images.decode(path.read_bytes(), name=name, max_pixels=self._max_pixels)
        except InputError:
            files.remove_folder(path.parent)
            raise
        small = images.shrink(images.to_bytes(photograph.rgb), PREVIEW)
        one = Print(path, Path(name).name, photograph.rgb.shape[:2], small)
        self.prints.append(one)
        return one

    def discard(self, index: int) -> None:
        """Takes a photograph off the desk, and deletes its file."""
        one = self.prints.pop(index)
        self._recent = [other for other in self._recent if other is not one]
        files.remove_folder(one.path.parent)

    def clear(self) -> None:
        """Takes everything off the desk, and deletes all files."""
        self.film.clear()
        self.prints.clear()
        self._recent.clear()
        files.remove_folder(self._folder)

    def before(self, index: int) -> np.ndarray:
        """Returns the preview of a photograph as it was: an old print in its own tone, one in color without it."""
        small = self.prints[index].small
        if images.is_gray(small) or images.is_toned(small):
            return small
        return gray_picture(color.rgb_to_lightness(small))

    def thumbnail(self, index: int) -> np.ndarray:
        """Returns a small picture of a photograph as it was."""
        return images.shrink(self.before(index), _THUMBNAIL)

    def preview(self, index: int, look: Look) -> np.ndarray:
        """Returns the preview of a photograph in color, `(h, w, 3)` `uint8`.

        Raises:
            InputError: an option does not apply to the weights.
        """
        one = self.prints[index]
        if look.weights not in one.seen.outputs:
            self._see(one, self._read(one).rgb, look.weights)
        hints = to_hints(one.strokes, one.small.shape[:2])
        return self._studio.picture(one.small, one.seen, look, hints)

    def result(self, index: int, look: Look) -> Path:
        """Writes a photograph in color, at its own size, with its name and metadata; returns the file.

        Raises:
            InputError: an option does not apply to the weights, or the file cannot be written.
        """
        [path] = self._write([self.prints[index]], look, self._folder / "out", lambda: None)
        return path

    def archive(self, look: Look, advance: Callable[[], None]) -> Path:
        """Writes all photographs in color into a ZIP archive; returns its file.

        Args:
            look: the chosen weights and options.
            advance: called after each photograph.

        Raises:
            InputError: an option does not apply to the weights, or a file cannot be written.
        """
        folder = self._folder / "out"
        paths = self._write(self.prints, look, folder, advance)
        archive = self._folder / "colorized.zip"
        files.pack(archive, {path.relative_to(folder).as_posix(): path for path in paths})
        return archive

    def _write(self, prints: Sequence[Print], look: Look, folder: Path, advance: Callable[[], None]) -> list[Path]:
        files.remove_folder(folder)
        found = [images.Found(one.path, Path(one.name)) for one in prints]
        targets = [task.target for task in plan.assign_targets(found, folder)]
        for one, target in zip(prints, targets, strict=True):
            photograph = self._read(one)
            if look.weights not in one.seen.outputs:
                self._see(one, photograph.rgb, look.weights)
            hints = to_hints(one.strokes, one.size)
            dtype = photograph.rgb.dtype.type
            picture = self._studio.picture(photograph.rgb, one.seen, look, hints, dtype=dtype)
            metadata = photograph.metadata.noted(title_of(look.weights))
            images.write(target, picture, photograph.alpha, metadata=metadata)
            advance()
        return targets

    def _see(self, one: Print, rgb: np.ndarray, weights: str) -> None:
        self._studio.see(rgb, one.seen, weights)
        self._recent = [*(other for other in self._recent if other is not one), one]
        for old in self._recent[:-_REMEMBERED]:
            old.seen = Seen()
        self._recent = self._recent[-_REMEMBERED:]

    def _read(self, one: Print) -> images.Photograph:
        return images.read(one.path, max_pixels=self._max_pixels)
