"""Image files -> arrays: anything Pillow reads, upright and in sRGB."""

import os
import stat
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from PIL import Image

from fusioncolor.errors import InputError
from fusioncolor.images import sixteen_bit
from fusioncolor.images.icc import to_srgb
from fusioncolor.images.metadata import Metadata
from fusioncolor.images.metadata import read as read_metadata
from fusioncolor.images.pixels import WHOLE, resize, to_bytes

MAX_PIXELS = 90_000_000
_DRAFT = 1.25  # of the wanted side, at least, is decoded: 12 megapixels to 256x256 so is 50 dB from the whole way
_SUBFILE_TYPE, _REDUCED = 254, 1  # TIFF's tag, and its bit for a thumbnail of another page


@dataclass(frozen=True)
class Photograph:
    """An upright picture.

    Attributes:
        rgb: `(H, W, 3)` `uint8` or `uint16`, sRGB.
        alpha: `(H, W)` of the same dtype, or None.
        metadata: what else the file says.
        pages: pictures in the file, of which this is the first; thumbnails do not count.
    """

    rgb: np.ndarray
    alpha: np.ndarray | None = None
    metadata: Metadata = Metadata()  # noqa: RUF009 - frozen
    pages: int = 1


def read(path: str | os.PathLike, *, max_pixels: int = MAX_PIXELS) -> Photograph:
    """Reads a photograph at full size, turned upright as its EXIF orientation says, in sRGB whatever its profile.

    Gray files give three equal channels; 16-bit files give `uint16` with every level kept.

    Args:
        path: the file.
        max_pixels: a guard against small files that unfold to huge pictures.

    Raises:
        InputError: the file is missing, damaged, too large, or no image.
    """
    with _opened(path, max_pixels) as image:
        return replace(_photograph(Path(path), image), pages=_count_pages(image))


def read_resized(
    path: str | os.PathLike,
    size: tuple[int, int],
    *,
    box: tuple[float, float, float, float] = WHOLE,
    max_pixels: int = MAX_PIXELS,
) -> np.ndarray:
    """Reads a photograph for a network, its aspect ratio not kept.

    A JPEG much larger than `size` is decoded at a fraction of its size, which costs a fraction of the time.

    Args:
        path: the file.
        size: (height, width) wanted.
        box: the part that is wanted: left, top, right, bottom as shares of the upright photograph's width and height.
        max_pixels: a guard against small files that unfold to huge pictures.

    Returns:
        `(*size, 3)` `uint8`.

    Raises:
        InputError: the file is missing, damaged, too large, or no image.
    """
    with _opened(path, max_pixels) as image:
        if image is not None:
            longest = int(_DRAFT * max(size) / min(box[2] - box[0], box[3] - box[1]))
            image.draft("RGB" if image.mode == "RGB" else None, (longest, longest))
        return resize(to_bytes(_photograph(Path(path), image).rgb), size, box=box)


def count_pixels(path: str | os.PathLike) -> int:
    """How many pixels an image file says it has, without decoding it; 0 if it cannot be told."""
    try:
        with _opened(path, sys.maxsize) as image:
            height, width = sixteen_bit.size_of(Path(path)) if image is None else image.size
            return height * width
    except InputError:
        return 0


@contextmanager
def _opened(path: str | os.PathLike, max_pixels: int) -> Iterator[Image.Image | None]:
    """Opens an image file; whatever goes wrong while it is open becomes one sentence.

    None stands for a TIFF of a kind that Pillow does not know, but its own codec does.
    """
    Image.MAX_IMAGE_PIXELS = None  # Pillow's own guard cannot be lifted for one call; ours follows
    try:
        mode = Path(path).stat().st_mode
        if stat.S_ISDIR(mode) and not os.access(path, os.R_OK | os.X_OK):
            raise InputError(f"{path}: no permission to look into this folder")
        if not stat.S_ISREG(mode):  # opening a pipe would wait for ever
            raise InputError(f"{path}: not a file")
        try:
            image = Image.open(path)
        except Image.UnidentifiedImageError:
            size = sixteen_bit.size_of(Path(path))
            if size is None:
                raise
            _check_size(path, size, max_pixels)
            yield None
            return
        with image:
            _check_size(path, image.size[::-1], max_pixels)
            yield image
    except FileNotFoundError as error:
        raise InputError(f"{path}: no such file") from error
    except PermissionError as error:
        raise InputError(f"{path}: no permission to read it") from error
    except Image.UnidentifiedImageError as error:
        raise InputError(f"{path}: not an image, or a damaged one") from error
    except InputError:
        raise
    except MemoryError as error:
        raise InputError(f"{path}: not enough memory for it; close other programs, or make it smaller") from error
    except Exception as error:  # the readers raise nearly every kind on damaged files
        reason = str(error).split("\n")[0] or type(error).__name__
        raise InputError(f"{path}: cannot be read as an image ({reason})") from error


def _check_size(path: str | os.PathLike, size: tuple[int, int], max_pixels: int) -> None:
    height, width = size
    if height * width > max_pixels:
        raise InputError(
            f"{path}: {width}x{height} pixels are more than {max_pixels / 1e6:g} million, the guard against files that "
            f"unfold to huge pictures; predict --max-megapixels {height * width // 1_000_000 + 1} lifts it"
        )


def _photograph(path: Path, image: Image.Image | None) -> Photograph:
    metadata, orientation = (Metadata(), 1) if image is None else read_metadata(image)
    pixels = sixteen_bit.read(path)
    profile, cmyk = b"" if image is None else image.info.get("icc_profile") or b"", False
    if pixels is not None:
        pixels, turned, embedded, cmyk = pixels
        orientation, profile = turned or orientation, embedded or profile
    elif image is None:
        raise InputError(f"{path}: a TIFF of a kind that is not read; save it with 8 or 16 bits, gray or RGB")
    else:
        pixels, cmyk = _pixels(image), image.mode == "CMYK"
    alpha = None
    if pixels.shape[-1] in (2, 4) and not cmyk:
        pixels, alpha = pixels[..., :-1], pixels[..., -1]
    rgb = to_srgb(pixels, profile) if profile else None
    if rgb is None:
        rgb = _rgb_of_cmyk(pixels) if cmyk else np.broadcast_to(pixels, (*pixels.shape[:2], 3))
    metadata = replace(metadata, profiled=bool(profile))
    return Photograph(_upright(rgb, orientation), None if alpha is None else _upright(alpha, orientation), metadata)


def _pixels(image: Image.Image) -> np.ndarray:
    """The pixels of an opened file as `(H, W, C)` `uint8`, C = 1 to 4."""
    image.load()
    if image.mode in ("I", "F") or image.mode.startswith("I;16"):  # 16 bits in neither PNG nor TIFF
        low, high = image.getextrema()
        if not 0 <= low <= high <= (1 if image.mode == "F" else 65535):
            raise InputError(f"{image.filename}: values outside those of a picture; save it with 8 or 16 bits")
        gray = np.asarray(image).astype(np.float64) * (65535 if image.mode == "F" else 1)
        return (gray + 0.5).astype(np.uint16)[..., None]
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
    """Pictures in a file that holds scans or frames; those that cannot be reached do not count."""
    pages = 1
    if image is None:
        return pages
    with suppress(Exception):  # of any kind, on a damaged page
        if image.format in ("GIF", "WEBP", "PNG"):
            return image.n_frames
        for index in range(1, image.n_frames if image.format == "TIFF" else 1):
            image.seek(index)
            pages += not image.tag_v2.get(_SUBFILE_TYPE, 0) & _REDUCED
    return pages


def _rgb_of_cmyk(pixels: np.ndarray) -> np.ndarray:
    """CMYK `(H, W, 4)` -> RGB `(H, W, 3)` where no profile says better: (1 - ink) (1 - black)."""
    most = np.uint32(np.iinfo(pixels.dtype).max)
    light = most - pixels.astype(np.uint32)
    return ((light[..., :3] * light[..., 3:] + most // 2) // most).astype(pixels.dtype)


def _upright(picture: np.ndarray, orientation: int) -> np.ndarray:
    """Turns `(H, W, ...)` as an EXIF orientation of 1 to 8 says."""
    if orientation in (5, 6, 7, 8):
        picture = np.swapaxes(picture, 0, 1)
    if orientation in (2, 3, 6, 7):
        picture = picture[:, ::-1]
    if orientation in (3, 4, 7, 8):
        picture = picture[::-1]
    return np.ascontiguousarray(picture)
