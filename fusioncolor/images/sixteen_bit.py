"""Pixels of 16 bits, which Pillow reads and writes for gray pictures only: PNG and TIFF by codecs of their own."""

import struct
import zlib
from pathlib import Path

import imagecodecs
import numpy as np
import tifffile

from fusioncolor.errors import InputError
from fusioncolor.images.metadata import Metadata

_PNG = b"\x89PNG\r\n\x1a\n"
_HEADER = 33  # bytes of a PNG up to the end of its IHDR
_TIFFS = (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")
_ORIENTATION, _PROFILE = 274, 34675
_MOST = 65_535
_WHITE_IS_0, _BLACK_IS_0, _RGB, _CMYK = 0, 1, 2, 5  # TIFF photometric interpretations
_ASCII_TAGS = (0x010E, 0x010F, 0x0110, 0x0132, 0x013B, 0x013C, 0x8298)


def read(path: Path) -> tuple[np.ndarray, int, bytes, bool] | None:
    """Reads a PNG or TIFF of more than 8 bits.

    Returns:
        Pixels `(H, W, C)` `uint16` with C = 1 (gray), 2 (with alpha), 3 (RGB) or 4 (with alpha, or CMYK), the
        orientation, the color profile, and whether it is CMYK. None for any other file, which Pillow knows better.

    Raises:
        InputError: its values are not those of a picture, or it is a damaged PNG.
    """
    with open(path, "rb") as file:
        start = file.read(_HEADER)
    if start[:8] == _PNG:
        content = Path(path).read_bytes()
        _check_png(content, path)
        if len(start) < _HEADER or start[24] != 16:
            return None
        pixels = imagecodecs.png_decode(content)
        return (pixels[..., None] if pixels.ndim == 2 else pixels), 0, b"", False
    return _read_tiff(path) if start[:4] in _TIFFS else None


def _check_png(content: bytes, path: Path) -> None:
    """Compares the checksums of what makes up the picture; Pillow decodes a flipped bit to wrong pixels in silence.

    Raises:
        InputError: one is wrong.
    """
    view, position = memoryview(content), 8
    while position + 12 <= len(content):
        length, kind = struct.unpack_from(">I4s", content, position)
        end = position + 8 + length
        if end + 4 > len(content):
            return  # cut off: decoding will say so
        if kind in (b"IHDR", b"PLTE", b"IDAT") and zlib.crc32(view[position + 4 : end]) != int.from_bytes(
            view[end : end + 4], "big"
        ):
            raise InputError(f"{path}: damaged, a checksum in it is wrong")
        position = end + 4


def size_of(path: Path) -> tuple[int, int] | None:
    """(height, width) of a TIFF, told without decoding it; None for any other file."""
    with open(path, "rb") as file:
        if file.read(4) not in _TIFFS:
            return None
    try:
        with tifffile.TiffFile(path) as tiff:
            page = tiff.pages[0]
            return page.imagelength, page.imagewidth
    except Exception:  # damaged; Pillow will say so
        return None


def _read_tiff(path: Path) -> tuple[np.ndarray, int, bytes, bool] | None:
    try:
        tiff = tifffile.TiffFile(path)
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
        pixels = _as_16_bits(pixels, page.bitspersample, path)
        if photometric == _WHITE_IS_0:
            pixels = _MOST - pixels
        tags = {tag: page.tags[tag].value for tag in (_ORIENTATION, _PROFILE) if tag in page.tags}
    if pixels.ndim == 2:
        pixels = pixels[..., None]
    profile = tags.get(_PROFILE, b"")
    orientation = int(tags.get(_ORIENTATION, 1))
    return pixels[..., :4], orientation, profile if isinstance(profile, bytes) else b"", photometric == _CMYK


def _as_16_bits(pixels: np.ndarray, bits: int, path: Path) -> np.ndarray:
    if np.issubdtype(pixels.dtype, np.floating):
        if not (pixels.size and pixels.min() >= 0 and pixels.max() <= 1):
            raise InputError(f"{path}: floating-point values outside 0..1; save it with 8 or 16 bits")
        return (pixels * _MOST + 0.5).astype(np.uint16)
    if pixels.min() < 0 or pixels.max() > _MOST:
        raise InputError(f"{path}: more than 16 bits per pixel, which is not read; save it with 8 or 16")
    if bits < 16:
        return (pixels.astype(np.uint32) * _MOST // (2**bits - 1)).astype(np.uint16)
    return pixels.astype(np.uint16)


def write_png(path: Path, pixels: np.ndarray, metadata: Metadata, srgb: bytes) -> None:
    """Writes `(H, W, 3 or 4)` `uint16` with its metadata."""
    encoded = bytes(imagecodecs.png_encode(np.ascontiguousarray(pixels), level=6))
    chunks = []
    if metadata.profiled:
        chunks.append(_chunk(b"iCCP", b"sRGB\0\0" + zlib.compress(srgb)))
    if metadata.dpi:
        x, y = (round(value / 0.0254) for value in metadata.dpi)
        chunks.append(_chunk(b"pHYs", struct.pack(">IIB", x, y, 1)))
    exif = metadata.exif_bytes(pixels.shape[:2])
    if exif:
        chunks.append(_chunk(b"eXIf", exif.removeprefix(b"Exif\0\0")))
    if metadata.xmp:
        chunks.append(_chunk(b"iTXt", b"XML:com.adobe.xmp\0\0\0\0\0" + metadata.xmp))
    path.write_bytes(encoded[:_HEADER] + b"".join(chunks) + encoded[_HEADER:])


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def write_tiff(path: Path, pixels: np.ndarray, metadata: Metadata, srgb: bytes) -> None:
    """Writes `(H, W, 3 or 4)` `uint16`; of the metadata those that are text, the XMP packet, and the resolution."""
    tags = metadata.exif or {}
    extra = [
        (tag, "s", 0, str(tags[tag]).encode("ascii", "replace").decode(), True) for tag in _ASCII_TAGS if tag in tags
    ]
    if metadata.xmp:
        extra.append((0x02BC, "B", len(metadata.xmp), metadata.xmp, True))
    tifffile.imwrite(
        path,
        pixels,
        photometric="rgb",
        extrasamples=["unassalpha"] if pixels.shape[-1] == 4 else None,
        compression="zlib",
        predictor=True,
        iccprofile=srgb if metadata.profiled else None,
        resolution=metadata.dpi,
        resolutionunit="INCH" if metadata.dpi else None,
        software=str(tags.get(0x0131, "")) or False,
        extratags=extra,
        metadata=None,
    )
