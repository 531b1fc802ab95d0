"""Pairs of a quiz: a photograph in its true colors and in predicted ones, of equal lightness and size."""

import io
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from PIL import Image

from fusioncolor import images
from fusioncolor.config import ColorizeOptions, QuizConfig
from fusioncolor.errors import InputError
from fusioncolor.models.session import Session
from fusioncolor.runtime.reporting import SILENT, Reporter

_BATCH = 8


@dataclass(frozen=True)
class Pair:
    """A photograph twice, as PNG files.

    Attributes:
        name: of the photograph.
        weights: name of the weights.
        true: the photograph.
        predicted: the same with predicted colors.
    """

    name: str
    weights: str
    true: bytes
    predicted: bytes


def make(config: QuizConfig, *, reporter: Reporter = SILENT) -> list[Pair]:
    """Colorizes photographs for a quiz; gray ones are left out.

    Args:
        config: the options.
        reporter: receives progress, and photographs that are left out.

    Raises:
        InputError: no photograph is in color, or the weights cannot be loaded.
    """
    found = images.without_gray_twins(images.find(config.photographs, exclude=config.output))
    shown: dict[str, np.ndarray] = {}
    for one in found:
        try:
            small = images.shrink(images.to_bytes(images.read(one.path).rgb), config.size)
        except InputError as error:
            reporter.error(str(error))
            continue
        if images.is_gray(small) or images.is_toned(small):
            reporter.warning(f"{one.path}: not in color, left out")
        else:
            shown[str(one.relative)] = small
    if not shown:
        raise InputError("none of the photographs is in color, so there is nothing to ask about")
    options = ColorizeOptions(vividness=config.vividness, batch_size=_BATCH)
    pairs = []
    with reporter.bar("colorizing", len(shown) * len(config.weights)) as bar:
        for weights in config.weights:
            session = Session([weights], options, reporter=reporter)
            for names in _batches(list(shown)):
                pictures = session.colorize([shown[name] for name in names])
                pairs += [
                    Pair(name, weights, _png(shown[name]), _png(picture))
                    for name, picture in zip(names, pictures, strict=True)
                ]
                bar.advance(len(names))
    return pairs


def _batches(names: Sequence[str]) -> list[Sequence[str]]:
    return [names[start : start + _BATCH] for start in range(0, len(names), _BATCH)]


def _png(picture: np.ndarray) -> bytes:
    stream = io.BytesIO()
    Image.fromarray(picture).save(stream, "PNG")
    return stream.getvalue()
