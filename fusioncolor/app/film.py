"""A visitor's video: the clip that was dropped, one frame of it in color, and the finished result."""

import secrets
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from itertools import islice
from pathlib import Path

import numpy as np

from fusioncolor import files, images
from fusioncolor.app.studio import Look, Seen, Studio
from fusioncolor.config import VideoConfig
from fusioncolor.errors import FusionColorError, InputError
from fusioncolor.runtime.reporting import Bar, Reporter
from fusioncolor.video import encoding, ffmpeg, preview
from fusioncolor.video.coding import rgb_of
from fusioncolor.video.colorizing import colorize_video
from fusioncolor.video.frames import Clip, Frame
from fusioncolor.video.reading import reading

STILL = 1200  # longer side in pixels
_FURTHEST = 250  # frames that are decoded to reach the one that is shown
_PHOTOGRAPHS = {*images.readable_suffixes()} - {".gif"}


class Film:
    """The video of one visitor; nothing of it stays after `clear`.

    Attributes:
        name: the name under which the clip was dropped; "" while there is none.
        facts: size, length and the like, in words.
        key: identifies the clip among those of all visitors.
        frames: frames that `colorize` has before it, or had; 0 if that is not known.
        result: the colored video; None until it is finished.
        beside: a short clip of gray and colored side by side, which browsers can play; None until it is finished.
        notes: what is worth knowing about the result, in sentences.
    """

    def __init__(self, folder: Path, studio: Studio, *, max_pixels: int) -> None:
        """Creates an empty place for a video.

        Args:
            folder: for its files; created when a clip comes, removed by `clear`.
            studio: the networks.
            max_pixels: larger frames are refused.
        """
        self._folder, self._studio, self._max_pixels = folder, studio, max_pixels
        self._busy, self._stopping = threading.Lock(), threading.Event()
        self._forget()

    def _forget(self) -> None:
        self.name, self.facts, self.key, self.frames = "", "", "", 0
        self.result: Path | None = None
        self.beside: Path | None = None
        self.notes: list[str] = []
        self._source: Path | None = None
        self._gray: np.ndarray | None = None
        self._seen = Seen()

    def put(self, dropped: Path, name: str, *, deinterlace: bool = False) -> None:
        """Takes a clip in place of the one before, and reads a frame of it.

        Args:
            dropped: the file, which is moved.
            name: the name that its owner gave it.
            deinterlace: make whole frames of interlaced ones.

        Raises:
            InputError: it is no video that can be colorized.
        """
        self.clear()
        name = Path(name).name
        if Path(name).suffix.lower() in _PHOTOGRAPHS:
            raise InputError(f"{name}: a photograph; drop it on the tab Photographs")
        source = self._folder / "in" / name
        files.make_folder(source.parent)
        files.move(dropped, source)
        try:
            with self._in_own_words(source), ffmpeg.opened(source) as container:
                sound = bool(container.streams.audio)
            with self._in_own_words(source):
                clip, self._gray = _still(source, self._max_pixels, deinterlace)
        except InputError:
            self.clear()
            raise
        self.name, self._source, self.key = name, source, secrets.token_hex(8)
        self.facts = _facts(clip, sound)

    def still(self, look: Look) -> tuple[np.ndarray, np.ndarray]:
        """Returns a frame, `(h, w, 3)` `uint8`, in gray and in color.

        Raises:
            InputError: there is no clip, or an option does not apply to the weights.
        """
        self._require()
        if look.weights not in self._seen.outputs:
            self._studio.see(self._gray, self._seen, look.weights)
        return self._gray, self._studio.picture(self._gray, self._seen, look, [])

    def colorize(
        self, look: Look, *, keyframes: int = 1, deinterlace: bool = False, advance: Callable[[int], None]
    ) -> bool:
        """Colorizes the clip; after `stop`, the same call goes on where it stopped.

        Args:
            look: the chosen weights and options.
            keyframes: the network sees every so many frames.
            deinterlace: make whole frames of interlaced ones.
            advance: called with the number of newly finished frames.

        Returns:
            Whether the result is complete; False after `stop`.

        Raises:
            InputError: there is no clip, or it or an option cannot be used.
            ResourceError: the disk is full, or memory ran out.
        """
        with self._busy:
            self._require()
            self._stopping.clear()
            reporter = _Watching(self, advance, self._stopping)
            output = self._folder / "out" / _result_name(self.name)
            with self._in_own_words(self._source, output):
                config = VideoConfig(
                    source=self._source, output=output, weights=look.weights, vividness=look.vividness,
                    decode=look.decode, refine=list(look.refine), keyframes=keyframes, deinterlace=deinterlace,
                    precision=self._studio.precision, max_megapixels=self._max_pixels / 1e6,
                    overwrite=True, preview=True,
                )  # fmt: skip
                try:
                    colorize_video(config, reporter=reporter)
                except _Stopped:
                    return False
            self.result, self.beside = output, preview.path_of(output)
            self.notes = [self._named(note, self._source, output) for note in reporter.warnings]
            return True

    def stop(self) -> None:
        """Lets `colorize` stop after the frame in progress."""
        self._stopping.set()

    def clear(self) -> None:
        """Stops what is being done, forgets the clip, and deletes all files."""
        self.stop()
        with self._busy:
            self._forget()
            files.remove_folder(self._folder)

    def _require(self) -> None:
        if not self.name:
            raise InputError("there is no video: drop one first")

    @contextmanager
    def _in_own_words(self, *paths: Path) -> Iterator[None]:
        """Lets messages call files by the names that their owner knows."""
        try:
            yield
        except FusionColorError as error:
            raise type(error)(self._named(str(error), *paths)) from error

    def _named(self, message: str, *paths: Path) -> str:
        for path in paths:
            message = message.replace(str(path), path.name)
        return message


class _Stopped(Exception):  # noqa: N818 - no error
    """Ends a run between two frames."""


class _Watching(Reporter, Bar):
    """Counts frames, keeps warnings, and stops when that is asked for."""

    def __init__(self, film: Film, advance: Callable[[int], None], stopping: threading.Event) -> None:
        self._film, self._advance, self._stopping = film, advance, stopping
        self.warnings: list[str] = []

    def warning(self, message: str) -> None:
        self.warnings.append(message)

    @contextmanager
    def bar(self, label: str, total: int, *, unit: str = "img") -> Iterator[Bar]:
        self._film.frames = total
        yield self

    def advance(self, count: int = 1) -> None:
        if self._stopping.is_set():
            raise _Stopped
        self._advance(count)


def _still(source: Path, max_pixels: int, deinterlace: bool) -> tuple[Clip, np.ndarray]:
    """Returns the facts of a clip, and a frame of its first third in gray, `(h, w, 3)` `uint8`."""
    with reading(source, deinterlace=deinterlace, max_pixels=max_pixels) as reader, closing(reader.frames()) as frames:
        shown: Frame | None = None
        for frame in islice(frames, min(reader.clip.count // 3, _FURTHEST) + 1):
            shown = frame
        coding = reader.clip.coding
        neutral = np.full((2, *shown.luma.shape), int(coding.neutral_and_span[0]), coding.dtype)
        return reader.clip, images.shrink(rgb_of(shown.luma, neutral, coding), STILL)


def _facts(clip: Clip, sound: bool) -> str:
    height, width = clip.size
    rate = float(clip.rate)
    words = [f"{width}x{height}", f"{rate:.4g} frames per second", "with sound" if sound else "silent"]
    if clip.count:
        seconds = round(clip.count / rate)
        words.insert(0, f"{seconds // 60}:{seconds % 60:02}")
    return ", ".join(words)


def _result_name(name: str) -> str:
    """Returns the name of the result: that of the clip where its kind of file is written, else .mp4."""
    path = Path(name)
    return path.name if path.suffix.lower() in encoding.SUFFIXES else f"{path.stem}.mp4"
