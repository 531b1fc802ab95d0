"""Saved colorizers -> files for ONNX Runtime, OpenVINO and LiteRT."""

import contextlib
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
from fusioncolor.data import survey
from fusioncolor.errors import InputError
from fusioncolor.models import factory
from fusioncolor.models.colorizer import Colorizer
from fusioncolor.models.engines import RUNTIMES, description_of
from fusioncolor.models.predictor import Source
from fusioncolor.runtime.reporting import SILENT, Reporter
from fusioncolor.version import __version__


def export(config: ExportConfig, *, reporter: Reporter = SILENT) -> Path:
    """Converts the network of a saved colorizer to another format, and writes a description beside the file.

    Args:
        config: the options.
        reporter: receives progress.

    Returns:
        Path of the file.

    Raises:
        InputError: the colorizer or the photographs cannot be read, a package is missing, or the file cannot be
            written.
    """
    paths = survey.find(config.calibration) if config.int8 else []
    colorizer = factory.load(config.weights)
    path = config.output or Path(
        f"{Path(config.weights).name}{'-int8' if config.int8 else ''}{RUNTIMES[config.format].suffix}"
    )
    if path.suffix != RUNTIMES[config.format].suffix:
        raise InputError(f"`output` must end in {RUNTIMES[config.format].suffix} for {config.format}. Received: {path}")
    try:
        with files.working_folder(path.parent) as folder:
            new = folder / "converted" / path.name
            files.make_folder(new.parent)
            _convert(colorizer, new, config.format)
            if config.int8:
                new = _quantize(new, colorizer, _chosen(paths, config), reporter)
            written = sorted(new.parent.iterdir())
            digests = {file.name: files.sha256(file) for file in written}
            for file in written:
                files.move(file, path.with_name(file.name))
        facts = {"format": config.format, "int8": config.int8, "fusioncolor": __version__, "sha256": digests}
        facts |= {"weights": colorizer.origin.weights.sha256, "size": list(colorizer.size)}
        with files.replacing(description_of(path)) as temporary:
            files.write_text(temporary, json.dumps(facts, indent=2) + "\n")
    except OSError as error:
        raise InputError(f"cannot write {path}: {error.strerror}") from error
    return path


def _convert(colorizer: Colorizer, path: Path, kind: str) -> None:
    network = colorizer.network
    network.trainable = False  # otherwise batch normalization is exported in training mode
    network.predict_on_batch(np.zeros((1, *colorizer.size, network.input.shape[-1]), np.float32))
    shape = (None, *colorizer.size, network.input.shape[-1])
    signature = [keras.InputSpec(shape=shape, dtype="float32", name=network.input.name)]
    try:
        with _quietly():
            network.export(str(path), format=kind, input_signature=signature, verbose=False)
    except ImportError as error:
        needed = " ".join(RUNTIMES[kind].exporters)
        raise InputError(f"`format` {kind} needs packages that are not installed: pip install {needed}") from error


def _chosen(paths: Sequence[Path], config: ExportConfig) -> list[Path]:
    order = np.random.default_rng(config.seed).permutation(len(paths))[: config.count]
    return [paths[index] for index in order]


def _quantize(path: Path, colorizer: Colorizer, paths: Sequence[Path], reporter: Reporter) -> Path:
    """Quantizes an OpenVINO file to int8, in a new folder, with activation ranges measured on photographs."""
    try:
        nncf, openvino = import_module("nncf"), import_module("openvino")
    except ImportError as error:
        raise InputError("`int8` needs packages that are not installed: pip install nncf openvino") from error

    def prepare(photograph: Path) -> np.ndarray:
        return colorizer.prepare(Source(color.rgb_to_lightness(images.read_resized(photograph, colorizer.size))))[None]

    prepared = [prepare(photograph) for photograph in reporter.track(paths, "reading", len(paths))]
    reporter.info(f"calibrating with {len(prepared)} photographs: about a minute per 100")
    with _quietly():
        model = openvino.Core().read_model(path)
        preset = nncf.QuantizationPreset.MIXED  # activations after LeakyReLU and in InceptionV3 are not symmetric
        quantized = nncf.quantize(model, nncf.Dataset(prepared), preset=preset, subset_size=len(prepared))
        smaller = path.parent.with_name("int8") / path.name  # another file: the model still reads the old one
        files.make_folder(smaller.parent)
        openvino.save_model(quantized, smaller, compress_to_fp16=False)
    return smaller


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
