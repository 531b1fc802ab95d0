"""Presets: names for weights with a way to use them, included in the package, downloaded, or still to be downloaded.

Downloads go to the user's cache folder, and the list of presets that the user has added lies in the folder for
settings; the variable `FUSIONCOLOR_HOME` names one folder for both. InceptionV3, which most weights need, is stored
once and found by its digest, so that a preset costs only what is new in it.
"""

import json
import os
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from urllib.parse import urljoin

from fusioncolor import files
from fusioncolor.config.choices import ENGINES
from fusioncolor.errors import InputError
from fusioncolor.models.description import CARD_FILE, CONFIG_FILE, WEIGHTS_FILE
from fusioncolor.registries import Registry
from fusioncolor.runtime.reporting import SILENT, Reporter

HOME = "FUSIONCOLOR_HOME"
_ADDED = "presets.json"
_FILES = (CONFIG_FILE, WEIGHTS_FILE, CARD_FILE, *(f"network.{kind}.zip" for kind in ENGINES))
_PACKAGE = Path(__file__).parents[1]
_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}")
_DIGEST = re.compile(r"[0-9a-f]{64}")
_LARGEST = 4 << 30  # bytes


@dataclass(frozen=True)
class Archive:
    """A ZIP file to download, with the files of a saved colorizer.

    Attributes:
        url: address, http or https.
        sha256: its digest.
        size: number of bytes.
    """

    url: str
    sha256: str
    size: int


@dataclass(frozen=True)
class Preset:
    """Weights, and how to use them.

    Attributes:
        summary: description in one line.
        folder: name of the folder with the weights, below `weights/` or the cache folder.
        vividness: factor on the vividness that is chosen at prediction.
        archive: where the weights come from; None if they are included.
    """

    summary: str
    folder: str
    vividness: float = 1.0
    archive: Archive | None = None


PRESETS = Registry(
    "preset",
    "fusioncolor.presets",
    {
        "photographs": Preset("the default: varied photographs, outdoors above all, old ones too", "dense.photographs"),
        "photographs-vivid": Preset("the same, about as colorful as photographs are", "dense.photographs", 1.5),
        "landscapes": Preset("the published network, trained on landscapes", "fusion.landscapes"),
        "landscapes-vivid": Preset("the same, with 1.5 times the chroma", "fusion.landscapes", 1.5),
    },
)


def all_presets() -> dict[str, Preset]:
    """Returns all presets by name: included ones, those of installed packages, and those that the user has added."""
    return {**_added(), **{name: PRESETS[name] for name in PRESETS}}


def find(name: str | os.PathLike) -> Preset | None:
    """Returns the preset of a name; None if there is none."""
    name = os.fspath(name)
    return PRESETS[name] if name in PRESETS else _added().get(name)


def vividness_of(name: str | os.PathLike) -> float:
    """Returns the factor on vividness that a name stands for: that of a preset, 1 for a folder of weights."""
    preset = find(name)
    return 1.0 if preset is None or (Path(name) / CONFIG_FILE).is_file() else preset.vividness


def included() -> Path:
    """Returns the folder of the included weights: in the installed package, or beside it in the project."""
    inside = _PACKAGE / "weights"
    return inside if inside.is_dir() else _PACKAGE.parent / "weights"


def cache() -> Path:
    """Returns the folder of downloaded weights, which need not exist."""
    return _home("cache") / "weights"


def _home(kind: str) -> Path:
    """Returns the user's folder of a kind, "cache" or "config"."""
    if os.environ.get(HOME):
        return Path(os.environ[HOME])
    import platformdirs

    return getattr(platformdirs, f"user_{kind}_path")("fusioncolor", False)


def place_of(preset: Preset) -> Path | None:
    """Returns the folder with the weights of a preset on this machine; None if they are still to be downloaded."""
    places = [included() / preset.folder] if preset.archive is None else [_downloaded(preset.archive, preset.folder)]
    return next((place for place in places if (place / CONFIG_FILE).is_file()), None)


def fetch(name: str, reporter: Reporter = SILENT) -> Path:
    """Returns the folder with the weights of a preset, which are downloaded if need be.

    Raises:
        InputError: there is no such preset, or its weights cannot be downloaded.
        ResourceError: the disk is too full.
    """
    preset = find(name)
    if preset is None:
        PRESETS.check(name)
    place = place_of(preset)
    if place is not None:
        return place
    if preset.archive is None:
        raise InputError(f"the weights of preset {name} are missing from {included()}: install fusioncolor again")
    return _download(name, preset.archive, preset.folder, reporter)


def _download(name: str, archive: Archive, folder: str, reporter: Reporter) -> Path:
    from fusioncolor.files.downloading import download

    place = _downloaded(archive, folder)
    packed = cache() / f"{archive.sha256}.zip"
    try:
        with reporter.bar(f"downloading {name}", archive.size, unit="B") as bar:
            download(archive.url, packed, size=archive.size, digest=archive.sha256, advance=bar.advance)
    except InputError as error:
        here = ", ".join(known for known, preset in all_presets().items() if place_of(preset))
        raise InputError(f"preset {name}: {error}; on this machine are {here}") from error
    with files.replacing_folder(place, marker=CONFIG_FILE) as new:
        files.unpack(packed, new, names=_FILES, largest=4 * archive.size + (1 << 20))
        if not (new / CONFIG_FILE).is_file():
            raise InputError(f"{archive.url}: not a saved colorizer, it has no {CONFIG_FILE}")
    files.remove(packed)
    return place


def _downloaded(archive: Archive, folder: str) -> Path:
    return cache() / f"{folder}-{archive.sha256[:16]}"


def add(source: str) -> str:
    """Adds the preset that a JSON file describes to the user's list, and returns its name.

    The file holds "name", "summary", "url" (which may be relative to the file's own), "sha256", "size" and, if it is
    not 1, "vividness".

    Args:
        source: a path, or an address, http or https.

    Raises:
        InputError: the description cannot be read, or is incomplete, or the name is that of an included preset.
    """
    from fusioncolor.files.downloading import fetch_text

    online = source.startswith(("https://", "http://"))
    try:
        entries = json.loads(fetch_text(source) if online else Path(source).read_text(encoding="utf-8"))
        name = str(entries["name"])
        if online:
            entries["url"] = urljoin(source, entries["url"])
        preset = _from_json(name, entries)
    except InputError:
        raise
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        reason = " ".join(f"{type(error).__name__}: {error}".split())[:200]
        raise InputError(f"{source}: does not describe a preset ({reason})") from error
    if name in PRESETS:
        raise InputError(f"{source}: there is already a preset {name!r} in the package")
    _write({**_added(), name: preset})
    return name


def forget(name: str) -> None:
    """Removes a preset from the user's list, and its weights from the cache folder.

    Raises:
        InputError: it is not on the list.
    """
    added = _added()
    if name not in added:
        raise InputError(f"no added preset {name!r}; " + (f"added: {', '.join(added)}" if added else "none was added"))
    preset = added.pop(name)
    _write(added)
    if all(_downloaded(other.archive, other.folder) != _downloaded(preset.archive, name) for other in added.values()):
        files.remove_folder(_downloaded(preset.archive, name))


def _list_file() -> Path:
    return _home("config") / _ADDED


def _added() -> dict[str, Preset]:
    path = _list_file()
    try:
        if not path.is_file():
            return {}
        entries = json.loads(path.read_text(encoding="utf-8"))
        return {name: _from_json(name, entry) for name, entry in entries.items()}
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise InputError(f"{path}: damaged ({error}); remove this list of added presets") from error


def _from_json(name: str, entries: Mapping[str, object]) -> Preset:
    archive = Archive(str(entries["url"]), str(entries["sha256"]).lower(), int(entries["size"]))
    preset = Preset(str(entries["summary"])[:200], name, float(entries.get("vividness", 1)), archive)
    if not _NAME.fullmatch(name):
        raise ValueError(f"a name is of lower-case letters, digits, and . _ -. Received: {name!r:.80}")
    if not (archive.url.startswith(("https://", "http://")) and _DIGEST.fullmatch(archive.sha256)):
        raise ValueError("expected a web address and a SHA-256")
    if not (0 < archive.size <= _LARGEST and 0 <= preset.vividness <= 10):
        raise ValueError("the size or the vividness is out of range")
    return preset


def _write(presets: Mapping[str, Preset]) -> None:
    entries = {
        name: {"summary": preset.summary, "vividness": preset.vividness, **asdict(preset.archive)}
        for name, preset in presets.items()
    }
    with files.replacing(_list_file()) as temporary:
        files.write_text(temporary, json.dumps(entries, indent=2) + "\n")
