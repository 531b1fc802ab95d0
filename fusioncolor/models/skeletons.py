"""Exported networks without their weights, which lie beside them in the weights folder.

A skeleton is a file that a runtime reads, such as an ONNX model, with holes where the weights were: a few kilobytes
instead of a hundred megabytes. Each hole says from which bytes of the weights files it is filled, in which layout, and
by which batch normalization its kernel is multiplied. Filling needs NumPy alone, neither Keras nor HDF5.

A skeleton lies in the folder of a saved colorizer as `network.<format>.zip`; `colorizer.json` has its SHA-256.
"""

import io
import json
import os
import re
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from fusioncolor import files
from fusioncolor.errors import InputError

_CONTENTS = "holes.json"
_LAYOUTS = {  # of constants in exported files, as the order of a Keras array's axes
    1: ((0,),),
    2: ((0, 1), (1, 0)),
    4: ((0, 1, 2, 3), (3, 2, 0, 1), (3, 0, 1, 2)),
}
_SMALLEST = 256  # bytes; smaller constants stay in the skeleton
_PROBE = 64  # bytes of a constant that are searched for before it is compared whole
_ZIPPED = zipfile.ZIP_DEFLATED
_DATE = (1980, 1, 1, 0, 0, 0)  # of the files in the archive, so that equal skeletons are equal files


@dataclass(frozen=True)
class Stored:
    """An array in a weights file, found by its place.

    Attributes:
        file: index among the weights files of the colorizer.
        start: first byte.
        dtype: "float16" or "float32".
        shape: its shape.
    """

    file: int
    start: int
    dtype: str
    shape: tuple[int, ...]


@dataclass(frozen=True)
class Normalization:
    """Batch normalization after a convolution, which is folded into kernel and bias.

    Attributes:
        beta: offset.
        mean: moving mean.
        variance: moving variance.
        gamma: factor; None if it has none.
        epsilon: added to the variance.
    """

    beta: Stored
    mean: Stored
    variance: Stored
    gamma: Stored | None
    epsilon: float


@dataclass(frozen=True)
class Constant:
    """A constant of the network: an array as it is stored, a folded kernel, or the bias that folding gives.

    Attributes:
        array: the stored array; None for a bias.
        normalization: what is folded into it; None for an array as it is stored.
    """

    array: Stored | None
    normalization: Normalization | None = None

    @property
    def bytes(self) -> int:
        """Size of the constant, float32."""
        return 4 * int(np.prod((self.array or self.normalization.beta).shape))

    def values(self, sources: Sequence[np.ndarray]) -> np.ndarray:
        """Computes the constant, float32, from the bytes of the weights files."""
        norm = self.normalization
        if norm is None:
            return _array(self.array, sources)
        scale = np.float32(1) / np.sqrt(_array(norm.variance, sources) + np.float32(norm.epsilon))
        if norm.gamma is not None:
            scale = scale * _array(norm.gamma, sources)
        if self.array is None:
            return _array(norm.beta, sources) - _array(norm.mean, sources) * scale
        return _array(self.array, sources) * scale


def _array(stored: Stored, sources: Sequence[np.ndarray]) -> np.ndarray:
    size = int(np.prod(stored.shape)) * np.dtype(stored.dtype).itemsize
    content = sources[stored.file][stored.start : stored.start + size]
    return content.view(stored.dtype).reshape(stored.shape).astype(np.float32)


@dataclass(frozen=True)
class Hole:
    """A place in a file that a constant fills.

    Attributes:
        start: first byte in the complete file.
        axes: order of the constant's axes there.
        constant: what fills it.
    """

    start: int
    axes: tuple[int, ...]
    constant: Constant


@dataclass(frozen=True)
class Skeleton:
    """A file with holes.

    Attributes:
        size: bytes of the complete file.
        rest: the bytes between the holes.
        holes: in order.
    """

    size: int
    rest: bytes
    holes: tuple[Hole, ...]

    def filled(self, sources: Sequence[np.ndarray]) -> io.BytesIO:
        """Returns the complete file, in memory that runtimes can use without a copy.

        Args:
            sources: bytes of the weights files.
        """
        file = io.BytesIO(bytes(self.size))
        with file.getbuffer() as complete:
            self._fill(np.frombuffer(complete, np.uint8), sources)
        return file

    def _fill(self, complete: np.ndarray, sources: Sequence[np.ndarray]) -> None:
        rest, taken, position = np.frombuffer(self.rest, np.uint8), 0, 0
        for hole in self.holes:
            gap = hole.start - position
            complete[position : hole.start] = rest[taken : taken + gap]
            position, taken = hole.start + hole.constant.bytes, taken + gap
        complete[position:] = rest[taken:]

        def fill(hole: Hole) -> None:
            values = np.ascontiguousarray(hole.constant.values(sources).transpose(hole.axes))
            complete[hole.start : hole.start + values.nbytes] = values.view(np.uint8).ravel()

        with ThreadPoolExecutor(os.cpu_count()) as pool:
            list(pool.map(fill, self.holes))


def split(content: bytes, constants: Iterable[tuple[Constant, np.ndarray]]) -> Skeleton:
    """Takes the weights out of an exported file.

    Args:
        content: the file.
        constants: the network's constants with their values.
    """
    found: dict[int, tuple[Hole, int]] = {}
    for constant, values in constants:
        for axes in _LAYOUTS.get(values.ndim, ()) if values.nbytes >= _SMALLEST else ():
            wanted = np.ascontiguousarray(values.transpose(axes)).tobytes()
            start = content.find(wanted[:_PROBE])
            while start >= 0:
                if content[start : start + len(wanted)] == wanted:
                    found.setdefault(start, (Hole(start, axes, constant), len(wanted)))
                start = content.find(wanted[:_PROBE], start + 1)
    holes, rest, position = [], [], 0
    for start, (hole, length) in sorted(found.items()):
        if start >= position:
            rest.append(content[position:start])
            holes.append(hole)
            position = start + length
    return Skeleton(len(content), b"".join([*rest, content[position:]]), tuple(holes))


def path_in(folder: Path, kind: str) -> Path:
    """Returns the path of the skeleton of a format in the folder of a saved colorizer.

    Raises:
        ValueError: the format is not a word, so that no other file can be named by it.
    """
    if not re.fullmatch("[a-z]{1,20}", kind):
        raise ValueError(f"expected a format. Received: {kind!r:.80}")
    return folder / f"network.{kind}.zip"


def write(path: Path, skeletons: Mapping[str, Skeleton]) -> None:
    """Writes skeletons by name of their files to an archive."""
    entries = {
        name: {"size": one.size, "holes": [asdict(hole) for hole in one.holes]} for name, one in skeletons.items()
    }
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as packed:
        packed.writestr(zipfile.ZipInfo(_CONTENTS, _DATE), json.dumps(entries, separators=(",", ":")), _ZIPPED)
        for name, one in skeletons.items():
            packed.writestr(zipfile.ZipInfo(name, _DATE), one.rest, _ZIPPED)
    files.write_bytes(path, archive.getvalue())


def read(path: Path) -> dict[str, Skeleton]:
    """Reads the skeletons in an archive, by name of their files.

    Raises:
        InputError: the archive is damaged.
    """
    try:
        with zipfile.ZipFile(path) as packed:
            entries = json.loads(packed.read(_CONTENTS))
            return {
                name: Skeleton(entry["size"], packed.read(name), tuple(map(_hole, entry["holes"])))
                for name, entry in entries.items()
            }
    except (OSError, ValueError, KeyError, TypeError, zipfile.BadZipFile, EOFError) as error:
        raise InputError(f"{path}: damaged; get the folder again") from error


def _hole(entry: dict) -> Hole:
    constant, norm = entry["constant"], entry["constant"]["normalization"]
    if norm:
        parts = {name: _stored(norm[name]) for name in ("beta", "mean", "variance", "gamma")}
        norm = Normalization(**parts, epsilon=norm["epsilon"])
    return Hole(entry["start"], tuple(entry["axes"]), Constant(_stored(constant["array"]), norm))


def _stored(entry: dict | None) -> Stored | None:
    return entry and Stored(entry["file"], entry["start"], entry["dtype"], tuple(entry["shape"]))


def sources(paths: Iterable[Path]) -> list[np.ndarray]:
    """Reads the bytes of weights files."""
    return [np.fromfile(path, np.uint8) for path in paths]
