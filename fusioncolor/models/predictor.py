"""The common interface of everything that predicts color: networks, exported networks and baselines."""

from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple, Protocol

import numpy as np


class Chroma(NamedTuple):
    """Predicted chroma of one photograph, at the predictor's own resolution.

    Attributes:
        ab: `(h, w, 2)` float32, Lab units.
        confidence: `(h, w, 1)` float32 in [0, 1]; None if the predictor gives none.
        doubt: root mean square error of ab that the predictor expects of itself, in Lab units; None if it cannot tell.
    """

    ab: np.ndarray
    confidence: np.ndarray | None = None
    doubt: float | None = None


@dataclass(frozen=True)
class Source:
    """A photograph to colorize: everything that a predictor may look at.

    Attributes:
        lightness: `(H, W, 1)` float32 in 0..100, at full size.
        truth: the true picture, `(H, W, 3)` `uint8`, for baselines that need it; None if it is not known.
        path: file of the photograph, which is never used as its own color reference; None for an array.
    """

    lightness: np.ndarray
    truth: np.ndarray | None = None
    path: Path | None = None


class Predictor(Protocol):
    """Predicts chroma from lightness.

    Attributes:
        size: (height, width) at which it sees a photograph.
        needs_truth: whether it needs the true picture.
        gives_confidence: whether its `Chroma` has a confidence.
        prior: probability of each color bin in its training set, `(313,)`; None if it has none.
    """

    size: tuple[int, int]
    needs_truth: bool
    gives_confidence: bool
    prior: tuple[float, ...] | None

    def prepare(self, source: Source) -> np.ndarray:
        """Returns the input of `predict` for a photograph; may be called from several threads at once."""

    def predict(self, inputs: np.ndarray, *, batch_size: int | None = None) -> list[Chroma]:
        """Predicts chroma.

        Args:
            inputs: `(B, ...)`, as `prepare` returns them.
            batch_size: number of photographs to which every batch is padded, so that the result of a photograph does
                not depend, to the last bit, on the rest of its batch. None for one batch of all.
        """

    def summary(self) -> str:
        """Returns one line for the protocol of an evaluation."""
