"""Rows of pictures -> pages *grayscale / actual / predicted* to look at."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from fusioncolor import files, images, metrics, plotting

_ROWS_PER_PAGE = 8
_CAPTION = 36  # letters under a picture
_CELL_PIXELS = 512  # longest side of a picture


@dataclass(frozen=True)
class Row:
    """One row of a grid: a name, small pictures (actual may be None), and the dB of each predicted one and of gray."""

    name: str
    gray: np.ndarray
    actual: np.ndarray | None
    predicted: list[np.ndarray]
    psnr: list[float | None]
    gray_psnr: float | None

    @classmethod
    def of(cls, name: str, gray: np.ndarray, actual: np.ndarray | None, predicted: Sequence[np.ndarray]) -> "Row":
        """Measures and shrinks pictures `(H, W, 3)` `uint8`; an `actual` of another size is shown, not measured."""
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
    """Writes rows to numbered pages as they come; memory holds one page."""

    def __init__(self, folder: Path, titles: Sequence[str]) -> None:
        """Takes the folder of the pages, and a title for each predicted picture of a row."""
        self.folder = folder
        self.titles = list(titles)
        self.written = 0
        self._rows: list[Row] = []

    def add(self, row: Row) -> None:
        """Takes a row, and writes the page that it fills."""
        self._rows.append(row)
        if len(self._rows) == _ROWS_PER_PAGE:
            self.finish()

    def finish(self) -> None:
        """Writes the rows that are left."""
        if self._rows:
            self.written += 1
            self._write(self._rows)
            self._rows = []

    def remove_older(self) -> None:
        """Removes what an earlier, longer grid left behind the last page."""
        for path in self.folder.glob("page-*.png"):
            number = path.stem.removeprefix("page-")
            if number.isdecimal() and int(number) > self.written:
                files.remove(path)

    def _write(self, rows: Sequence[Row]) -> None:
        """Writes a page; its actual column is left out where no row has one."""
        with_actual = any(row.actual is not None for row in rows)
        titles = ["grayscale", *(["actual"] if with_actual else []), *self.titles]
        pictures, captions = [], []
        for row in rows:
            against = "" if row.gray_psnr is None else f" (gray {row.gray_psnr:.1f})"
            decibels = ["" if psnr is None else f"{psnr:.1f} dB{against}" for psnr in row.psnr]
            pictures.append([row.gray, *([row.actual] if with_actual else []), *row.predicted])
            captions.append([_shortened(row.name), *([""] if with_actual else []), *decibels])
        with files.replacing(self.folder / f"page-{self.written:03}.png") as temporary:
            plotting.grid(pictures, titles, captions).savefig(temporary)


def _thumbnail(rgb: np.ndarray) -> np.ndarray:
    return images.shrink(rgb, _CELL_PIXELS)


def _shortened(name: str) -> str:
    name = name.encode("utf-8", "backslashreplace").decode()  # a file name may be any bytes
    return name if len(name) <= _CAPTION else f"{name[: _CAPTION // 2]}...{name[-_CAPTION // 2 + 3 :]}"
