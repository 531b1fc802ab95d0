"""Helpers shared by several test files: tiny trainings, and small parts in place of large ones.

Keras and what needs it are imported inside the functions, so that tests without Keras can use the rest.
"""

import csv
import hashlib
import tarfile
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib.util import find_spec
from pathlib import Path
from threading import Thread
from unittest.mock import patch

import numpy as np
import pytest

from fusioncolor import files
from fusioncolor.addresses import Address
from fusioncolor.cli.messages import TerminalReporter
from fusioncolor.config import ExportConfig, PredictConfig, TrainConfig
from fusioncolor.prediction.summary import FolderResult
from fusioncolor.runtime.reporting import SILENT, Reporter

TINY = {"inception": False, "image_size": 32, "batch_size": 4, "epochs": 1, "precision": "float32", "preview_every": 0}
"""A training of the fusion network in seconds; `GOING_ON`: the same from saved weights."""
GOING_ON = {name: value for name, value in TINY.items() if name != "inception"}

QUICK = {**GOING_ON, "model": "sift", "pixels": 16, "epochs": 2, "save_every": 1}
"""A training of the quickest system: its state is saved and restored as any other's."""


PRINTING = TerminalReporter(TrainConfig)
"""Reports as the command line does."""


def stand_in_extractor(maps=()):
    """A few layers in place of InceptionV3: lightness of any size -> 6 numbers, and maps of 4 channels."""
    import keras
    from keras import layers

    from fusioncolor.models.networks import inception

    lightness = keras.Input((None, None, 1))
    scaled = layers.Rescaling(1 / 100)(lightness)
    embedding = layers.Dense(6)(layers.GlobalAveragePooling2D()(layers.Conv2D(4, 3)(scaled)))
    if not maps:
        return keras.Model(lightness, embedding, name=inception.NAME)
    sides = {"mixed2": 35, "mixed7": 17, "mixed10": 8}
    dense = [layers.Conv2D(4, 1)(layers.Resizing(sides[name], sides[name])(scaled)) for name in maps]
    return keras.Model(lightness, [embedding, *dense], name=inception.NAME)


def build_colorizer(name: str, head: str | None = None, size: tuple[int, int] = (32, 32), **options):
    """A colorizer with random weights, InceptionV3 replaced by two layers."""
    from fusioncolor.models import factory
    from fusioncolor.models.families import find_head
    from fusioncolor.models.networks import inception

    config = dict(find_head(name, head))
    if head == "classification":
        config["prior"] = tuple([1 / 313] * 313)
    with patch.object(inception, "inception_v3", stand_in_extractor):
        return factory.create(name, head=config, size=size, seed=0, **options)


NEEDED = {
    "onnx": ("tf2onnx", "onnx", "onnxruntime"),
    "openvino": ("openvino", "nncf"),
    "litert": ("ai_edge_litert",),
}
"""Packages by the format of an exported network."""


def require(kind: str) -> None:
    """Skips a test where a network cannot be exported to a format."""
    missing = [name for name in NEEDED[kind] if find_spec(name) is None]
    if missing:
        pytest.skip(f"{', '.join(missing)} not installed")


def exported(trained_run: Path, folder: Path, kind: str, **options) -> Path:
    """The best network of a run as a file of a format."""
    from fusioncolor.exporting import export
    from fusioncolor.models import engines

    output = folder / f"n{engines.RUNTIMES[kind].suffix}"
    return export(ExportConfig(weights=str(trained_run / "best"), format=kind, output=output, **options))


def digest_of_weights(trained_run: Path) -> str:
    from fusioncolor.models import factory

    return factory.load(trained_run / "best").origin.weights.sha256


def public_layers(seed: int = 0) -> dict[str, tuple[np.ndarray, ...]]:
    """Random layers of the public model in PyTorch's layout: weight and bias, or the four of a normalization."""
    from fusioncolor.models import factory, pretrained

    rng = np.random.default_rng(seed)
    network = factory.create("plain").network
    layers = {}
    for name in pretrained._PLAIN_ORDER:
        shapes = [tuple(weight.shape) for weight in network.get_layer(name).weights]
        if len(shapes) == 2:
            fan_in = np.prod(shapes[0][:2]) * (shapes[0][3] if name == "conv8_1" else shapes[0][2])
            weight = rng.normal(0, np.sqrt(2 / fan_in), shapes[0]).transpose(3, 2, 0, 1)
            layers[name] = (weight.astype(np.float32), rng.normal(0, 0.1, shapes[1]).astype(np.float32))
        else:
            count = shapes[0][0]
            drawn = rng.uniform(0.5, 1.5, (4, count)).astype(np.float32)
            layers[name] = (drawn[0], drawn[1] - 1, drawn[2] - 0.5, drawn[3])
    return layers


def log_of(run: Path) -> list[dict]:
    with open(run / "log.csv") as file:
        return list(csv.DictReader(file))


def finished_run(scenes: Path, folder: Path, **options) -> Path:
    from fusioncolor.training import loop

    return loop.train(TrainConfig(folder=scenes, run=folder, **{**QUICK, **options}))


def interrupted_run(scenes: Path, folder: Path, monkeypatch, at: int, **options) -> Path:
    """A run that is broken off when it is about to save for the `at`-th time, as if killed there."""
    from fusioncolor.training import checkpoint

    written = []
    write = checkpoint.write

    def breaking(run, state):
        if len(written) == at:
            raise SystemExit("killed")
        written.append((state.epoch, state.step))
        write(run, state)

    with monkeypatch.context() as patched:
        patched.setattr(checkpoint, "write", breaking)
        with pytest.raises(SystemExit):
            finished_run(scenes, folder, **options)
    return folder


class Recorder(Reporter):
    """Keeps everything that is reported."""

    def __init__(self) -> None:
        self.infos: list[str] = []
        self.warnings: list[str] = []
        self.errors: list[str] = []

    def info(self, message: str) -> None:
        self.infos.append(message)

    def warning(self, message: str) -> None:
        self.warnings.append(message)

    def error(self, message: str) -> None:
        self.errors.append(message)


def colorize(
    folder: Path,
    output: Path,
    weights: str,
    reporter: Reporter = SILENT,
    photographs: list[Path] | None = None,
    **options,
) -> FolderResult:
    """`colorize_folder` with few options: batches of four, saved colorizer `weights`."""
    from fusioncolor.prediction.folder import colorize_folder

    config = PredictConfig(
        photographs=photographs or [folder], output=output, weights=[str(weights)], batch_size=4, **options
    )
    return colorize_folder(config, reporter=reporter)


def content(output: Path) -> dict[str, str]:
    """Returns the contents of a folder, including hidden files, but without the manifest, which has seconds in it."""
    files = [path for path in output.rglob("*") if path.is_file() and path.name != ".fusioncolor.jsonl"]
    return {path.relative_to(output).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def in_archives(paths: list[Path], folder: Path, each: int) -> list[Path]:
    """Puts photographs into .tar archives, a note beside each; returns their paths there."""
    folder.mkdir()
    (folder / "note.json").write_text("{}")
    for number, start in enumerate(range(0, len(paths), each)):
        with tarfile.open(folder / f"{number:03}.tar", "w") as archive:
            for path in paths[start : start + each]:
                archive.add(path, path.name)
                archive.add(folder / "note.json", f"{path.stem}.json")
    return [folder / f"{number // each:03}.tar" / path.name for number, path in enumerate(paths)]


def upload(folder: Path, address: str) -> None:
    """Puts all files of a folder into a store."""
    store = files.opened_store(Address(address))
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            store.put(path, path.relative_to(folder).as_posix())


def content_of_store(address: str) -> dict[str, str]:
    """Returns the contents of a store as `content` does of a folder."""
    store = files.opened_store(Address(address))
    names = [entry.name for entry in store.entries() if not entry.name.startswith(".fusioncolor")]
    return {name: hashlib.sha256(store.read(name)).hexdigest() for name in names}


class LoopbackServer:
    """A web server on this machine for the tests; see `serving`.

    Attributes:
        url: its address.
        contents: what it serves, by path.
        asked: path and `Range` header of each request so far.
    """

    def __init__(self) -> None:
        self.url = ""
        self.contents: dict[str, bytes] = {}
        self.asked: list[tuple[str, str | None]] = []


@contextmanager
def serving(contents: dict[str, bytes], *, ranges: bool = True, breaks_after: int | None = None, busy: int = 0):
    """Serves contents by path; can ignore ranges, break off every answer, and be busy for the first requests."""
    server = LoopbackServer()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            ranged = self.headers.get("Range")
            server.asked.append((self.path, ranged))
            if len(server.asked) <= busy or self.path not in contents:
                self.send_error(503 if self.path in contents else 404)
                return
            content = contents[self.path]
            start = int(ranged.removeprefix("bytes=").rstrip("-")) if ranged and ranges else 0
            self.send_response(206 if start else 200)
            self.send_header("Content-Length", str(len(content) - start))
            self.end_headers()
            end = len(content) if breaks_after is None else start + breaks_after
            with suppress(OSError):  # whoever asked has enough
                self.wfile.write(content[start:end] if self.command == "GET" else b"")

        do_HEAD = do_GET  # noqa: N815 - as http.server calls it

        def log_message(self, *arguments) -> None:
            pass

    server.contents = contents
    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as http:
        server.url = f"http://127.0.0.1:{http.server_port}"
        Thread(target=http.serve_forever, daemon=True).start()
        yield server
        http.shutdown()
