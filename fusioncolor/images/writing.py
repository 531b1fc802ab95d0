"""Arrays -> image files, with their metadata."""

import os
from pathlib import Path

import numpy as np
from PIL import Image

from fusioncolor import files
from fusioncolor.errors import InputError
from fusioncolor.images import icc, sixteen_bit
from fusioncolor.images.formats import SUFFIXES, TRANSPARENT
from fusioncolor.images.metadata import Metadata
from fusioncolor.images.pixels import to_bytes


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
    if alpha is not None and suffix in TRANSPARENT:
        rgb = np.dstack([rgb, alpha])
    with files.replacing(path) as temporary:
        if rgb.dtype == np.uint16 and suffix == ".png":
            sixteen_bit.write_png(temporary, rgb, metadata, icc.srgb())
        elif rgb.dtype == np.uint16 and suffix in (".tif", ".tiff"):
            sixteen_bit.write_tiff(temporary, rgb, metadata, icc.srgb())
        else:
            options = metadata.save_options(suffix, rgb.shape[:2], icc.srgb())
            options |= {"quality": quality, "subsampling": 0} if suffix in (".jpg", ".jpeg") else {}
            options |= {"lossless": True} if suffix == ".webp" else {}
            if suffix in (".tif", ".tiff") and not (metadata.details or metadata.place):  # libtiff loses those two
                options |= {"compression": "tiff_lzw"}
            image = Image.fromarray(to_bytes(rgb))
            try:
                image.save(temporary, format=Image.registered_extensions()[suffix], **options)
            except ValueError as error:  # WebP ends at 16383 pixels
                raise InputError(f"cannot write {path}: {error}; choose another --format") from error
