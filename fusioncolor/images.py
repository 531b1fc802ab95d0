"""Image files <-> arrays: reading anything Pillow reads, upright; finding photographs in folders; atomic writing."""

import errno
import os
import re
import secrets
import shutil
import stat
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from PIL import Image

from fusioncolor import deep, profiles
from fusioncolor.errors import FatalError, InputError
from fusioncolor.metadata import Metadata
from fusioncolor.metadata import read as read_metadata
from fusioncolor.profiles import to_srgb

SUFFIXES = (".jpg", ".jpeg", ".png", ".tif", ".tiff", ".webp", ".bmp", ".gif")
MAX_PIXELS = 90_000_000
WHOLE = (0.0, 0.0, 1.0, 1.0)
TEMPORARY = re.compile(r"\.fusioncolor-[0-9a-f]{8}\..*")  # files that are being written, or were when a kill came
_DRAFT = 1.25  # of the wanted side, at least, is decoded: 12 megapixels to 256x256 so is 50 dB from the whole way
_FULL = 1 << 20  # bytes free
_SUBFILE_TYPE, _REDUCED = 254, 1  # TIFF's tag, and its bit for a thumbnail of another page
_TRANSPARENT = (".png", ".tif", ".tiff", ".webp")
_GRAY_SPREAD = 4  # of 255; JPEG compression of a gray picture stays below it
_GRAY_SHARE = 0.99


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
            height, width = deep.size_of(Path(path)) if image is None else image.size
            return height * width
    except InputError:
        return 0


def to_bytes(picture: np.ndarray) -> np.ndarray:
    """A `uint16` picture with 8 bits, rounded; a `uint8` one as it is."""
    return ((picture.astype(np.uint32) + 128) // 257).astype(np.uint8) if picture.dtype == np.uint16 else picture


def resize(
    image: np.ndarray,
    size: tuple[int, int],
    *,
    bilinear: bool = False,
    box: tuple[float, float, float, float] = WHOLE,
) -> np.ndarray:
    """Resizes by cubic interpolation, antialiased when shrinking.

    Args:
        image: `(H, W, 3)` `uint8`, or `(H, W, C)` float32 of any C and range.
        size: (height, width) wanted.
        bilinear: interpolate linearly instead, which never leaves the range of the values.
        box: the part that is wanted: left, top, right, bottom as shares of width and height.

    Returns:
        `(*size, C)` of the same dtype. Cubic float values may overshoot their range a little at edges.
    """
    width_height = (size[1], size[0])
    method = Image.Resampling.BILINEAR if bilinear else Image.Resampling.BICUBIC
    height, width = image.shape[:2]
    box = (box[0] * width, box[1] * height, box[2] * width, box[3] * height)
    if image.dtype == np.uint8:
        return np.asarray(Image.fromarray(image).resize(width_height, method, box))
    planes = [np.ascontiguousarray(plane, np.float32) for plane in np.moveaxis(image, -1, 0)]
    return np.stack([np.asarray(Image.fromarray(plane).resize(width_height, method, box)) for plane in planes], axis=-1)


def shrink(image: np.ndarray, longest: int) -> np.ndarray:
    """Resizes `(H, W, C)` so that no side is longer than `longest` pixels; a smaller one keeps its size."""
    height, width = image.shape[:2]
    scale = min(longest / max(height, width), 1)
    return resize(image, (max(round(height * scale), 1), max(round(width * scale), 1)))


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
    """Lists the image files under `folder`, recursively, sorted; hidden files and everything in `exclude` left out.

    A folder in it that must not be looked into is listed itself, so that whoever reads the files names it.

    Raises:
        InputError: `folder` itself must not be looked into.
    """
    found = []

    def keep(error: OSError) -> None:
        if isinstance(error, FileNotFoundError):  # gone meanwhile, or nothing was written there yet
            return
        if Path(error.filename) == folder:
            raise InputError(f"{folder}: {error.strerror}") from error
        found.append(Path(error.filename))

    for parent, folders, files in os.walk(folder, onerror=keep):
        here = Path(parent)
        folders[:] = sorted(
            name for name in folders if not name.startswith(".") and not (exclude and _same(here / name, exclude))
        )
        found += [here / name for name in files if Path(name).suffix.lower() in SUFFIXES and not name.startswith(".")]
    return sorted(found)


def write(
    path: str | os.PathLike,
    rgb: np.ndarray,
    alpha: np.ndarray | None = None,
    *,
    metadata: Metadata | None = None,
    quality: int = 95,
) -> None:
    """Writes an image atomically, in the format its suffix names.

    Args:
        path: the file to write; its folder is created. A GIF would lose colors: use another suffix.
        rgb: `(H, W, 3)` `uint8`, or `uint16`, which PNG and TIFF keep and the others round.
        alpha: `(H, W)` of the same dtype, dropped where the format has no transparency.
        metadata: what else to store, as far as the format can.
        quality: of JPEG, 1 to 100, always without chroma subsampling. WebP is written lossless.

    Raises:
        InputError: the folder cannot be written to, or the suffix or size is none that can be written.
    """
    path, metadata = Path(path), metadata or Metadata()
    suffix = path.suffix.lower()
    if suffix not in SUFFIXES:
        raise InputError(f"cannot write {path}: its suffix must be one of {', '.join(SUFFIXES)}")
    if alpha is not None and suffix in _TRANSPARENT:
        rgb = np.dstack([rgb, alpha])
    with replacing(path) as temporary:
        if rgb.dtype == np.uint16 and suffix == ".png":
            deep.write_png(temporary, rgb, metadata, profiles.srgb())
        elif rgb.dtype == np.uint16 and suffix in (".tif", ".tiff"):
            deep.write_tiff(temporary, rgb, metadata, profiles.srgb())
        else:
            options = metadata.save_options(suffix, rgb.shape[:2], profiles.srgb())
            options |= {"quality": quality, "subsampling": 0} if suffix in (".jpg", ".jpeg") else {}
            options |= {"lossless": True} if suffix == ".webp" else {}
            if suffix in (".tif", ".tiff") and not (metadata.details or metadata.place):  # libtiff loses those two
                options |= {"compression": "tiff_lzw"}
            image = Image.fromarray(to_bytes(rgb))
            try:
                image.save(temporary, format=Image.registered_extensions()[suffix], **options)
            except ValueError as error:  # WebP ends at 16383 pixels
                raise InputError(f"cannot write {path}: {error}; choose another --format") from error


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Gives a temporary file beside `path` that takes its place, synced to disk, when the block ends well.

    Raises:
        InputError: the file cannot be written.
        FatalError: nothing can be written any more, the disk is full or read-only.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary = path.with_name(f".fusioncolor-{secrets.token_hex(4)}{path.suffix}")
        temporary.touch(exist_ok=False)
    except OSError as error:
        raise _unwritable(path, error) from error
    try:
        yield temporary
        with open(temporary, "rb+") as file:
            os.fsync(file.fileno())
        temporary.replace(path)
    except OSError as error:
        raise _unwritable(path, error) from error
    finally:
        temporary.unlink(missing_ok=True)


def _unwritable(path: Path, error: OSError) -> InputError:
    hopeless = error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EIO)
    if error.errno is None and "write" in str(error).lower():  # codecs report a full disk in words of their own
        hopeless = shutil.disk_usage(path.parent).free < _FULL
    kind = FatalError if hopeless else InputError
    return kind(f"cannot write {path}: {error.strerror or error}")


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
            size = deep.size_of(Path(path))
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
    pixels = deep.read(path)
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


def _same(a: Path, b: Path) -> bool:
    return os.path.realpath(a) == os.path.realpath(b)  # Path.resolve raises on links in a loop
