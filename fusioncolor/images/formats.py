"""Image formats, one row each; `fusioncolor.registries` lists them by name.

To add a format that Pillow encodes: an entry in `FORMATS`, its row here, its test; from outside the package,
`fusioncolor.register_format`.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import PngImagePlugin

from fusioncolor.images import icc, sixteen_bit
from fusioncolor.images.metadata import Metadata
from fusioncolor.registries import FORMATS, READ_ONLY_FORMATS

_XMP_IN_TIFF = 0x02BC
_LARGEST_MARKER = 65_533  # bytes that a JPEG marker holds

SaveOptions = Callable[[Metadata, tuple[int, int], int], dict[str, object]]
"""(metadata, (height, width), quality 1 to 100) -> arguments of Pillow's `Image.save`."""


def _no_options(metadata: Metadata, size: tuple[int, int], quality: int) -> dict[str, object]:
    return {}


@dataclass(frozen=True)
class Format:
    """An image format.

    Attributes:
        name: as Pillow calls it, such as "JPEG".
        suffixes: of its files, lower case; new files get the first.
        alpha: whether it stores transparency.
        lossless: whether pixels come back unchanged, so that `quality` has no meaning.
        longest_side: largest height or width in pixels; None if no picture reaches it.
        save_options: what Pillow's encoder is told, metadata included.
        write_16_bits: writes `(H, W, 3 or 4)` `uint16` to a path; None if the format stores 8 bits per channel.
    """

    name: str
    suffixes: tuple[str, ...]
    alpha: bool = False
    lossless: bool = True
    longest_side: int | None = None
    save_options: SaveOptions = _no_options
    write_16_bits: Callable[[Path, np.ndarray, Metadata], None] | None = None

    @property
    def bits(self) -> int:
        """Bits per channel that files may have: 8 or 16."""
        return 16 if self.write_16_bits else 8


UNREADABLE = {  # pictures that people have, by suffix
    ".heic": "HEIC",
    ".heif": "HEIF",
    ".avif": "AVIF",
    ".jxl": "JPEG XL",
    ".jp2": "JPEG 2000",
    ".psd": "Photoshop",
    ".pdf": "PDF",
    ".dng": "raw",
    ".cr2": "raw",
    ".cr3": "raw",
    ".nef": "raw",
    ".arw": "raw",
    ".orf": "raw",
    ".raf": "raw",
    ".rw2": "raw",
}


def readable_suffixes() -> tuple[str, ...]:
    """Returns the suffixes, lower case, of files that are taken for photographs."""
    return tuple(suffix for table in (FORMATS, READ_ONLY_FORMATS) for row in table.values() for suffix in row.suffixes)


def writable_suffixes() -> tuple[str, ...]:
    """Returns the suffixes, lower case, of formats that are written."""
    return tuple(suffix for row in FORMATS.values() for suffix in row.suffixes)


def format_of(suffix: str) -> Format | None:
    """Returns the format that is written to files of a suffix, in upper or lower case; None if there is none."""
    return next((row for row in FORMATS.values() if suffix.lower() in row.suffixes), None)


def _jpeg_options(metadata: Metadata, size: tuple[int, int], quality: int) -> dict[str, object]:
    """Options without chroma subsampling; metadata too large for a marker is left out."""
    exif = metadata.exif_bytes(size)
    options = {**_tags(metadata), "quality": quality, "subsampling": 0}
    if exif and len(exif) <= _LARGEST_MARKER:
        options["exif"] = exif
    if metadata.xmp and len(metadata.xmp) < _LARGEST_MARKER - 40:
        options["xmp"] = metadata.xmp
    if metadata.iptc and len(metadata.iptc) < _LARGEST_MARKER:
        options["extra"] = b"\xff\xed" + (len(metadata.iptc) + 2).to_bytes(2, "big") + metadata.iptc
    return options


def _png_options(metadata: Metadata, size: tuple[int, int], quality: int) -> dict[str, object]:
    options = _tags(metadata) | _exif(metadata.exif_bytes(size))
    if metadata.xmp:
        texts = PngImagePlugin.PngInfo()
        texts.add_itxt("XML:com.adobe.xmp", metadata.xmp.decode("utf-8", "replace"))
        options["pnginfo"] = texts
    return options


def _tiff_options(metadata: Metadata, size: tuple[int, int], quality: int) -> dict[str, object]:
    exif = metadata.exif_bytes(size, {_XMP_IN_TIFF: metadata.xmp} if metadata.xmp else None)
    compressed = not (metadata.details or metadata.place)  # libtiff, which compresses, would lose these two
    return _tags(metadata) | _exif(exif) | ({"compression": "tiff_lzw"} if compressed else {})


def _webp_options(metadata: Metadata, size: tuple[int, int], quality: int) -> dict[str, object]:
    options = _tags(metadata) | _exif(metadata.exif_bytes(size)) | {"lossless": True, "exact": True}
    return options | ({"xmp": metadata.xmp} if metadata.xmp else {})


def _bmp_options(metadata: Metadata, size: tuple[int, int], quality: int) -> dict[str, object]:
    return {"dpi": metadata.dpi} if metadata.dpi else {}


def _tags(metadata: Metadata) -> dict[str, object]:
    """Resolution and color profile."""
    dpi = {"dpi": metadata.dpi} if metadata.dpi else {}
    return dpi | ({"icc_profile": icc.srgb()} if metadata.profiled else {})


def _exif(exif: bytes) -> dict[str, object]:
    return {"exif": exif} if exif else {}


JPEG = Format("JPEG", (".jpg", ".jpeg"), lossless=False, longest_side=65_500, save_options=_jpeg_options)
PNG = Format("PNG", (".png",), alpha=True, save_options=_png_options, write_16_bits=sixteen_bit.write_png)
TIFF = Format("TIFF", (".tif", ".tiff"), alpha=True, save_options=_tiff_options, write_16_bits=sixteen_bit.write_tiff)
WEBP = Format("WEBP", (".webp",), alpha=True, longest_side=16_383, save_options=_webp_options)
BMP = Format("BMP", (".bmp",), save_options=_bmp_options)
GIF = Format("GIF", (".gif",), alpha=True, lossless=False)  # 256 colors: read only
