"""Color hints: colors that a user gives to a few points of a photograph."""

import json
import os
import re
from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches
from numbers import Integral
from pathlib import Path

import numpy as np

from fusioncolor import color, images
from fusioncolor.errors import InputError

JSON = ".hint.json"  # end of the names of files of hints
_HEX = re.compile(r"#[0-9a-fA-F]{6}")
_HINT = re.compile(r"\s*(-?\d+)\s*,\s*(-?\d+)\s*,\s*(#[0-9a-fA-F]{6}|[A-Za-z][A-Za-z /']*?)\s*")


@dataclass(frozen=True)
class Hint:
    """Color of a pixel.

    Attributes:
        x: column, from 0 at the left.
        y: row, from 0 at the top.
        rgb: sRGB, three values from 0 to 255; may be given as "#rrggbb" or by name.

    Raises:
        InputError: the color is none.
    """

    x: int
    y: int
    rgb: tuple[int, int, int]

    def __post_init__(self) -> None:
        """Looks up the name of a color, and checks the values."""
        if isinstance(self.rgb, str):
            object.__setattr__(self, "rgb", _rgb_of(self.rgb))
        if len(self.rgb) != 3 or not all(isinstance(value, Integral) and 0 <= value <= 255 for value in self.rgb):
            raise InputError(
                f"the color of a hint is three whole numbers from 0 to 255, or a name. Received: {self.rgb}"
            )

    def __str__(self) -> str:
        """Returns the hint as `parse` reads it: "x,y,#rrggbb"."""
        return f"{self.x},{self.y},#{bytes(self.rgb).hex()}"


Given = Hint | str | os.PathLike  # a hint, or text or a file of hints


def beside(photograph: Path) -> tuple[Path, ...]:
    """Lists the files of hints beside a photograph: for `a.jpg`, `a.hint.json` and `a.scribble.png`, if they exist."""
    names = names_beside(photograph.stem)
    return tuple(path for path in (photograph.with_name(name) for name in names) if _is_file(path))


def names_beside(stem: str) -> tuple[str, ...]:
    """Returns the names that files of hints beside a photograph have, from the photograph's name without its suffix."""
    return f"{stem}{JSON}", f"{stem}{images.SCRIBBLES}"


def _is_file(path: Path) -> bool:
    """Returns whether there is a file; not so if the name is too long for one."""
    try:
        return path.is_file()
    except OSError:
        return False


def parse_all(given: Given | Iterable[Given]) -> list[Hint]:
    """Reads hints, texts and files of hints, one or several, in their order; see `parse`.

    Raises:
        InputError: a text or a file holds no hint.
        TypeError: something is neither a hint nor a text.
    """
    several = [given] if isinstance(given, Given) else given
    return [hint for one in several for hint in ([one] if isinstance(one, Hint) else parse(_text_of(one)))]


def _text_of(given: str | os.PathLike) -> str:
    if not isinstance(given, str | os.PathLike):
        raise TypeError(f'expected a Hint, or text such as "120,80,terracotta". Received: {given!r}')
    return os.fspath(given)


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
    if _HEX.fullmatch(color_name):
        return tuple(bytes.fromhex(color_name[1:]))
    from matplotlib.colors import CSS4_COLORS, XKCD_COLORS

    name = color_name.lower()
    known = CSS4_COLORS.get(name.replace(" ", "")) or XKCD_COLORS.get(f"xkcd:{name}")
    if known:
        return tuple(bytes.fromhex(known[1:]))
    names = [*CSS4_COLORS, *(one.removeprefix("xkcd:") for one in XKCD_COLORS)]
    near = get_close_matches(name, names, n=1)
    hint = f"did you mean {near[0]!r}?" if near else "give it as #rrggbb"
    raise InputError(f"no color {color_name!r}; {hint}")


def apply(
    lightness: np.ndarray, ab: np.ndarray, confidence: np.ndarray | None = None, *, hints: list[Hint]
) -> np.ndarray:
    """Corrects predicted chroma by hints, as a refinement does; see `fusioncolor.hints.spreading`.

    Args:
        lightness: `(H, W, 1)`, 0..100, at full size.
        ab: `(H, W, 2)` Lab units.
        confidence: unused, for the signature of refinements.
        hints: colors at pixels of the full size.

    Returns:
        ab `(H, W, 2)`: nearly the hinted color where the picture is like it is at the hint, the given chroma elsewhere.

    Raises:
        InputError: a hint lies outside the photograph.
    """
    check(hints, lightness.shape[:2])
    from fusioncolor.hints import spreading  # SciPy and scikit-image take a second

    points = np.array([(hint.y, hint.x) for hint in hints])
    colors = color.rgb_to_lab(np.array([hint.rgb for hint in hints], np.uint8))[:, 1:]
    return spreading.carry(lightness, ab, points, colors)


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
