"""Strokes that a visitor paints on a photograph, as color hints."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import cv2
import numpy as np

from fusioncolor.errors import InputError
from fusioncolor.hints import Hint

MOST = 300  # strokes on a photograph
GRID = 256  # pixels of the longer side at which strokes become hints
_MOST_POINTS = 2000  # of a stroke
_COLOR = re.compile("#[0-9a-fA-F]{6}")


@dataclass(frozen=True)
class Stroke:
    """A line of one color; with a single point, a dot.

    Attributes:
        points: x and y, as shares of the photograph's width and height.
        color: "#rrggbb".
        width: of the line, as a share of the longer side.
    """

    points: tuple[tuple[float, float], ...]
    color: str
    width: float = 0.0


def parse(entries: Iterable[Mapping[str, object]]) -> list[Stroke]:
    """Reads strokes from what the page sent.

    Raises:
        InputError: something else was sent, or too much.
    """
    try:
        strokes = []
        for entry in entries:
            points = tuple((min(max(float(x), 0), 1), min(max(float(y), 0), 1)) for x, y in entry["points"])
            if not 1 <= len(points) <= _MOST_POINTS or not np.isfinite(points).all():
                raise ValueError("points")
            if not _COLOR.fullmatch(str(entry["color"])):
                raise ValueError("color")
            width = min(max(float(entry.get("width", 0)), 0), 0.2)
            strokes.append(Stroke(points, str(entry["color"]), width))
    except (TypeError, ValueError, KeyError, AttributeError) as error:
        raise InputError("the page sent strokes that cannot be read: reload it") from error
    if len(strokes) > MOST:
        raise InputError(f"at most {MOST} strokes per photograph: undo some")
    return strokes


def to_hints(strokes: Iterable[Stroke], size: tuple[int, int]) -> list[Hint]:
    """Returns one hint per pixel that strokes cover, at a longer side of `GRID` pixels; later strokes win.

    Args:
        strokes: in the order in which they were painted.
        size: (height, width) of the photograph to which the hints belong.
    """
    height, width = size
    scale = min(GRID / max(size), 1)
    small = max(round(height * scale), 1), max(round(width * scale), 1)
    found: dict[tuple[int, int], tuple[int, int, int]] = {}
    for stroke in strokes:
        mask = np.zeros(small, np.uint8)
        corners = np.array([(x * (small[1] - 1), y * (small[0] - 1)) for x, y in stroke.points]).round().astype(int)
        thick = max(round(stroke.width * max(small)), 1)
        cv2.polylines(mask, [corners.reshape(-1, 1, 2).astype(np.int32)], False, 255, thick)
        mask[corners[:, 1], corners[:, 0]] = 255
        rgb = tuple(bytes.fromhex(stroke.color[1:]))
        found.update({(int(row), int(column)): rgb for row, column in zip(*np.nonzero(mask), strict=True)})
    return [
        Hint(
            min(int((column + 0.5) * width / small[1]), width - 1),
            min(int((row + 0.5) * height / small[0]), height - 1),
            rgb,
        )
        for (row, column), rgb in found.items()
    ]
