"""The folder of a saved colorizer: finding it, and checking it before use.

It holds `colorizer.json` (description and SHA-256 of the weights), `network.weights.h5` and a model card.
"""

import dataclasses
import json
import os
import re
import warnings
from difflib import get_close_matches
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from fusioncolor import files
from fusioncolor.errors import InputError
from fusioncolor.models import presets, skeletons
from fusioncolor.models.description import CARD_FILE, CONFIG_FILE, WEIGHTS_FILE, Description, Weights
from fusioncolor.runtime.reporting import SILENT, Reporter

if TYPE_CHECKING:
    import h5py
    import keras

_LARGEST_CONFIG = 1 << 20  # bytes


def is_colorizer(folder: str | os.PathLike) -> bool:
    """Returns whether `find_folder` would find a saved colorizer."""
    return presets.find(folder) is not None or any((place / CONFIG_FILE).is_file() for place in _places(folder))


def find_folder(folder: str | os.PathLike, reporter: Reporter = SILENT) -> Path:
    """Finds the folder of a saved colorizer: as given, by name of a preset, or by name among the included weights.

    Args:
        folder: path of the folder, or name of a preset, whose weights are downloaded if need be.
        reporter: receives the progress of a download.

    Raises:
        InputError: there is no saved colorizer in these places, or a download fails.
    """
    if presets.find(folder) is not None and not (Path(folder) / CONFIG_FILE).is_file():
        return presets.fetch(os.fspath(folder), reporter)
    for candidate in _places(folder):
        if (candidate / CONFIG_FILE).is_file():
            return candidate
    if Path(folder).exists():
        from fusioncolor.run_folder import BEST, LAST

        inside = next(
            (Path(folder) / name for name in (BEST, LAST) if (Path(folder) / name / CONFIG_FILE).is_file()), None
        )
        hint = f"; did you mean {inside}?" if inside else ""
        raise InputError(f"{folder}: not a saved colorizer, it has no {CONFIG_FILE}{hint}")
    shipped = sorted(path.parent.name for path in presets.included().glob(f"*/{CONFIG_FILE}"))
    names = [*presets.all_presets(), *shipped]
    near = get_close_matches(Path(folder).name, names, n=1)
    hint = f"did you mean {near[0]}?" if near else f"available: {', '.join(names)}"
    raise InputError(f"no preset and no weights folder {folder}; {hint}")


def _places(folder: str | os.PathLike) -> tuple[Path, ...]:
    return Path(folder), presets.included().parent / folder, presets.included() / folder


def title_of(folder: str | os.PathLike) -> str:
    """Returns a short title of a saved colorizer: the folder's name, preceded by the run's for `best` and `last`."""
    from fusioncolor.run_folder import BEST, LAST

    path = Path(folder)
    return f"{path.parent.name}/{path.name}" if path.name in (BEST, LAST) else path.name


def read_description(folder: Path) -> Description:
    """Reads `colorizer.json` and checks the weights file against its SHA-256.

    Raises:
        InputError: a file is missing or damaged, or has an unsupported format.
    """
    path = folder / CONFIG_FILE
    try:
        if path.stat().st_size > _LARGEST_CONFIG:
            raise ValueError("far too large")
        description = Description.from_json(json.loads(path.read_text(encoding="utf-8")))
        weights = description.weights
        digests = {folder / WEIGHTS_FILE: weights.sha256}
        if weights.extractor:
            digests[find_extractor(folder.absolute().parent, weights.extractor)] = weights.extractor
        networks = {kind: digest for kind, digest in description.networks.items() if _has(folder, kind)}
        description = dataclasses.replace(description, networks=networks)
        digests |= {skeletons.path_in(folder, kind): digest for kind, digest in networks.items()}
    except InputError as error:
        raise InputError(f"{path}: {error}; get the folder again") from error
    except (OSError, ValueError, AttributeError, RecursionError) as error:
        reason = " ".join(f"{type(error).__name__}: {error}".split())[:200]
        raise InputError(f"{path}: damaged ({reason}); get the folder again") from error
    for path, digest in digests.items():
        what = "the folder" if path.parent == folder else f"the folder {path.parent}, with this file,"
        if not path.is_file():
            raise InputError(f"{path}: missing; get {what} again")
        if _sha256(path.absolute(), files.stamp(path)) != digest:
            raise InputError(f"{path}: damaged (its SHA-256 is not the one in {CONFIG_FILE}); get {what} again")
    return description


@lru_cache(maxsize=64)
def _sha256(path: Path, stamp: str) -> str:
    """Returns the SHA-256 of a file; one with the same size and time of change is read once only."""
    return files.sha256(path)


def _has(folder: Path, kind: str) -> bool:
    """Returns whether a network is there, which another runtime can replace; one that is damaged is not left out."""
    return skeletons.path_in(folder, kind).is_file()


def weights_files(folder: Path, weights: Weights) -> list[Path]:
    """Returns the files that hold the weights of a saved colorizer."""
    shared = [find_extractor(folder.absolute().parent, weights.extractor)] if weights.extractor else []
    return [folder / WEIGHTS_FILE, *shared]


def shared_extractor(parent: Path, digest: str) -> Path:
    """Returns the file with the extractor's weights that the colorizers in a folder share.

    Raises:
        ValueError: the digest is none, so that no other file can be named by it.
    """
    if not re.fullmatch("[0-9a-f]{64}", digest):
        raise ValueError(f"expected a SHA-256. Received: {digest!r:.80}")
    return parent / f"inception_v3-{digest[:16]}.weights.h5"


def find_extractor(parent: Path, digest: str) -> Path:
    """Finds the file with an extractor's weights: beside the colorizer, or among included or downloaded weights.

    Returns:
        Its path; the one beside the colorizer if it is in none of these places.

    Raises:
        ValueError: the digest is none.
    """
    beside = shared_extractor(parent, digest)
    if beside.is_file():
        return beside
    places = [shared_extractor(place, digest) for place in (presets.included(), presets.cache())]
    return next((place for place in places if place.is_file()), beside)


def read_card(folder: Path) -> str:
    """Returns the text of the model card, empty if there is none."""
    return (folder / CARD_FILE).read_text(encoding="utf-8") if (folder / CARD_FILE).is_file() else ""


def narrow(wide: Path, path: Path, dtype: str, *, names: bool = True) -> None:
    """Copies the weights in an HDF5 file, converting float32 arrays to `dtype` unless a value would overflow.

    The optimizer's state in the file of a compiled model, twice the size of the weights, is left out.

    Args:
        wide: file to read.
        path: file to write.
        dtype: "float16" or "float32".
        names: keep the names of layers, which loading ignores; Keras numbers them in the order of their creation, so
            that files of the same weights differ.
    """
    import h5py

    with h5py.File(wide) as source, h5py.File(path, "w") as target:
        target.attrs.update(source.attrs)
        for name in sorted(source.keys() - {"optimizer"}):
            _copy(source[name], target, name, dtype, names)
    files.sync(path)


def _copy(item: "h5py.Group | h5py.Dataset", parent: "h5py.Group", name: str, dtype: str, names: bool) -> None:
    if hasattr(item, "keys"):
        copy = parent.create_group(name)
        for inner in item:
            _copy(item[inner], copy, inner, dtype, names)
    else:
        values = item[()]
        if item.dtype == np.float32 and np.all(np.abs(values) <= np.finfo(dtype).max):
            values = values.astype(dtype)
        copy = parent.create_dataset(name, data=values)
    copy.attrs.update({key: value for key, value in item.attrs.items() if names or key != "name"})


def load_weights(network: "keras.Model", path: Path) -> None:
    """Loads a `.weights.h5` file, or fails where Keras would only warn and leave layers at random weights.

    Raises:
        InputError: the weights do not fit the network.
    """
    try:
        with warnings.catch_warnings():  # which holds for all threads, so only for what Keras says
            warnings.filterwarnings("error", category=UserWarning, module=r"keras\.")
            network.load_weights(path)
    except (ValueError, OSError, KeyError, Warning) as error:
        reason = " ".join(str(error).split())[:200]
        raise InputError(f"{path}: these weights do not fit the model ({reason})") from error
