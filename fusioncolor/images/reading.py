"""Image files -> arrays: anything Pillow reads, upright and in sRGB."""

import io
import math
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import BinaryIO

import numpy as np
from PIL import Image

from fusioncolor import files
from fusioncolor.errors import InputError
from fusioncolor.images import sixteen_bit
from fusioncolor.images.formats import UNREADABLE
from fusioncolor.images.icc import of_png, to_srgb
from fusioncolor.images.metadata import Metadata, Tags
from fusioncolor.images.metadata import read as read_metadata
from fusioncolor.images.pixels import WHOLE, Stored, resize, to_bytes

MAX_PIXELS = 90_000_000
_LIMIT = threading.Lock()  # one thread at a time changes Pillow's
_DRAFT = 1.25  # times the wanted side is decoded at least; 256x256 of 12 megapixels then has a PSNR of 50 dB
_SUBFILE_TYPE, _REDUCED = 254, 1  # TIFF's tag, and its bit for a thumbnail of another page


@dataclass(frozen=True)
class Photograph:
    """An upright picture with its metadata.

    Attributes:
        rgb: `(H, W, 3)` `uint8` or `uint16`, sRGB.
        alpha: `(H, W)` of the same dtype, or None.
        metadata: EXIF, XMP, IPTC, resolution, and whether the file had a color profile.
        pages: number of pictures in the file, of which this is the first; thumbnails do not count.
    """

    rgb: np.ndarray
    alpha: np.ndarray | None = None
    metadata: Metadata = Metadata()  # noqa: RUF009 - frozen
    pages: int = 1


def decode(content: bytes, *, name: str, max_pixels: int = MAX_PIXELS) -> Photograph:
    """Decodes a photograph at full size, turned upright by its EXIF orientation and converted to sRGB.

    Gray files give three equal channels; 16-bit files give `uint16` with every level kept.

    Args:
        content: bytes of an image file of any format that Pillow or tifffile reads.
        name: of the file, for messages.
        max_pixels: larger pictures are rejected, which protects against decompression bombs.

    Raises:
        InputError: the file is damaged, too large, or no image.
    """
    return _decode(io.BytesIO(content), name, max_pixels)


def read(path: str | os.PathLike, *, max_pixels: int = MAX_PIXELS) -> Photograph:
    """Reads a photograph at full size; see `decode`.

    Raises:
        InputError: the file is missing, damaged, too large, or no image.
    """
    with files.opened(path) as file:
        return _decode(file, os.fspath(path), max_pixels)


def read_resized(
    path: str | os.PathLike,
    size: tuple[int, int],
    *,
    box: tuple[float, float, float, float] = WHOLE,
    max_pixels: int = MAX_PIXELS,
) -> np.ndarray:
    """Reads a photograph for a network, without keeping its aspect ratio.

    A JPEG much larger than `size` is decoded at a fraction of its size, which takes a fraction of the time.

    Args:
        path: the file.
        size: (height, width) of the result.
        box: part to read: left, top, right, bottom as fractions of the upright photograph's width and height.
        max_pixels: larger pictures are rejected, which protects against decompression bombs.

    Returns:
        `(*size, 3)` `uint8`.

    Raises:
        InputError: the file is missing, damaged, too large, or no image.
    """
    name = os.fspath(path)
    with files.opened(path) as file, _errors_named(name):
        image = _open(file, name, max_pixels)
        if image is not None:
            longest = int(_DRAFT * max(size) / min(box[2] - box[0], box[3] - box[1]))
            image.draft("RGB" if image.mode == "RGB" else None, (longest, longest))
        return resize(to_bytes(_photograph(file, image, name).rgb), size, box=box)


def read_size(path: str | os.PathLike) -> tuple[int, int] | None:
    """Reads the size of an image file, without decoding it.

    Returns:
        (height, width) of the upright picture; None if that cannot be told.
    """
    try:
        with files.opened(path) as file, _errors_named(os.fspath(path)):
            image = _identify(file)
            height, width = _size(image, file)
            sideways = image is not None and image.format != "TIFF" and read_metadata(image).orientation > 4
            return (width, height) if sideways else (height, width)
    except InputError:
        return None


def count_pixels(path: str | os.PathLike) -> int:
    """Counts the pixels of an image file without decoding it; 0 if that cannot be told."""
    return math.prod(read_size(path) or (0,))


def _decode(file: BinaryIO, name: str, max_pixels: int) -> Photograph:
    with _errors_named(name):
        image = _open(file, name, max_pixels)
        return replace(_photograph(file, image, name), pages=_count_pages(image))


@contextmanager
def _errors_named(name: str) -> Iterator[None]:
    """Turns whatever goes wrong with a file into one sentence that names it."""
    try:
        yield
    except Image.UnidentifiedImageError as error:
        kind = UNREADABLE.get(Path(name).suffix.lower())
        unread = f"{kind} files are not read; save it as JPEG, PNG, or TIFF first"
        raise InputError(f"{name}: {unread if kind else 'not an image, or a damaged one'}") from error
    except InputError:
        raise
    except ModuleNotFoundError as error:
        raise InputError(f"{name}: needs {error.name}, which is not installed: pip install {error.name}") from error
    except MemoryError as error:
        raise InputError(f"{name}: not enough memory for it; close other programs, or make it smaller") from error
    except Exception as error:  # the decoders raise nearly every kind on damaged files
        reason = str(error).split("\n")[0] or type(error).__name__
        raise InputError(f"{name}: cannot be read as an image ({reason})") from error


def _open(file: BinaryIO, name: str, max_pixels: int) -> Image.Image | None:
    """Opens an image without decoding it; None for a TIFF that only tifffile knows.

    Raises:
        InputError: it has more than `max_pixels` pixels.
        UnidentifiedImageError: it is no image.
    """
    image = _identify(file)
    height, width = _size(image, file)
    if height * width > max_pixels:
        raise InputError(
            f"{name}: {width}x{height} pixels exceed the limit of {max_pixels / 1e6:g} million, which protects against "
            f"decompression bombs; `max_megapixels` {height * width // 1_000_000 + 1} raises it"
        )
    return image


def _identify(file: BinaryIO) -> Image.Image | None:
    try:
        with _without_limit():
            return Image.open(file)
    except Image.UnidentifiedImageError:
        if sixteen_bit.tiff_size(file) is None:
            raise
        return None


@contextmanager
def _without_limit() -> Iterator[None]:
    """Lifts Pillow's limit of pixels, which holds for the whole process, for a moment; `_open` has a limit per call."""
    with _LIMIT:
        limit, Image.MAX_IMAGE_PIXELS = Image.MAX_IMAGE_PIXELS, None
        try:
            yield
        finally:
            Image.MAX_IMAGE_PIXELS = limit


def _size(image: Image.Image | None, file: BinaryIO) -> tuple[int, int]:
    """Returns (height, width)."""
    return sixteen_bit.tiff_size(file) if image is None else image.size[::-1]


def _photograph(file: BinaryIO, image: Image.Image | None, name: str) -> Photograph:
    metadata, orientation = Tags(Metadata(), 1) if image is None else read_metadata(image)
    stored = sixteen_bit.decode(file, name=name)
    if stored is None and image is None:
        raise InputError(f"{name}: a TIFF of an unsupported kind; save it with 8 or 16 bits, gray or RGB")
    if stored is None:
        stored = Stored(pixels_of(image, name), cmyk=image.mode == "CMYK")
        if image.format == "TIFF":  # Pillow has turned it upright, as it does in no other format
            orientation = 1
    profile = stored.profile or (b"" if image is None else image.info.get("icc_profile") or b"")
    if not profile and image is not None and image.format == "PNG":
        profile = of_png(file, name)
    orientation = stored.orientation or orientation
    pixels, alpha = stored.pixels, None
    if pixels.shape[-1] in (2, 4) and not stored.cmyk:
        pixels, alpha = pixels[..., :-1], pixels[..., -1]
    rgb = to_srgb(pixels, profile) if profile else None
    if rgb is None:
        rgb = _rgb_of_cmyk(pixels) if stored.cmyk else _three_channels(pixels)
    metadata = replace(metadata, profiled=bool(profile))
    return Photograph(_upright(rgb, orientation), None if alpha is None else _upright(alpha, orientation), metadata)


def pixels_of(image: Image.Image, name: str) -> np.ndarray:
    """Decodes a Pillow image to `(H, W, C)` `uint8`, or `uint16` for deep gray ones; C = 1 to 4.

    Raises:
        InputError: its values are not those of a picture.
    """
    image.load()
    if image.mode in ("I", "F") or image.mode.startswith("I;16"):  # 16 bits in neither PNG nor TIFF
        low, high = image.getextrema()
        largest = 1 if image.mode == "F" else 65535
        if not 0 <= low <= high <= largest:
            raise InputError(f"{name}: values from {low:g} to {high:g}, not from 0 to {largest}; {sixteen_bit.ADVICE}")
        gray = np.asarray(image).astype(np.float64) * (65535 if image.mode == "F" else 1)
        return sixteen_bit.checked(gray + 0.5, name)[..., None]
    if "transparency" in image.info and image.mode != "P" and "A" not in image.getbands():
        image = image.convert("LA" if image.mode in ("L", "1") else "RGBA")
    if image.mode in ("P", "PA"):
        image = image.convert("RGBA" if "transparency" in image.info or image.mode == "PA" else "RGB")
    elif image.mode == "1":
        image = image.convert("L")
    elif image.mode not in ("L", "LA", "RGB", "RGBA", "CMYK"):
        image = image.convert("RGB")
    pixels = np.asarray(image)
    return pixels[..., None] if pixels.ndim == 2 else pixels


def _count_pages(image: Image.Image | None) -> int:
    """Counts the pages or frames of a file; those that cannot be reached do not count."""
    pages = 1
    if image is None:
        return pages
    with suppress(Exception):  # a damaged page raises nearly every kind
        if image.format in ("GIF", "WEBP", "PNG", "MPO"):
            return image.n_frames
        for index in range(1, image.n_frames if image.format == "TIFF" else 1):
            image.seek(index)
            pages += not image.tag_v2.get(_SUBFILE_TYPE, 0) & _REDUCED
    return pages


def _three_channels(pixels: np.ndarray) -> np.ndarray:
    return np.concatenate([pixels] * 3, axis=-1) if pixels.shape[-1] == 1 else pixels


def _rgb_of_cmyk(pixels: np.ndarray) -> np.ndarray:
    """Converts CMYK `(H, W, 4)` to RGB `(H, W, 3)` without a profile: (1 - ink) (1 - black)."""
    most = np.uint32(np.iinfo(pixels.dtype).max)
    light = most - pixels.astype(np.uint32)
    return ((light[..., :3] * light[..., 3:] + most // 2) // most).astype(pixels.dtype)


def _upright(picture: np.ndarray, orientation: int) -> np.ndarray:
    """Turns `(H, W, ...)` upright by its EXIF orientation, 1 to 8."""
    if orientation in (5, 6, 7, 8):
        picture = np.swapaxes(picture, 0, 1)
    if orientation in (2, 3, 6, 7):
        picture = picture[:, ::-1]
    if orientation in (3, 4, 7, 8):
        picture = picture[::-1]
    return np.ascontiguousarray(picture)
