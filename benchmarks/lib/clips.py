"""Clips rendered from photographs: pans, zooms, rotations of known motion, with grain, lamp flicker, cut and fade."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import chain
from pathlib import Path

import cv2
import numpy as np

from fusioncolor import color, images
from fusioncolor.video import pictures
from fusioncolor.video.chroma import chroma_planes
from fusioncolor.video.coding import Coding, luma_codes, rgb_of
from fusioncolor.video.frames import Frame

SIZE = (270, 480)
RATE = 25
_BLUR = 6.0  # standard deviation in pixels, about as much as the colors of a network have
_GRAIN, _LAMP = 3.0, 0.06  # standard deviation of grain in 8-bit codes, and largest change of brightness


@dataclass(frozen=True)
class Rendered:
    """A frame of a rendered clip.

    Attributes:
        rgb: `(H, W, 3)` `uint8`, true colors.
        place: `(2, 3)` map from the frame's pixels to those of the photograph.
        shot: number of the shot.
        fading: whether two shots are mixed in it.
    """

    rgb: np.ndarray
    place: np.ndarray
    shot: int
    fading: bool


def render(photographs: Sequence[Path], *, count: int, fade: int = 10, seed: int = 0) -> list[Rendered]:
    """Renders a clip of a shot per photograph; the last two are joined by a fade, the others by cuts.

    Args:
        photographs: color photographs.
        count: frames per shot.
        fade: frames of the fade.
        seed: of grain, lamp and movement.
    """
    rng = np.random.default_rng(seed)
    shots = [list(_shot(_read(path), kind % 3, count, rng)) for kind, path in enumerate(photographs)]
    frames = [(rgb, place, number, False) for number, shot in enumerate(shots) for rgb, place in shot]
    if len(shots) > 1 and fade:
        before, other = shots[-2], shots[-1]
        mixed = []
        for step in range(fade):
            share = (step + 1) / (fade + 1)
            rgb = before[count - fade + step][0] * (1 - share) + other[step][0] * share
            mixed.append((rgb, other[step][1], len(shots) - 1, True))
        start = (len(shots) - 1) * count
        frames = [*frames[: start - fade], *mixed, *frames[start + fade :]]
    lamp = 1 + _LAMP * np.sin(np.arange(len(frames)) * 2.2) * rng.uniform(0.3, 1, len(frames))
    finished = []
    for (rgb, place, number, fading), brightness in zip(frames, lamp, strict=True):
        grain = cv2.GaussianBlur(rng.normal(0, 2.2 * _GRAIN, SIZE).astype(np.float32), (0, 0), 0.8)[..., None]
        noisy = np.clip(np.rint(rgb * brightness + grain), 0, 255).astype(np.uint8)
        finished.append(Rendered(noisy, place, number, fading))
    return finished


def _read(path: Path) -> np.ndarray:
    """Reads a photograph at a size that a frame fits in 1.4 times."""
    rgb = images.to_bytes(images.read(path).rgb)
    scale = 1.4 * max(SIZE[0] / rgb.shape[0], SIZE[1] / rgb.shape[1])
    return images.resize(rgb, (round(rgb.shape[0] * scale), round(rgb.shape[1] * scale)))


def _shot(photograph: np.ndarray, kind: int, count: int, rng: np.random.Generator) -> Iterator[tuple]:
    """Moves over a photograph: a pan, a zoom or a rotation."""
    height, width = SIZE
    room_y, room_x = photograph.shape[0] - height, photograph.shape[1] - width
    start, end = (rng.uniform(0.1, 0.3), rng.uniform(0.1, 0.3)), (rng.uniform(0.7, 0.9), rng.uniform(0.7, 0.9))
    for index in range(count):
        share = index / max(count - 1, 1)
        along = [a + (b - a) * share if kind == 0 else 0.5 for a, b in zip(start, end, strict=True)]
        scale = 1.25 - 0.5 * share if kind == 1 else 1.0
        angle = np.deg2rad(-8 + 16 * share) if kind == 2 else 0.0
        matrix = scale * np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
        center = np.array([along[1] * room_x + width / 2, along[0] * room_y + height / 2])
        place = np.column_stack([matrix, center - matrix @ [width / 2, height / 2]])
        flags = cv2.INTER_AREA if scale > 1 else cv2.INTER_CUBIC
        yield _fetched(photograph, place, flags).astype(np.float32), place


def _fetched(picture: np.ndarray, place: np.ndarray, flags: int = cv2.INTER_LINEAR) -> np.ndarray:
    flags = cv2.INTER_LINEAR if flags == cv2.INTER_AREA else flags
    return cv2.warpAffine(picture, place, SIZE[::-1], flags=flags | cv2.WARP_INVERSE_MAP, borderMode=cv2.BORDER_REFLECT)


def steady_chroma(photographs: Sequence[Path], frames: Sequence[Rendered]) -> Iterator[np.ndarray]:
    """Yields ab `(H, W, 2)` for every frame that stays with the things exactly: the true one, blurred, moved."""
    blurred = [cv2.GaussianBlur(color.rgb_to_lab(_read(path))[..., 1:], (0, 0), _BLUR) for path in photographs]
    for frame in frames:
        yield _fetched(blurred[frame.shot], frame.place)


def as_written(rgb: np.ndarray, ab: np.ndarray) -> np.ndarray:
    """Returns a picture in other colors, as a file of 8 bits with chroma at half the size holds it."""
    coding = Coding()
    luma = luma_codes(rgb, coding)
    chroma = chroma_planes(ab, luma, coding, (2, 2))
    return rgb_of(luma, np.stack([pictures.resized(plane, luma.shape) for plane in chroma]), coding)


def moved(picture: np.ndarray, before: Rendered, now: Rendered) -> tuple[np.ndarray, np.ndarray]:
    """Moves a picture of the frame before onto a frame by the exact motion.

    Returns:
        The picture, and the mask `(H, W)` of pixels that both frames show.
    """
    inverse = cv2.invertAffineTransform(before.place)
    place = np.column_stack([inverse[:, :2] @ now.place[:, :2], inverse[:, :2] @ now.place[:, 2] + inverse[:, 2]])
    mask = cv2.warpAffine(np.ones(SIZE, np.uint8), place, SIZE[::-1], flags=cv2.INTER_NEAREST | cv2.WARP_INVERSE_MAP)
    inner = cv2.erode(mask, np.ones((5, 5), np.uint8), borderValue=0)
    return _fetched(picture, place), inner.astype(bool)


def pairs(frames: Sequence[Rendered]) -> list[int]:
    """Indices of frames whose frame before is of the same shot, neither of them in a fade."""
    return [
        index
        for index in range(1, len(frames))
        if frames[index].shot == frames[index - 1].shot and not (frames[index].fading or frames[index - 1].fading)
    ]


def write_gray(path: Path, shown: Iterable[np.ndarray], *, codec: str = "ffv1") -> Path:
    """Writes the luma of RGB pictures as a gray video."""
    import av

    following = iter(shown)
    first = next(following)
    with av.open(str(path), "w") as container:
        stream = container.add_stream(codec, rate=RATE, options={"crf": "12", "preset": "veryfast"})
        stream.height, stream.width = first.shape[:2]
        stream.pix_fmt, stream.codec_context.colorspace, stream.codec_context.color_range = "yuv420p", 1, 1
        for index, rgb in enumerate(chain([first], following)):
            frame = av.VideoFrame(stream.width, stream.height, "yuv420p")
            luma = np.rint(16 + rgb @ np.array([0.2126, 0.7152, 0.0722]) * (219 / 255)).astype(np.uint8)
            for buffer, codes in zip(frame.planes, (luma, 128, 128), strict=True):
                np.frombuffer(buffer, np.uint8).reshape(buffer.height, -1)[:, : buffer.width] = codes
            frame.pts, frame.time_base = index, Fraction(1, RATE)
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return path


def read(path: Path, through: Callable[[Iterable[Frame]], Iterable[Frame]] = iter) -> list[np.ndarray]:
    """Reads a video as `(H, W, 3)` `uint8` frames, after they went through something."""
    with pictures.opened(path) as (clip, frames):
        return [pictures.in_color(frame, clip.coding, clip.size) for frame in through(frames)]
