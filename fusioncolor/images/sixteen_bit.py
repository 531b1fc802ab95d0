"""PNG and TIFF with 16 bits per channel, which Pillow decodes and encodes for gray pictures only."""

import struct
import zlib
from importlib.util import find_spec
from pathlib import Path
from typing import BinaryIO

import numpy as np

from fusioncolor import files
from fusioncolor.errors import InputError
from fusioncolor.images import icc
from fusioncolor.images.metadata import Metadata
from fusioncolor.images.pixels import Stored

_PNG = b"\x89PNG\r\n\x1a\n"
_HEADER = 33  # bytes of a PNG up to the end of its IHDR
_TIFFS = (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")
_ORIENTATION, _PROFILE = 274, 34675
_PREMULTIPLIED, _STRAIGHT = 1, 2  # TIFF's extra samples that are transparency
ADVICE = "save it with 8 or 16 bits"
_MOST = 65_535
_WHITE_IS_0, _BLACK_IS_0, _RGB, _CMYK = 0, 1, 2, 5  # TIFF photometric interpretations
_CHANNELS = {_WHITE_IS_0: 1, _BLACK_IS_0: 1, _RGB: 3, _CMYK: 4}
_ASCII_TAGS = (0x010E, 0x010F, 0x0110, 0x0132, 0x013B, 0x013C, 0x8298)


def decode(file: BinaryIO, *, name: str) -> Stored | None:
    """Decodes a PNG or TIFF of more than 8 bits.

    Args:
        file: an open file; its position is left as it was, for Pillow.
        name: of the file, for messages.

    Returns:
        Pixels of 16 bits; None for any other file, which Pillow decodes.

    Raises:
        InputError: the values have no known range, or a PNG is damaged.
    """
    position = file.tell()
    file.seek(0)
    start = file.read(_HEADER)
    file.seek(0)
    try:
        if start[:8] == _PNG:
            return _decode_png(file.read(), name)
        return _decode_tiff(file, name) if start[:4] in _TIFFS else None
    finally:
        file.seek(position)


def _decode_png(content: bytes, name: str) -> Stored | None:
    _check_png(content, name)
    if len(content) < _HEADER or content[24] != 16:
        return None
    import imagecodecs

    pixels = imagecodecs.png_decode(content)
    return Stored(pixels[..., None] if pixels.ndim == 2 else pixels)


def _check_png(content: bytes, name: str) -> None:
    """Compares the checksums of the header, palette and pixels; Pillow decodes a flipped bit without complaint.

    Raises:
        InputError: one is wrong.
    """
    view, position = memoryview(content), 8
    while position + 12 <= len(content):
        length, kind = struct.unpack_from(">I4s", content, position)
        end = position + 8 + length
        if end + 4 > len(content):
            return  # cut short, as decoding will report
        if kind in (b"IHDR", b"PLTE", b"IDAT") and zlib.crc32(view[position + 4 : end]) != int.from_bytes(
            view[end : end + 4], "big"
        ):
            raise InputError(f"{name}: damaged, a checksum in it is wrong")
        position = end + 4


def tiff_size(file: BinaryIO) -> tuple[int, int] | None:
    """Reads the (height, width) of an open TIFF without decoding it; None for any other file or a damaged one."""
    file.seek(0)
    if file.read(4) not in _TIFFS:
        return None
    file.seek(0)
    import tifffile

    try:
        with tifffile.TiffFile(file) as tiff:
            page = tiff.pages[0]
            return int(page.imagelength), int(page.imagewidth)
    except Exception:  # tifffile raises nearly every kind on damaged files
        return None


def _decode_tiff(file: BinaryIO, name: str) -> Stored | None:
    if not find_spec("tifffile"):
        return None
    import tifffile

    try:
        tiff = tifffile.TiffFile(file)
    except tifffile.TiffFileError:
        return None
    with tiff:
        page = tiff.pages[0]
        photometric = int(page.photometric)
        if page.dtype is None or page.dtype.itemsize == 1 or photometric not in (_WHITE_IS_0, _BLACK_IS_0, _RGB, _CMYK):
            return None
        pixels = page.asarray()
        if page.axes.startswith("S"):  # channel by channel
            pixels = np.moveaxis(pixels, 0, -1)
        pixels = _as_16_bits(pixels, page.bitspersample, name)
        if pixels.ndim == 2:
            pixels = pixels[..., None]
        if photometric == _WHITE_IS_0:
            pixels = _MOST - pixels
        pixels = _with_transparency(pixels, _CHANNELS[photometric], [int(kind) for kind in page.extrasamples])
        tags = {tag: page.tags[tag].value for tag in (_ORIENTATION, _PROFILE) if tag in page.tags}
    profile = tags.get(_PROFILE, b"")
    return Stored(
        pixels,
        cmyk=photometric == _CMYK,
        orientation=int(tags.get(_ORIENTATION, 1)),
        profile=profile if isinstance(profile, bytes) else b"",
    )


def _with_transparency(pixels: np.ndarray, channels: int, extra: list[int]) -> np.ndarray:
    """Drops the samples of a TIFF that are neither color nor transparency; undoes the product with transparency.

    Args:
        pixels: `(H, W, C)` `uint16`.
        channels: number of color channels.
        extra: what each of the other channels is, as TIFF numbers it.

    Returns:
        Color, followed by transparency if there is any and it is not CMYK: `(H, W, channels)`, or one more.
    """
    colors = pixels[..., :channels]
    kinds = [(place, kind) for place, kind in enumerate(extra) if kind in (_PREMULTIPLIED, _STRAIGHT)]
    if channels == 4 or not kinds or pixels.shape[-1] <= channels + kinds[0][0]:
        return colors
    place, kind = kinds[0]
    alpha = pixels[..., channels + place : channels + place + 1]
    if kind == _PREMULTIPLIED:
        straight = colors.astype(np.uint64) * _MOST // np.maximum(alpha, 1)
        colors = np.minimum(straight, _MOST).astype(np.uint16)
    return np.concatenate([colors, alpha], axis=-1)


def _as_16_bits(pixels: np.ndarray, bits: int, name: str) -> np.ndarray:
    if np.issubdtype(pixels.dtype, np.floating):
        if not (pixels.size and pixels.min() >= 0 and pixels.max() <= 1):
            low, high = (float(value) for value in (np.min(pixels, initial=0), np.max(pixels, initial=0)))
            raise InputError(f"{name}: floating-point values from {low:g} to {high:g}, not from 0 to 1; {ADVICE}")
        return checked(pixels.astype(np.float32) * _MOST + np.float32(0.5), name)
    if pixels.min() < 0 or pixels.max() > _MOST:
        raise InputError(f"{name}: more than 16 bits per channel are not supported; {ADVICE}")
    if bits < 16:
        return (pixels.astype(np.uint32) * _MOST // (2**bits - 1)).astype(np.uint16)
    return pixels.astype(np.uint16)


def checked(levels: np.ndarray, name: str) -> np.ndarray:
    """Rounds floating-point levels, 0 to 65535, down to `uint16`.

    Raises:
        InputError: they differ so little that the picture would become a single color.
    """
    rounded = levels.astype(np.uint16)
    if rounded.min() == rounded.max() and levels.min() < levels.max():
        low, high = levels.min() / _MOST, levels.max() / _MOST
        raise InputError(f"{name}: its values, {low:.2g} to {high:.2g}, leave no contrast; scale them to 0..1")
    return rounded


def write_png(path: Path, pixels: np.ndarray, metadata: Metadata) -> None:
    """Writes `(H, W, 3 or 4)` `uint16` and its metadata.

    Args:
        path: the file, which is overwritten.
        pixels: RGB, or RGB with alpha.
        metadata: stored as EXIF, XMP and resolution.
    """
    import imagecodecs

    encoded = bytes(imagecodecs.png_encode(np.ascontiguousarray(pixels), level=6))
    chunks = []
    if metadata.profiled:
        chunks.append(_chunk(b"iCCP", b"sRGB\0\0" + zlib.compress(icc.srgb())))
    if metadata.dpi:
        x, y = (round(value / 0.0254) for value in metadata.dpi)
        chunks.append(_chunk(b"pHYs", struct.pack(">IIB", x, y, 1)))
    exif = metadata.exif_bytes(pixels.shape[:2])
    if exif:
        chunks.append(_chunk(b"eXIf", exif.removeprefix(b"Exif\0\0")))
    if metadata.xmp:
        chunks.append(_chunk(b"iTXt", b"XML:com.adobe.xmp\0\0\0\0\0" + metadata.xmp))
    files.write_bytes(path, encoded[:_HEADER] + b"".join(chunks) + encoded[_HEADER:])


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def write_tiff(path: Path, pixels: np.ndarray, metadata: Metadata) -> None:
    """Writes `(H, W, 3 or 4)` `uint16` and, of its metadata, the texts, the XMP packet and the resolution.

    Args:
        path: the file, which is overwritten.
        pixels: RGB, or RGB with alpha.
        metadata: of the photograph.
    """
    tags = metadata.exif or {}
    extra = [
        (tag, "s", 0, str(tags[tag]).encode("ascii", "replace").decode(), True) for tag in _ASCII_TAGS if tag in tags
    ]
    if metadata.xmp:
        extra.append((0x02BC, "B", len(metadata.xmp), metadata.xmp, True))
    import tifffile

    tifffile.imwrite(
        path,
        pixels,
        photometric="rgb",
        extrasamples=["unassalpha"] if pixels.shape[-1] == 4 else None,
        compression="zlib",
        predictor=True,
        iccprofile=icc.srgb() if metadata.profiled else None,
        resolution=metadata.dpi,
        resolutionunit="INCH" if metadata.dpi else None,
        software=str(tags.get(0x0131, "")) or False,
        extratags=extra,
        metadata=None,
    )
