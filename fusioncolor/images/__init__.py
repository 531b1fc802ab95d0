"""Image files <-> arrays: reading, writing, listing, resizing."""

from fusioncolor.images.arrays import as_rgb
from fusioncolor.images.formats import Format, format_of, readable_suffixes
from fusioncolor.images.listing import (
    GRAY_TWINS,
    SCRIBBLES,
    Found,
    UnreadPictures,
    find,
    find_each,
    find_in,
    without_gray_twins,
)
from fusioncolor.images.pixels import WHOLE, is_gray, is_toned, resize, shrink, to_bytes
from fusioncolor.images.reading import MAX_PIXELS, Photograph, count_pixels, decode, read, read_resized, read_size
from fusioncolor.images.writing import save, write

__all__ = [
    "GRAY_TWINS",
    "MAX_PIXELS",
    "SCRIBBLES",
    "WHOLE",
    "Format",
    "Found",
    "Photograph",
    "UnreadPictures",
    "as_rgb",
    "count_pixels",
    "decode",
    "find",
    "find_each",
    "find_in",
    "format_of",
    "is_gray",
    "is_toned",
    "read",
    "read_resized",
    "read_size",
    "readable_suffixes",
    "resize",
    "save",
    "shrink",
    "to_bytes",
    "without_gray_twins",
    "write",
]
