"""Saved colorizers -> files for ONNX Runtime, OpenVINO and LiteRT."""

import contextlib
import dataclasses
import json
import logging
import os
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path

import keras
import numpy as np

from fusioncolor import color, files, images
from fusioncolor.config import ExportConfig
from fusioncolor.config.fields import config_of
from fusioncolor.data import survey
from fusioncolor.errors import InputError, not_installed
from fusioncolor.models import engines, factory, saving, skeletons
from fusioncolor.models.colorizer import Colorizer
from fusioncolor.models.description import Description
from fusioncolor.models.engines import OUTPUT, RUNTIMES, description_of, load
from fusioncolor.models.folding import fold
from fusioncolor.models.predictor import Source
from fusioncolor.runtime.reporting import SILENT, Reporter
from fusioncolor.version import __version__

_LARGEST_ERROR = 1e-4  # of the largest output, in float32
_COMPARED = 50  # photographs on which 8 bits are compared with float32


def export(weights: ExportConfig | str | os.PathLike, *, reporter: Reporter = SILENT, **options: object) -> Path:
    """Converts the network of a saved colorizer to another format, and writes a description beside the file.

    Args:
        weights: folder of a saved colorizer; or an `ExportConfig`, without further options.
        reporter: receives progress.
        **options: fields of `ExportConfig`, by name; paths may be strings.

    Returns:
        Path of the file; with `beside`, of the skeleton in the weights folder.

    Raises:
        InputError: the colorizer or the photographs cannot be read, a package is missing, or the file cannot be
            written.
        TypeError: there is no option of that name.
    """
    config = config_of(ExportConfig, "weights", weights, options)
    if config.beside:
        return _export_beside(config)
    paths = survey.find(config.calibration) if config.int8 else []
    colorizer = factory.load(config.weights)
    path = config.output or _path_for(config)
    if path.suffix != RUNTIMES[config.format].suffix:
        raise InputError(f"`output` must end in {RUNTIMES[config.format].suffix} for {config.format}. Received: {path}")
    try:
        with files.working_folder(path.parent) as folder:
            new = folder / "converted" / path.name
            files.make_folder(new.parent)
            _convert(colorizer, new, config.format, reporter)
            gain = 1.0
            if config.int8:
                new, gain = _quantize(new, colorizer, _chosen(paths, config), reporter)
            written = sorted(new.parent.iterdir())
            digests = {file.name: files.sha256(file) for file in written}
            for file in written:
                files.move(file, path.with_name(file.name))
        facts = {"format": config.format, "int8": config.int8, "fusioncolor": __version__, "sha256": digests}
        facts |= {"weights": colorizer.origin.weights.sha256, "size": list(colorizer.size)}
        facts |= {"chroma_gain": gain} if config.int8 else {}
        facts |= _interface(colorizer, gives_ab=config.format == "onnx" and _decodes(colorizer))
        with files.replacing(description_of(path)) as temporary:
            files.write_text(temporary, json.dumps(facts, indent=2) + "\n")
    except OSError as error:
        raise InputError(f"cannot write {path}: {error.strerror}") from error
    _compare(path, colorizer, reporter)
    return path


def _path_for(config: ExportConfig) -> Path:
    """Returns the file in the current folder that is named after the folder of the weights."""
    name = saving.find_folder(config.weights).absolute().name
    return Path(f"{name}{'-int8' if config.int8 else ''}{RUNTIMES[config.format].suffix}")


def _export_beside(config: ExportConfig) -> Path:
    """Stores the network in the weights folder as a skeleton, whose SHA-256 goes to `colorizer.json`."""
    folder = saving.find_folder(config.weights)
    colorizer = factory.load(folder)
    origin = colorizer.origin
    inputs = np.random.default_rng(0).uniform(0, 100, (1, *colorizer.size, colorizer.network.input.shape[-1]))
    expected = colorizer.network.predict_on_batch(inputs.astype(np.float32))
    constants = fold(colorizer.network, saving.weights_files(folder, origin.weights))
    path = skeletons.path_in(folder, config.format)
    with files.working_folder(folder) as working:
        new = working / "converted" / f"network{RUNTIMES[config.format].suffix}"
        files.make_folder(new.parent)
        _write(colorizer.network, colorizer, new, config.format)
        made = {file.name: skeletons.split(file.read_bytes(), constants) for file in sorted(new.parent.iterdir())}
        skeletons.write(working / path.name, made)
        files.move(working / path.name, path)
    described = dataclasses.replace(origin, networks={**origin.networks, config.format: files.sha256(path)})
    with files.replacing(folder / saving.CONFIG_FILE) as temporary:
        files.write_text(temporary, json.dumps(described.as_json(), indent=2) + "\n")
    if RUNTIMES[config.format].is_installed():
        _check(folder, described, config.format, inputs.astype(np.float32), np.asarray(expected))
    return path


def _check(folder: Path, description: Description, kind: str, inputs: np.ndarray, expected: np.ndarray) -> None:
    """Runs a network from its skeleton, and compares it with Keras.

    Raises:
        InputError: it predicts something else.
    """
    found = engines.load_beside(folder, description, kind, "float32").predict_on_batch(inputs)
    error = float(np.abs(found - expected).max() / np.abs(expected).max())
    if not error < _LARGEST_ERROR:
        raise InputError(f"{folder}: the exported network differs from Keras's by {error:.1e} of the largest output")


def _convert(colorizer: Colorizer, path: Path, kind: str, reporter: Reporter) -> None:
    """Writes a network, in ONNX together with the decoding of its head if that is possible."""
    network = colorizer.network
    if kind == "onnx" and _decodes(colorizer):
        network = keras.Model(network.input, [colorizer.head.decode_tensor(network.output), network.output])
    elif kind == "onnx":
        reporter.warning(f"head {colorizer.head.name} has no decoding to export: the file gives its output, not ab")
    _write(network, colorizer, path, kind)
    if kind == "onnx":
        _name_onnx(path, ["ab", OUTPUT] if _decodes(colorizer) else [OUTPUT])


def _write(network: keras.Model, colorizer: Colorizer, path: Path, kind: str) -> None:
    colorizer.network.trainable = False  # otherwise batch normalization is exported in training mode
    batch = 1 if kind == "litert" else None  # LiteRT refuses the resampling of feature maps in batches of any size
    shape = (batch, *colorizer.size, network.input.shape[-1])
    network.predict_on_batch(np.zeros((1, *shape[1:]), np.float32))
    signature = [keras.InputSpec(shape=shape, dtype="float32", name=network.input.name)]
    try:
        with _quietly():
            network.export(str(path), format=kind, input_signature=signature, verbose=False)
    except ImportError as error:
        needed = " or ".join(RUNTIMES[kind].exporters)
        raise InputError(f"`format` {kind} needs {needed}, which is {not_installed(kind)}") from error


def _decodes(colorizer: Colorizer) -> bool:
    """Returns whether the head can decode within the network, and does so as it does outside."""
    head, channels = colorizer.head, colorizer.head.channels
    if not hasattr(head, "decode_tensor"):
        return False
    output = np.random.default_rng(0).normal(0, 1, (1, 4, 4, channels)).astype(np.float32)
    inside = keras.ops.convert_to_numpy(head.decode_tensor(keras.ops.convert_to_tensor(output)))
    return bool(np.allclose(inside, head.decode(output), atol=0.01))


def _name_onnx(path: Path, names: Sequence[str]) -> None:
    """Names the outputs of an ONNX file: tf2onnx numbers them."""
    onnx = import_module("onnx")
    model = onnx.load(path)
    for output, name in zip(model.graph.output, names, strict=True):
        old, output.name = output.name, name
        for node in model.graph.node:
            for given in (node.input, node.output):
                given[:] = [name if one == old else one for one in given]
    onnx.save(model, path)


def _interface(colorizer: Colorizer, *, gives_ab: bool) -> dict:
    """Describes what goes into the network, what comes out, and how to make a picture of it."""
    network = colorizer.network
    head = colorizer.head
    lightness = "CIELAB lightness L (D65), 0 to 100, of the whole photograph resized to this size"
    values = f"the output of head {head.name}; with fusioncolor, `decode` of that head turns it into a and b"
    return {
        "input": {
            "name": network.input.name,
            "shape": ["batch", *colorizer.size, network.input.shape[-1]],
            "values": lightness if network.input.shape[-1] == 1 else "descriptors: fusioncolor.models.sift.dense_sift",
        },
        "output": {
            "name": "ab" if gives_ab else OUTPUT,
            "shape": ["batch", *colorizer.output_size(), 2 if gives_ab else head.channels],
            "values": f"CIELAB a and b (D65), {head.decoding_summary()}" if gives_ab else values,
        },
        "finish": "resize a and b to the photograph with cubic interpolation, keep the photograph's own L, and convert "
        "L, a, b from CIELAB (D65) to sRGB",
    }


def _compare(path: Path, colorizer: Colorizer, reporter: Reporter) -> None:
    """Reports how far the colors of the exported network are from those of Keras, if its runtime is installed."""
    shape = (*colorizer.size, colorizer.network.input.shape[-1])
    coarse = np.random.default_rng(0).uniform(0, 1, (12, 12, shape[-1])).astype(np.float32)
    inputs = images.resize(coarse, colorizer.size).clip(0, 1)[None] * (100 if shape[-1] == 1 else 1)
    try:
        engine = load(path, colorizer.origin.weights.sha256, "float32")
    except InputError as error:
        reporter.info(f"not tried out: {error}")
        return
    expected, found = (
        colorizer.head.decode(np.asarray(one.predict_on_batch(inputs))) for one in (colorizer.network, engine)
    )
    error = np.abs(engine.chroma_gain * found - expected).max()
    reporter.info(f"tried out: a and b differ from those of Keras by at most {error:.2g}")


def _chosen(paths: Sequence[Path], config: ExportConfig) -> list[Path]:
    order = np.random.default_rng(config.seed).permutation(len(paths))[: config.count]
    return [paths[index] for index in order]


def _quantize(path: Path, colorizer: Colorizer, paths: Sequence[Path], reporter: Reporter) -> tuple[Path, float]:
    """Quantizes an OpenVINO file to int8, in a new folder, with activation ranges measured on photographs.

    Returns:
        The new file, and by how much to multiply its chroma so that it is as strong on average as before.
    """
    try:
        nncf, openvino = import_module("nncf"), import_module("openvino")
    except ImportError as error:
        raise InputError(f"`int8` needs nncf or openvino, which is {not_installed('openvino')}") from error

    def prepare(photograph: Path) -> np.ndarray:
        return colorizer.prepare(Source(color.rgb_to_lightness(images.read_resized(photograph, colorizer.size))))[None]

    prepared = [prepare(photograph) for photograph in reporter.track(paths, "reading", len(paths))]
    reporter.info(f"calibrating with {len(prepared)} photographs: about a minute per 100")
    with _quietly():
        model = openvino.Core().read_model(path)
        preset = nncf.QuantizationPreset.MIXED  # activations after LeakyReLU and in InceptionV3 are not symmetric
        advanced = nncf.AdvancedQuantizationParameters(overflow_fix=nncf.OverflowFix.ENABLE)  # for AVX2 and AVX-512
        quantized = nncf.quantize(
            model, nncf.Dataset(prepared), preset=preset, subset_size=len(prepared), advanced_parameters=advanced
        )
        smaller = path.parent.with_name("int8") / path.name  # another file: the model still reads the old one
        files.make_folder(smaller.parent)
        openvino.save_model(quantized, smaller, compress_to_fp16=False)
    return smaller, _chroma_gain(path, smaller, colorizer, prepared[:_COMPARED], reporter)


def _chroma_gain(
    path: Path, quantized: Path, colorizer: Colorizer, prepared: Sequence[np.ndarray], reporter: Reporter
) -> float:
    """Returns the mean chroma that the network predicts for photographs, divided by that of the quantized one."""
    start, sums = RUNTIMES["openvino"].start, np.zeros(2)
    networks = [start(path, "float32"), start(quantized, "float32")]
    for one in reporter.track(prepared, "comparing with float32", len(prepared)):
        sums += [np.linalg.norm(colorizer.head.decode(network(one)), axis=-1).mean() for network in networks]
    return round(float(sums[0] / sums[1]), 4) if sums.all() else 1.0


@contextlib.contextmanager
def _quietly():
    """Silences converters, which write to logs, standard output and standard error; exceptions pass."""
    logging.disable(logging.CRITICAL)
    try:
        with (
            open(os.devnull, "w") as nowhere,
            contextlib.redirect_stdout(nowhere),
            contextlib.redirect_stderr(nowhere),
        ):
            yield
    finally:
        logging.disable(logging.NOTSET)
