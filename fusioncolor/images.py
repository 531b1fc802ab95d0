"""Image files <-> arrays: reading anything Pillow reads, upright; finding photographs in folders; atomic writing."""

import os
import secrets
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image, ImageOps

from fusioncolor.errors import InputError

SUFFIXES = (".jpg", ".jpeg", ".png", ".tif", ".tiff", ".webp", ".bmp", ".gif")
_PHOTOMETRIC = 262  # TIFF tag
_GRAY_SPREAD = 4  # of 255; JPEG compression of a gray picture stays below it
_GRAY_SHARE = 0.99


@dataclass(frozen=True)
class Photograph:
    """An upright picture: `rgb` (H, W, 3) `uint8` or `uint16` sRGB, `alpha` (H, W) `uint8` or None."""

    rgb: np.ndarray
    alpha: np.ndarray | None = None


def read(path: str | os.PathLike) -> Photograph:
    """Reads a photograph at full size, turned upright as its EXIF orientation says.

    Gray files give three equal channels; 16-bit gray files give `uint16` with every level kept.

    Raises:
        InputError: the file is missing, damaged, or no image.
    """
    with _opened(path) as image:
        return _photograph(_upright(image))


def read_resized(path: str | os.PathLike, size: tuple[int, int]) -> np.ndarray:
    """Reads a photograph for a network: `(*size, 3)` `uint8`, size = (height, width), aspect ratio not kept.

    A JPEG much larger than `size` is decoded at a fraction of its size, which costs a fraction of the time.

    Raises:
        InputError: the file is missing, damaged, or no image.
    """
    with _opened(path) as image:
        image.draft("RGB", (2 * size[1], 2 * size[0]))
        rgb = _photograph(_upright(image)).rgb
        return resize(to_bytes(rgb), size)


def to_bytes(rgb: np.ndarray) -> np.ndarray:
    """A `uint16` picture with 8 bits; a `uint8` one as it is."""
    return (rgb // 257).astype(np.uint8) if rgb.dtype == np.uint16 else rgb


def resize(image: np.ndarray, size: tuple[int, int], *, bilinear: bool = False) -> np.ndarray:
    """Resizes by cubic interpolation, antialiased when shrinking.

    Args:
        image: `(H, W, 3)` `uint8`, or `(H, W, C)` float32 of any C and range.
        size: (height, width) wanted.
        bilinear: interpolate linearly instead, which never leaves the range of the values.

    Returns:
        `(*size, C)` of the same dtype. Cubic float values may overshoot their range a little at edges.
    """
    width_height = (size[1], size[0])
    method = Image.Resampling.BILINEAR if bilinear else Image.Resampling.BICUBIC
    if image.dtype == np.uint8:
        return np.asarray(Image.fromarray(image).resize(width_height, method))
    planes = [np.ascontiguousarray(plane, np.float32) for plane in np.moveaxis(image, -1, 0)]
    return np.stack([np.asarray(Image.fromarray(plane).resize(width_height, method)) for plane in planes], axis=-1)


def is_gray(rgb: np.ndarray) -> bool:
    """Whether a picture has no color: channels within 4/255 of each other on 99 % of the pixels.

    Args:
        rgb: `(H, W, 3)` `uint8` or `uint16`.
    """
    unit = np.iinfo(rgb.dtype).max / 255
    red, green, blue = np.moveaxis(rgb.astype(np.int32), -1, 0)
    spread = np.maximum(np.maximum(red, green), blue) - np.minimum(np.minimum(red, green), blue)
    return bool(np.mean(spread <= _GRAY_SPREAD * unit) >= _GRAY_SHARE)


def find(folder: Path, *, exclude: Path | None = None) -> list[Path]:
    """Lists the image files under `folder`, recursively, sorted; hidden files and everything in `exclude` left out."""
    found = []
    for parent, folders, files in os.walk(folder):
        here = Path(parent)
        folders[:] = sorted(
            name for name in folders if not name.startswith(".") and not (exclude and _same(here / name, exclude))
        )
        found += [here / name for name in files if Path(name).suffix.lower() in SUFFIXES and not name.startswith(".")]
    return sorted(found)


def write(path: str | os.PathLike, rgb: np.ndarray, alpha: np.ndarray | None = None) -> None:
    """Writes an image atomically, in the format its suffix names; JPEG at quality 95 without chroma subsampling.

    Args:
        path: the file to write; its folder is created. A GIF would lose colors: use another suffix.
        rgb: `(H, W, 3)` `uint8`.
        alpha: `(H, W)` `uint8`, dropped where the format has no transparency.

    Raises:
        InputError: the folder cannot be written to, or the suffix is none of `SUFFIXES`.
    """
    path = Path(path)
    if path.suffix.lower() not in SUFFIXES:
        raise InputError(f"cannot write {path}: its suffix must be one of {', '.join(SUFFIXES)}")
    transparent = alpha is not None and path.suffix.lower() in (".png", ".tif", ".tiff", ".webp")
    image = Image.fromarray(np.dstack([rgb, alpha]) if transparent else rgb)
    options = {"quality": 95, "subsampling": 0} if path.suffix.lower() in (".jpg", ".jpeg") else {}
    if path.suffix.lower() == ".webp":
        options = {"lossless": True}
    with replacing(path) as temporary:
        image.save(temporary, format=Image.registered_extensions()[path.suffix.lower()], **options)


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Gives a temporary file beside `path` that takes its place, synced to disk, when the block ends well.

    Raises:
        InputError: the folder cannot be written to or the disk is full.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary = path.with_name(f".{path.stem[:40]}-{secrets.token_hex(4)}{path.suffix}")
        temporary.touch(exist_ok=False)
    except OSError as error:
        raise InputError(f"cannot write {path}: {error.strerror}") from error
    try:
        yield temporary
        with open(temporary, "rb+") as file:
            os.fsync(file.fileno())
        temporary.replace(path)
    except OSError as error:
        raise InputError(f"cannot write {path}: {error.strerror or error}") from error
    finally:
        temporary.unlink(missing_ok=True)


@contextmanager
def _opened(path: str | os.PathLike) -> Iterator[Image.Image]:
    """Opens an image file; whatever goes wrong while it is open becomes one sentence."""
    try:
        if not stat.S_ISREG(Path(path).stat().st_mode):  # opening a pipe would wait for ever
            raise InputError(f"{path}: not a file")
        with Image.open(path) as image:
            yield image
    except Image.DecompressionBombError as error:
        raise InputError(f"{path}: too large to be a photograph ({error})") from error
    except FileNotFoundError as error:
        raise InputError(f"{path}: no such file") from error
    except Image.UnidentifiedImageError as error:
        raise InputError(f"{path}: not an image, or a damaged one") from error
    except InputError:
        raise
    except Exception as error:  # Pillow's readers raise nearly every kind on damaged files
        raise InputError(f"{path}: cannot be read as an image ({error or type(error).__name__})") from error


def _upright(image: Image.Image) -> Image.Image:
    """Turns a picture, in place, as its EXIF orientation says; damaged EXIF says nothing."""
    image.load()
    with suppress(Exception):  # struct.error, SyntaxError and others, from EXIF of arbitrary bytes
        ImageOps.exif_transpose(image, in_place=True)
    return image


def _photograph(image: Image.Image) -> Photograph:
    if image.mode.startswith("I;16") or image.mode == "I":
        gray = np.asarray(image)
        if gray.min() < 0 or gray.max() > 65535:
            raise InputError(f"{image.filename}: more than 16 bits per pixel, which is not read; save it with 8 or 16")
        if getattr(image, "tag_v2", {}).get(_PHOTOMETRIC) == 0:  # white is 0; Pillow turns 8 bits round, but not 16
            gray = 65535 - gray
        return Photograph(np.stack([gray.astype(np.uint16)] * 3, axis=-1))
    if image.mode == "F":
        gray = np.asarray(image)
        if not (gray.min() >= 0 and gray.max() <= 1):
            raise InputError(f"{image.filename}: floating-point values outside 0..1; save it with 8 or 16 bits")
        return Photograph(np.stack([(gray * 65535 + 0.5).astype(np.uint16)] * 3, axis=-1))
    if "A" in image.getbands() or "transparency" in image.info:
        rgba = np.asarray(image.convert("RGBA"))
        return Photograph(rgba[..., :3], rgba[..., 3])
    return Photograph(np.asarray(image.convert("RGB")))


def _same(a: Path, b: Path) -> bool:
    return os.path.realpath(a) == os.path.realpath(b)  # Path.resolve raises on links in a loop
