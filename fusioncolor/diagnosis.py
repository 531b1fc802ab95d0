"""Diagnosis of an installation: what is there, what it can do, how fast it is, and what is broken."""

import importlib.metadata
import os
import platform
import time
import tomllib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from packaging.requirements import Requirement

from fusioncolor import files, images
from fusioncolor.errors import FusionColorError
from fusioncolor.models import presets, saving
from fusioncolor.registries import FORMATS
from fusioncolor.version import __version__

EXTRAS = {  # of the package, and what they add
    "fast": "colorize, without Keras",
    "full": "16-bit files, hints, grids, evaluation, training",
    "tensorflow": "train and colorize (Keras backend)",
    "jax": "train and colorize (Keras backend)",
    "torch": "train and colorize (Keras backend)",
    "app": "the page (fusioncolor app)",
    "video": "colorize videos",
    "sign": "sign results by C2PA",
    "onnx": "export to ONNX, and run it",
    "openvino": "export to OpenVINO, and run it",
    "litert": "run LiteRT files",
    "judges": "evaluate with LPIPS and FID",
}
_SIZE = (768, 1024)  # height, width of the photograph that is timed
_PROJECT = Path(__file__).parents[1]


@dataclass(frozen=True)
class Finding:
    """One line of a diagnosis.

    Attributes:
        section: heading that it belongs to.
        name: what was looked at.
        text: what was found.
        broken: whether it keeps the package from doing what it should.
    """

    section: str
    name: str
    text: str
    broken: bool = False


def diagnose(*, measure: bool = True) -> Iterator[Finding]:
    """Looks at this installation, and yields what it finds; nothing in it names the user.

    Args:
        measure: colorize one picture and say how long it took, which imports the backend.
    """
    yield from _machine()
    yield from _packages()
    yield from _extras()
    yield from _weights()
    yield from _formats()
    if measure:
        yield from _speed()


def _machine() -> Iterator[Finding]:
    yield Finding("machine", "fusioncolor", f"{__version__}, in {_without_home(Path(__file__).parent)}")
    yield Finding("machine", "Python", f"{platform.python_version()} ({platform.python_implementation()})")
    yield Finding("machine", "system", f"{platform.system()} {platform.release()}, {platform.machine()}")
    yield Finding("machine", "processor", f"{_processor()}, {os.cpu_count()} threads{_memory()}")
    free = files.free_space(Path())
    yield Finding("machine", "disk", f"{free / 1e9:.1f} GB free in this folder", broken=free < 100e6)
    for name in ("KERAS_BACKEND", presets.HOME):
        if name in os.environ:
            yield Finding("machine", name, os.environ[name].replace(str(Path.home()), "~"))


def _packages() -> Iterator[Finding]:
    for requirement in _requirements():
        if requirement.marker is None:
            yield _judged("packages", requirement)
    both = [name for name in ("opencv-python", "opencv-python-headless") if _version(name)]
    if len(both) > 1:
        yield Finding("packages", "OpenCV", "installed twice: pip uninstall opencv-python", broken=True)


def _extras() -> Iterator[Finding]:
    declared = [one for one in _requirements() if one.marker is not None]
    able = []
    for extra, ability in EXTRAS.items():
        needed = [one for one in declared if one.marker.evaluate({"extra": extra})]
        if not needed:
            continue
        found = [f"{one.name} {_version(one.name)}" for one in needed if _version(one.name)]
        complete = len(found) == len(needed)
        wrong = [_judged("", one).text for one in needed if _version(one.name) and _judged("", one).broken]
        if complete and extra in ("fast", "onnx", "openvino", "litert", "tensorflow", "jax", "torch"):
            able.append(extra)
        text = f"{ability}: " + (", ".join(found) if complete else f"no; pip install fusioncolor[{extra}]")
        yield Finding("abilities", extra, "; ".join([text, *wrong]), broken=bool(wrong) and complete)
    if not able:
        yield Finding(
            "abilities",
            "backend",
            "none is installed: pip install fusioncolor[fast], or [tensorflow] to train",
            broken=True,
        )


def _judged(section: str, requirement: Requirement) -> Finding:
    version = _version(requirement.name)
    if version is None:
        return Finding(section, requirement.name, f"missing; needed is {requirement.specifier}", broken=True)
    fits = requirement.specifier.contains(version, prereleases=True)
    return Finding(
        section, requirement.name, version + ("" if fits else f"; needed is {requirement.specifier}"), not fits
    )


def _weights() -> Iterator[Finding]:
    try:
        known = presets.all_presets()
    except FusionColorError as error:
        yield Finding("weights", "presets", str(error), broken=True)
        return
    for name, preset in known.items():
        place = presets.place_of(preset)
        if place is None:
            missing = preset.archive is None
            yield Finding("weights", name, "missing" if missing else "to be downloaded on first use", missing)
            continue
        try:
            description = saving.read_description(place)
            yield Finding("weights", name, f"{description.model}, SHA-256 {description.weights.sha256[:16]}... checked")
        except FusionColorError as error:
            yield Finding("weights", name, str(error), broken=True)


def _formats() -> Iterator[Finding]:
    picture = np.add.outer(np.arange(16), np.arange(24)).astype(np.uint8)[..., None].repeat(3, axis=2)
    with files.temporary_folder() as folder:
        for name, row in FORMATS.items():
            for bits, dtype in ((8, np.uint8), (16, np.uint16)):
                if bits > row.bits:
                    continue
                path = folder / f"{bits}{row.suffixes[0]}"
                problem = _problem(lambda path=path, dtype=dtype: _round_trip(path, picture.astype(dtype)))
                yield Finding("formats", f"{name}, {bits} bits", problem or "written and read", bool(problem))


def _round_trip(path: Path, picture: np.ndarray) -> None:
    images.write(path, picture)
    if images.read(path).rgb.shape != picture.shape:
        raise ValueError("another picture came back")


def _speed() -> Iterator[Finding]:
    start = time.perf_counter()
    times: list[float] = []
    problem = _problem(lambda: times.extend(_timed()))
    if problem:
        yield Finding("speed", "colorizing", problem, broken=True)
        return
    yield Finding("speed", "start", f"{times[0] - start:.1f} s to import the backend and load the weights")
    yield Finding("speed", "colorizing", f"{times[1] * 1000:.0f} ms for one photograph of 1024x768, the best of 3")


def _timed() -> tuple[float, float]:
    from fusioncolor.config import DEFAULT_WEIGHTS
    from fusioncolor.runtime.backend import choose_backend, import_quietly

    choose_backend()
    import_quietly()
    from fusioncolor.models.session import Session

    session = Session([DEFAULT_WEIGHTS])
    photograph = np.random.default_rng(0).integers(0, 256, (*_SIZE, 1), dtype=np.uint8).repeat(3, axis=2)
    [picture] = session.colorize([photograph])
    ready, took = time.perf_counter(), []
    if picture.shape != photograph.shape or not np.ptp(picture.astype(int), axis=-1).any():
        raise ValueError("the picture has no color")
    for _ in range(3):
        start = time.perf_counter()
        session.colorize([photograph])
        took.append(time.perf_counter() - start)
    return ready, min(took)


def _problem(work: Callable[[], None]) -> str:
    """Returns what went wrong, in a line; empty if nothing did."""
    try:
        work()
    except Exception as error:  # a broken installation fails in any way
        return " ".join(f"{type(error).__name__}: {error}".split())[:300].replace(str(Path.home()), "~")
    return ""


def _requirements() -> list[Requirement]:
    """Returns what the package needs: as it is installed, or as the project folder says."""
    settings = _PROJECT / "pyproject.toml"
    if settings.is_file() and not (Path(__file__).parent / "weights").is_dir():
        project = tomllib.loads(settings.read_text(encoding="utf-8"))["project"]
        extras = project["optional-dependencies"].items()
        listed = [*project["dependencies"], *(f'{one}; extra == "{name}"' for name, each in extras for one in each)]
    else:
        try:
            listed = importlib.metadata.requires("fusioncolor") or []
        except importlib.metadata.PackageNotFoundError:
            listed = []
    found = [Requirement(line) for line in listed]
    return [one for one in found if one.name != "fusioncolor"]  # an extra that includes another


def _version(package: str) -> str | None:
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return None


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
        return next(line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    except (OSError, StopIteration):
        return platform.processor() or platform.machine()


def _memory() -> str:
    try:
        return f", {os.sysconf('SC_PAGE_SIZE') * os.sysconf('SC_PHYS_PAGES') / 2**30:.0f} GiB memory"
    except (AttributeError, ValueError, OSError):  # Windows
        return ""


def _without_home(path: Path) -> str:
    return str(path).replace(str(Path.home()), "~")
