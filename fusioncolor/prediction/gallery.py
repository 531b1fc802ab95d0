"""Finished results -> one page to look through them, and contact sheets; no network is needed."""

import html
import json
import os
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from fusioncolor import color, files, images, pages
from fusioncolor.compose import gray_picture
from fusioncolor.config.compare import CompareConfig
from fusioncolor.config.fields import config_of
from fusioncolor.errors import InputError
from fusioncolor.prediction import manifest
from fusioncolor.prediction.captions import captions
from fusioncolor.prediction.summary import counted
from fusioncolor.runtime.reporting import SILENT, Reporter
from fusioncolor.runtime.workers import default_workers

PAGE = "index.html"
_SHEET_ROWS, _SHEET_PAIRS, _SHEET_PIXELS = 8, 3, 320
_CAPTION = 30  # most characters of a name on a sheet


@dataclass(frozen=True)
class Comparison:
    """What was written.

    Attributes:
        page: the page.
        sheets: the contact sheets.
        photographs: number of photographs.
        problems: sentences on results that cannot be read.
    """

    page: Path
    sheets: list[Path]
    photographs: int
    problems: list[str]


@dataclass(frozen=True)
class _Photograph:
    """A photograph with its results, by index of the folder, and the network's doubt, the largest of all folders."""

    name: str
    results: dict[int, Path]
    doubt: float | None


@dataclass(frozen=True)
class _Shown:
    """A photograph on the page: gray and colored pictures, the latter by index of the folder, and how they differ."""

    photograph: _Photograph
    gray: np.ndarray
    colored: dict[int, np.ndarray]
    difference: float | None


def compare(
    folders: str | os.PathLike | Sequence[str | os.PathLike] | CompareConfig,
    *,
    reporter: Reporter = SILENT,
    **options,
) -> Comparison:
    """Writes a page with the results in one or more folders of `colorize_folder`, those most worth a look first.

    Worth a look is a photograph whose colors the network doubted. Where it tells no doubt, as a regression does not,
    and there are several folders, it is one whose results differ.

    Args:
        folders: of results, one or several; or a `CompareConfig`, without further options.
        reporter: receives progress.
        **options: fields of `CompareConfig`, by name; paths may be strings.

    Raises:
        InputError: a folder holds no results, or the page cannot be written.
        TypeError: there is no option of that name.
    """
    config = config_of(CompareConfig, "folders", folders, options)
    files.check_writable(config.output)
    found = _collected(config.folders)
    ordered = sorted(found, key=lambda one: -1 if one.doubt is None else one.doubt, reverse=True)
    sheets, entries, problems = _Sheets(config), [], []
    for item in reporter.track(_read(ordered, config.size), "reading", len(ordered)):
        if isinstance(item, InputError):
            problems.append(str(item))
            continue
        if len(entries) < config.limit:
            entries.append(_entry(item))
        sheets.add(item)
    sheets.finish()
    page = config.output / PAGE
    with files.replacing(page) as temporary:
        files.write_text(temporary, _page(config, entries, len(found)))
    return Comparison(page, sheets.written, len(found), problems)


def _collected(folders: Sequence[Path]) -> list[_Photograph]:
    """Lists the photographs of all folders, with their results that exist."""
    results: dict[str, dict[int, Path]] = {}
    doubts: dict[str, list[float]] = {}
    for index, folder in enumerate(folders):
        entries = manifest.entries(folder)
        if not entries:
            raise InputError(f"no colorized photographs in {folder}: name a folder that predict.py has written to")
        for name, entry in sorted(entries.items()):
            if (folder / name).is_file():
                source = str(entry.get("source", name))
                results.setdefault(source, {})[index] = folder / name
                doubt = entry.get("facts", {}).get("doubt")
                doubts.setdefault(source, []).extend([doubt] if isinstance(doubt, int | float) else [])
    names = captions(results)
    return [_Photograph(names[key], paths, max(doubts[key], default=None)) for key, paths in results.items()]


def _read(photographs: Sequence[_Photograph], longest: int) -> Iterator[_Shown | InputError]:
    """Reads and shrinks the results, a few at a time."""
    ahead = 4 * default_workers()
    with ThreadPoolExecutor(default_workers()) as pool:
        for start in range(0, len(photographs), ahead):
            yield from pool.map(lambda one: _shown(one, longest), photographs[start : start + ahead])


def _shown(photograph: _Photograph, longest: int) -> _Shown | InputError:
    """Reads the results of a photograph; their lightness is the photograph's, so that gray needs no other file."""
    try:
        pictures = {
            index: images.shrink(images.to_bytes(images.read(path).rgb), longest)
            for index, path in photograph.results.items()
        }
    except InputError as error:
        return error
    gray = gray_picture(color.rgb_to_lightness(next(iter(pictures.values()))))
    return _Shown(photograph, gray, pictures, _difference(list(pictures.values())))


def _difference(pictures: Sequence[np.ndarray]) -> float | None:
    """Returns the root mean square distance of ab from the mean of all pictures; None if there is one only."""
    if len(pictures) < 2 or len({picture.shape for picture in pictures}) > 1:
        return None
    ab = np.stack([color.rgb_to_lab(picture)[..., 1:] for picture in pictures])
    return float(np.sqrt(((ab - ab.mean(axis=0)) ** 2).sum(axis=-1).mean()))


def _entry(item: _Shown) -> dict[str, object]:
    """Returns a photograph as the page's script takes it."""
    return {
        "name": pages.shown(item.photograph.name),
        "gray": pages.data_uri(pages.jpeg(item.gray)),
        "colored": {str(index): pages.data_uri(pages.jpeg(picture)) for index, picture in item.colored.items()},
        "doubt": item.photograph.doubt,
        "difference": item.difference,
    }


def _page(config: CompareConfig, entries: list[dict[str, object]], count: int) -> str:
    names = [pages.shown(str(folder)) for folder in config.folders]
    left_out = f", of which the {len(entries)} most worth a look are here" if len(entries) < count else ""
    data = {"folders": names, "photographs": entries}
    parts = {
        "title": html.escape(f"{counted(count)} of {', '.join(names)}"),
        "summary": html.escape(f"{counted(count)}{left_out}."),
        "data": json.dumps(data).replace("<", "\\u003c"),
    }
    return pages.filled("fusioncolor.prediction", "gallery.html", pages.viewer() | parts)


class _Sheets:
    """Contact sheets, written as they fill up; those of an earlier run that are left over are removed.

    Attributes:
        written: the files.
    """

    def __init__(self, config: CompareConfig) -> None:
        self.written: list[Path] = []
        self._folder, self._wanted = config.output, config.sheets
        self._cells: list[tuple[str, np.ndarray, np.ndarray]] = []

    def add(self, item: _Shown) -> None:
        """Adds a photograph, with its result of the first folder that has one."""
        if not self._wanted:
            return
        name, doubt = pages.shown(item.photograph.name), item.photograph.doubt
        name = name if len(name) <= _CAPTION else f"...{name[3 - _CAPTION :]}"
        caption = name if doubt is None else f"{name} (doubt {doubt:.0f})"
        colored = next(iter(item.colored.values()))
        self._cells.append((caption, *(images.shrink(one, _SHEET_PIXELS) for one in (item.gray, colored))))
        if len(self._cells) == _SHEET_ROWS * _SHEET_PAIRS:
            self._write()

    def finish(self) -> None:
        """Writes the last sheet, and removes sheets of an earlier, longer run."""
        if self._cells:
            self._write()
        for path in self._folder.glob("sheet-*.png"):
            if self._wanted and path not in self.written:
                files.remove(path)

    def _write(self) -> None:
        from fusioncolor import plotting  # Matplotlib takes a second

        pairs = min(_SHEET_PAIRS, len(self._cells))
        rows = [self._cells[start : start + pairs] for start in range(0, len(self._cells), pairs)]
        pictures = [[picture for _, *two in row for picture in two] for row in rows]
        captions = [[text for caption, *_ in row for text in (caption, "")] for row in rows]
        pictures[-1] += [None] * (2 * pairs - len(pictures[-1]))
        captions[-1] += [""] * (2 * pairs - len(captions[-1]))
        path = self._folder / f"sheet-{len(self.written) + 1:03}.png"
        with files.replacing(path) as temporary:
            plotting.grid(pictures, ["before", "after"] * pairs, captions).savefig(temporary)
        self.written.append(path)
        self._cells = []
