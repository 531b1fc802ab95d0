"""Rows of pictures -> pages with the columns *grayscale / actual / predicted*."""

import itertools
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

from fusioncolor import files, images

_KEY = "Rows"  # name of a page's text that tells what it shows
_ROWS_PER_PAGE = 8
_CAPTION = 36  # most characters in a caption
_CELL_PIXELS = 512  # longer side of a picture


@dataclass(frozen=True)
class Row:
    """One row of a grid.

    Attributes:
        name: name of the photograph.
        gray: small grayscale picture, `(h, w, 3)` `uint8`.
        actual: small true picture; None if it is not known.
        predicted: small predicted pictures.
        psnr: PSNR in dB of each predicted picture; None without a true picture of the same size.
        gray_psnr: PSNR in dB of the grayscale picture, or None.
    """

    name: str
    gray: np.ndarray
    actual: np.ndarray | None
    predicted: list[np.ndarray]
    psnr: list[float | None]
    gray_psnr: float | None

    @classmethod
    def of(cls, name: str, gray: np.ndarray, actual: np.ndarray | None, predicted: Sequence[np.ndarray]) -> "Row":
        """Measures and shrinks pictures `(H, W, 3)` `uint8`; an `actual` of another size is shown but not compared."""
        from fusioncolor import metrics

        comparable = actual is not None and actual.shape == gray.shape
        return cls(
            name=name,
            gray=_thumbnail(gray),
            actual=None if actual is None else _thumbnail(actual),
            predicted=[_thumbnail(picture) for picture in predicted],
            psnr=[metrics.psnr(picture, actual) if comparable else None for picture in predicted],
            gray_psnr=metrics.psnr(gray, actual) if comparable else None,
        )


class Pages:
    """Writes rows to numbered pages as they arrive; only one page is in memory.

    Attributes:
        folder: folder of the pages.
        titles: heading of each predicted picture in a row.
        key: text in each page that tells what the pages show.
        written: number of pages written.
    """

    def __init__(self, folder: Path, titles: Sequence[str], key: str = "") -> None:
        """Starts with no pages.

        Args:
            folder: receives the pages.
            titles: heading of each predicted picture in a row.
            key: text that names the rows and everything that determines them, apart from what is in their files.
        """
        self.folder = folder
        self.titles = list(titles)
        self.key = key
        self.written = 0
        self._rows: list[Row] = []

    def add(self, row: Row) -> None:
        """Adds a row, and writes the page once it is full."""
        self._rows.append(row)
        if len(self._rows) == _ROWS_PER_PAGE:
            self.finish()

    def finish(self) -> None:
        """Writes the remaining rows, if any."""
        if self._rows:
            self.written += 1
            self._write(self._rows)
            self._rows = []

    def left_by_earlier_run(self, shown: Sequence[Iterable[Path]]) -> int:
        """Returns the number of pages in the folder if an earlier run has left exactly those of this one, or else 0.

        Args:
            shown: for each row, the files that it shows; none may be newer than its page.
        """
        starts = range(0, len(shown), _ROWS_PER_PAGE)
        pages = [(self._page(number), shown[start : start + _ROWS_PER_PAGE]) for number, start in enumerate(starts, 1)]
        return len(pages) if all(self._shows(page, itertools.chain(*rows)) for page, rows in pages) else 0

    def remove_older(self) -> None:
        """Removes pages after the last one, left by an earlier, longer grid."""
        for path in self.folder.glob("page-*.png"):
            number = path.stem.removeprefix("page-")
            if number.isdecimal() and int(number) > self.written:
                files.remove(path)

    def _write(self, rows: Sequence[Row]) -> None:
        """Writes a page, without the actual column if no row has a true picture."""
        from fusioncolor import plotting  # Matplotlib takes a second

        with_actual = any(row.actual is not None for row in rows)
        titles = ["grayscale", *(["actual"] if with_actual else []), *self.titles]
        pictures, captions = [], []
        for row in rows:
            against = "" if row.gray_psnr is None else f" (gray {row.gray_psnr:.1f})"
            decibels = ["" if psnr is None else f"{psnr:.1f} dB{against}" for psnr in row.psnr]
            pictures.append([row.gray, *([row.actual] if with_actual else []), *row.predicted])
            captions.append([_shortened(row.name), *([""] if with_actual else []), *decibels])
        with files.replacing(self._page(self.written)) as temporary:
            plotting.grid(pictures, titles, captions).savefig(temporary, metadata={_KEY: self.key})

    def _page(self, number: int) -> Path:
        return self.folder / f"page-{number:03}.png"

    def _shows(self, page: Path, shown: Iterable[Path]) -> bool:
        try:
            drawn = page.stat().st_mtime_ns
            with Image.open(page) as picture:
                return picture.info.get(_KEY) == self.key and all(path.stat().st_mtime_ns <= drawn for path in shown)
        except OSError:  # a file is missing or damaged
            return False


def _thumbnail(rgb: np.ndarray) -> np.ndarray:
    return images.shrink(rgb, _CELL_PIXELS)


def _shortened(name: str) -> str:
    name = name.encode("utf-8", "backslashreplace").decode()  # a file name may be any bytes
    return name if len(name) <= _CAPTION else f"{name[: _CAPTION // 2]}...{name[-_CAPTION // 2 + 3 :]}"
