"""Color hints: colors of a few points, spread over a photograph along its lightness.

Reference: Levin, Lischinski, Weiss, "Colorization using Optimization", 2004.
"""

import json
import os
import re
from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.linalg import splu
from skimage.graph import MCP_Geometric

from fusioncolor import color, images
from fusioncolor.errors import InputError

WORKING_SIZE = 256  # longer side at which the colors are spread
_REACH = 40.0  # cost of a path at which a hint's weight has fallen to 1/e
_PIXEL_COST = 0.4  # of a step at constant lightness
_EDGE_COST = 1.5  # more, per unit that lightness changes
_HINT = re.compile(r"\s*(-?\d+)\s*,\s*(-?\d+)\s*,\s*(#[0-9a-fA-F]{6}|[A-Za-z][A-Za-z /']*?)\s*")


@dataclass(frozen=True)
class Hint:
    """Color of a pixel.

    Attributes:
        x: column, from 0 at the left.
        y: row, from 0 at the top.
        rgb: sRGB, three values from 0 to 255.
    """

    x: int
    y: int
    rgb: tuple[int, int, int]

    def __str__(self) -> str:
        """Returns the hint as `parse` reads it: "x,y,#rrggbb"."""
        return f"{self.x},{self.y},#{bytes(self.rgb).hex()}"


def beside(photograph: Path) -> tuple[Path, ...]:
    """Lists the files of hints beside a photograph: for `a.jpg`, `a.hint.json` and `a.scribble.png`, if they exist."""
    names = (f"{photograph.stem}.hint.json", f"{photograph.stem}{images.SCRIBBLES}")
    return tuple(path for path in (photograph.with_name(name) for name in names) if path.is_file())


def parse_all(texts: Iterable[str | os.PathLike]) -> list[Hint]:
    """Reads the hints of several texts and files, in their order; see `parse`."""
    return [hint for text in texts for hint in parse(os.fspath(text))]


def check(hints: Iterable[Hint], size: tuple[int, int], name: str = "the photograph") -> None:
    """Refuses hints outside a photograph of (height, width).

    Raises:
        InputError: there is one; the message has the photograph's name.
    """
    height, width = size
    for hint in hints:
        if not (0 <= hint.x < width and 0 <= hint.y < height):
            raise InputError(f"hint {hint.x},{hint.y} lies outside {name}, which is {width}x{height}")


def parse(text: str) -> list[Hint]:
    """Reads hints from "x,y,#rrggbb", "x,y,name", a JSON file, or a scribble picture.

    Names are those of CSS and of the XKCD color survey, as Matplotlib knows them: "brown", "terracotta", "sky blue". A
    JSON file holds a list of `{"x": 10, "y": 20, "color": "#cc2200"}`. A scribble picture has the photograph's size
    and transparency; each of its opaque pixels is a hint.

    Raises:
        InputError: it is none of these.
    """
    match = _HINT.fullmatch(text)
    if match:
        return [Hint(int(match[1]), int(match[2]), _rgb_of(match[3]))]
    path = Path(text)
    if path.suffix.lower() == ".json" and path.is_file():
        return _from_json(path)
    if path.suffix.lower() in images.readable_suffixes() and path.is_file():
        return _from_scribbles(path)
    raise InputError(
        f'not a hint: {text!r}; give "x,y,#rrggbb" or "x,y,brown", a .json file, or a scribble .png with transparency'
    )


def _rgb_of(color_name: str) -> tuple[int, int, int]:
    """Returns the sRGB values, 0 to 255, of "#rrggbb" or a name.

    Raises:
        InputError: there is no such color.
    """
    if color_name.startswith("#"):
        return tuple(bytes.fromhex(color_name[1:]))
    from matplotlib import colors

    name = color_name.lower()
    for known in (name.replace(" ", ""), f"xkcd:{name}"):
        if colors.is_color_like(known) and len(known) > 1:
            return tuple(round(255 * share) for share in colors.to_rgb(known))
    names = [*colors.CSS4_COLORS, *(one.removeprefix("xkcd:") for one in colors.XKCD_COLORS)]
    near = get_close_matches(name, names, n=1)
    hint = f"did you mean {near[0]!r}?" if near else "give it as #rrggbb"
    raise InputError(f"no color {color_name!r}; {hint}")


def apply(
    lightness: np.ndarray, ab: np.ndarray, confidence: np.ndarray | None = None, *, hints: list[Hint]
) -> np.ndarray:
    """Blends hints into predicted chroma, as a refinement does.

    Args:
        lightness: `(H, W, 1)`, 0..100, at full size.
        ab: `(H, W, 2)` Lab units.
        confidence: unused, for the signature of refinements.
        hints: colors at pixels of the full size.

    Returns:
        ab `(H, W, 2)`: the hinted color where lightness is like that around the hint, the given chroma elsewhere.

    Raises:
        InputError: a hint lies outside the photograph.
    """
    check(hints, lightness.shape[:2])
    points = np.array([(hint.y, hint.x) for hint in hints])
    colors = color.rgb_to_lab(np.array([hint.rgb for hint in hints], np.uint8))[:, 1:]
    share = _share(lightness, points)
    return share * spread(lightness, points, colors) + (1 - share) * ab


def spread(lightness: np.ndarray, points: np.ndarray, colors: np.ndarray) -> np.ndarray:
    """Spreads colors from points over the whole picture, so that neighbors of similar lightness get similar colors.

    Every pixel r satisfies U(r) = sum_s w_rs U(s) over its eight neighbors s, with weights
    w_rs ~ exp(-(L(r) - L(s))^2 / 2 sigma_r^2), except that pixels at the points keep their colors. Larger pictures are
    solved, as a sparse system, at `WORKING_SIZE`.

    Args:
        lightness: `(H, W, 1)`, 0..100.
        points: `(N, 2)` rows and columns.
        colors: `(N, 2)` ab.

    Returns:
        ab `(H, W, 2)` float32.
    """
    light, at = _at_working_size(lightness, points)
    index, which = np.unique(at[:, 0] * light.shape[1] + at[:, 1], return_index=True)
    rows, columns, weights = _neighbor_weights(light)
    free = np.ones(light.size, bool)
    free[index] = False
    inner, every = free[rows], np.arange(light.size)
    values = np.r_[np.where(free, 1 + 1e-9, 1.0), -weights[inner]]
    matrix = coo_array((values, (np.r_[every, rows[inner]], np.r_[every, columns[inner]])), shape=(light.size,) * 2)
    right = np.zeros((light.size, 2))
    right[index] = colors[which]
    solved = splu(matrix.tocsc()).solve(right).astype(np.float32)
    return images.resize(solved.reshape(*light.shape, 2), lightness.shape[:2])


def _share(lightness: np.ndarray, points: np.ndarray) -> np.ndarray:
    """Weight of the hints `(H, W, 1)`: 1 at a hint, falling with the cost of the cheapest path, which avoids edges."""
    light, at = _at_working_size(lightness, points)
    steepness = np.hypot(*(np.gradient(light, axis=axis) if light.shape[axis] > 1 else 0 * light for axis in (0, 1)))
    costs, _ = MCP_Geometric(_PIXEL_COST + _EDGE_COST * steepness).find_costs([tuple(point) for point in at])
    share = np.exp(-((costs / _REACH) ** 2)).astype(np.float32)
    return np.clip(images.resize(share[..., None], lightness.shape[:2], bilinear=True), 0, 1)


def _at_working_size(lightness: np.ndarray, points: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Reduces lightness, to `(h, w)` float64, and points to `WORKING_SIZE`, unless they are smaller."""
    size = lightness.shape[:2]
    scale = min(WORKING_SIZE / max(size), 1)
    small = tuple(max(round(side * scale), 1) for side in size)
    light = images.resize(lightness, small)[..., 0].astype(np.float64)
    return light, np.minimum((points * scale).astype(int), np.array(small) - 1)


def _neighbor_weights(light: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Computes Levin's affinity of eight neighbors as rows, columns and weights; those of a row sum to 1."""
    height, width = light.shape
    grid = np.arange(light.size).reshape(height, width)
    steps = [(dy, dx) for dy in (-1, 0, 1) for dx in (-1, 0, 1) if dy or dx]
    flat = light.ravel()
    rows, columns = [], []
    for dy, dx in steps:
        here = np.s_[max(-dy, 0) : height - max(dy, 0), max(-dx, 0) : width - max(dx, 0)]
        there = np.s_[max(dy, 0) : height - max(-dy, 0), max(dx, 0) : width - max(-dx, 0)]
        rows.append(grid[here].ravel())
        columns.append(grid[there].ravel())
    rows, columns = np.concatenate(rows), np.concatenate(columns)
    count = np.bincount(rows, minlength=light.size) + 1  # the window: the neighbors and the pixel itself
    mean = (np.bincount(rows, flat[columns], light.size) + flat) / count
    variance = (np.bincount(rows, flat[columns] ** 2, light.size) + flat**2) / count - mean**2
    spread_of = np.maximum(0.6 * variance, 1e-4)  # 2 sigma_r^2, as in the authors' program
    weights = np.exp(-((flat[rows] - flat[columns]) ** 2) / spread_of[rows]) + 1e-9
    return rows, columns, weights / np.bincount(rows, weights, light.size)[rows]


def _from_json(path: Path) -> list[Hint]:
    try:
        entries = json.loads(path.read_text(encoding="utf-8"))
        texts = [f"{int(entry['x'])},{int(entry['y'])},{entry['color']}" for entry in entries]
    except (OSError, ValueError, KeyError, TypeError, OverflowError, RecursionError) as error:
        raise InputError(f'{path}: not a list of {{"x": 10, "y": 20, "color": "#cc2200"}} ({error})') from error
    return [hint for text in texts for hint in parse(text)]


def _from_scribbles(path: Path | os.PathLike) -> list[Hint]:
    picture = images.read(path)
    if picture.alpha is None:
        raise InputError(f"{path}: a scribble picture needs transparency, so that its colored pixels stand out")
    rgb, alpha = images.to_bytes(picture.rgb), images.to_bytes(picture.alpha)
    ys, xs = np.nonzero(alpha > 127)
    if not len(ys):
        raise InputError(f"{path}: every pixel of this scribble picture is transparent")
    return [Hint(int(x), int(y), tuple(int(v) for v in rgb[y, x])) for y, x in zip(ys, xs, strict=True)]
