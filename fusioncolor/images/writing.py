"""Arrays -> image files, with their metadata."""

import os
from collections.abc import Callable
from pathlib import Path

import numpy as np
from PIL import Image

from fusioncolor import files
from fusioncolor.errors import InputError
from fusioncolor.images.formats import Format, format_of, writable_suffixes
from fusioncolor.images.metadata import Metadata
from fusioncolor.images.pixels import to_bytes
from fusioncolor.images.reading import Photograph, read


def write(
    path: str | os.PathLike,
    rgb: np.ndarray,
    alpha: np.ndarray | None = None,
    *,
    metadata: Metadata | None = None,
    quality: int = 95,
    owner: str = "",
    finish: Callable[[Path], None] | None = None,
) -> None:
    """Writes an image in one step, in the format of its suffix.

    Args:
        path: the file to write; its folder is created.
        rgb: `(H, W, 3)` `uint8`, or `uint16`, which is rounded where the format stores 8 bits.
        alpha: `(H, W)` of the same dtype, dropped where the format has no transparency.
        metadata: stored as far as the format can.
        quality: of lossy formats, 1 to 100.
        owner: who writes, if several processes write to the folder; see `files.replacing`.
        finish: called with the complete file before it is put in place, which it may change.

    Raises:
        InputError: the folder cannot be written to, no format has this suffix, or the picture is too large for it.
    """
    path, metadata = Path(path), metadata or Metadata()
    target = format_of(path.suffix)
    if target is None:
        raise InputError(f"cannot write {path}: its suffix must be one of {', '.join(writable_suffixes())}")
    _check_size(path, target, rgb.shape[:2])
    if alpha is not None and target.alpha:
        rgb = np.dstack([rgb, alpha])
    with files.replacing(path, owner=owner) as temporary:
        if rgb.dtype == np.uint16 and target.write_16_bits:
            target.write_16_bits(temporary, rgb, metadata)
        else:
            options = target.save_options(metadata, rgb.shape[:2], quality)
            try:
                Image.fromarray(to_bytes(rgb)).save(temporary, format=target.name, **options)
            except ValueError as error:
                raise InputError(f"cannot write {path}: {error}; choose another `format`") from error
        if finish:
            finish(temporary)


def save(
    path: str | os.PathLike,
    picture: np.ndarray,
    *,
    like: Photograph | str | os.PathLike | None = None,
    quality: int = 95,
    model: str = "",
    mark: bool = True,
) -> None:
    """Writes a colorized picture as a folder run does: with the photograph's metadata, and a note on its colors.

    Args:
        path: the file to write; its suffix chooses the format.
        picture: `(H, W, 3)` `uint8` or `uint16`, sRGB.
        like: the photograph, or its file, whose metadata and transparency the picture gets; None for none.
        quality: of lossy formats, 1 to 100.
        model: name of the weights, for the note.
        mark: say in the metadata that the colors were made by this program.

    Raises:
        InputError: the photograph cannot be read, or the file cannot be written.
        TypeError: the picture is no array, or has values of another type.
        ValueError: it has another shape.
    """
    _check_picture(picture)
    photograph = like if isinstance(like, Photograph | None) else read(like)
    metadata, alpha = (photograph.metadata, photograph.alpha) if photograph else (Metadata(), None)
    if alpha is not None:
        alpha = alpha if alpha.shape == picture.shape[:2] else None
        alpha = to_bytes(alpha) if alpha is not None and picture.dtype == np.uint8 else alpha
    write(path, picture, alpha, metadata=metadata.noted(model) if mark else metadata, quality=quality)


def _check_picture(picture: np.ndarray) -> None:
    expected = "expected a picture of shape (H, W, 3) and dtype uint8 or uint16"
    if not isinstance(picture, np.ndarray):
        raise TypeError(f"{expected}. Received: {type(picture).__name__}")
    if picture.dtype not in (np.uint8, np.uint16):
        raise TypeError(f"{expected}. Received: dtype {picture.dtype}")
    if picture.ndim != 3 or picture.shape[2] != 3 or 0 in picture.shape:
        raise ValueError(f"{expected}. Received: shape {picture.shape}")


def _check_size(path: Path, target: Format, size: tuple[int, int]) -> None:
    height, width = size
    if target.longest_side is not None and max(size) > target.longest_side:
        raise InputError(
            f"cannot write {path}: {target.name} allows at most {target.longest_side} pixels per side, but the picture "
            f"has {width}x{height}; choose another `format`"
        )
