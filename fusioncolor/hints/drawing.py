"""Pictures that show where hints lie and what they reach, without a network."""

from collections.abc import Sequence

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from fusioncolor import color
from fusioncolor.hints.points import Hint, apply

_LARGEST_LIST = 40  # hints with a number; more are scribbles, and get dots


def preview(rgb: np.ndarray, hints: Sequence[Hint]) -> np.ndarray:
    """Draws hints on a photograph in gray, tinted as far as they reach in a photograph without any other color.

    The network's own colors, which a preview does not know, make a hint reach less far where they differ.

    Args:
        rgb: `(H, W, 3)` `uint8`, of which only the lightness is used.
        hints: inside the photograph.

    Returns:
        `(H, W, 3)` `uint8`.

    Raises:
        InputError: a hint lies outside the photograph.
    """
    lightness = color.rgb_to_lightness(rgb)
    ab = apply(lightness, np.zeros((*rgb.shape[:2], 2), np.float32), hints=list(hints))
    picture = Image.fromarray(color.join_in_gamut(lightness, ab, np.uint8))
    drawn = ImageDraw.Draw(picture)
    radius = max(round(max(rgb.shape[:2]) / 80), 3)
    numbered = len(hints) <= _LARGEST_LIST
    font = ImageFont.load_default(max(2 * radius, 10))
    if numbered:
        for number, hint in enumerate(hints, start=1):
            _write(drawn, f"{number}: {hint}", (hint.x, hint.y), radius, picture.size, font)
    size = radius if numbered else max(radius // 4, 1)
    for wider, ring in ((2, "black"), (1, "white"), (0, None)):  # all rings under all dots
        for hint in hints:
            edge = size + wider
            drawn.ellipse((hint.x - edge, hint.y - edge, hint.x + edge, hint.y + edge), fill=ring or hint.rgb)
    return np.asarray(picture)


def _write(drawn, text: str, at: tuple[int, int], radius: int, size: tuple[int, int], font) -> None:
    """Writes a text beside a point of a picture of (width, height), on the side where it has room."""
    wide = drawn.textlength(text, font=font)
    left = at[0] + 2 * radius if at[0] + 2 * radius + wide <= size[0] else max(at[0] - 2 * radius - wide, 0)
    top = min(max(at[1] - radius, 0), max(size[1] - 2 * radius, 0))
    drawn.text((left, top), text, fill="white", stroke_fill="black", stroke_width=2, font=font)
