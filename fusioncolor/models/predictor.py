"""The interface that everything shares that gives photographs color: networks, exported networks and baselines."""

from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple, Protocol

import numpy as np


class Chroma(NamedTuple):
    """Predicted chroma of one photograph, at the predictor's own resolution.

    Attributes:
        ab: `(h, w, 2)` float32, Lab units.
        confidence: `(h, w, 1)` float32 in [0, 1], or None where a predictor does not tell how sure it is.
    """

    ab: np.ndarray
    confidence: np.ndarray | None = None


@dataclass(frozen=True)
class Source:
    """A photograph to colorize, as far as predictors may look at it.

    Attributes:
        lightness: `(H, W, 1)` float32 in 0..100, at full size.
        truth: the true picture `(H, W, 3)` `uint8`, for baselines that cheat; None where it is not known.
        path: file it comes from, which is never a reference for its own colors; None for an array.
    """

    lightness: np.ndarray
    truth: np.ndarray | None = None
    path: Path | None = None


class Predictor(Protocol):
    """Gives chroma for lightness.

    Attributes:
        size: (height, width) at which it sees a photograph.
        needs_truth: whether it has to know the true picture.
        gives_confidence: whether its `Chroma` has a confidence.
        prior: probability of each color bin in its training set, `(313,)`; None if it has none.
    """

    size: tuple[int, int]
    needs_truth: bool
    gives_confidence: bool
    prior: tuple[float, ...] | None

    def prepare(self, source: Source) -> np.ndarray:
        """Makes the input of `predict` from a photograph; threads may do this at the same time for several."""

    def predict(self, inputs: np.ndarray, *, batch_size: int | None = None) -> list[Chroma]:
        """Predicts chroma.

        Args:
            inputs: `(B, ...)`, as `prepare` makes them.
            batch_size: pad every batch to this many photographs, so that a photograph's result does not depend, to
                the last bit, on how many others it came with. None: all at once.
        """

    def identity(self) -> dict:
        """Returns everything that decides what it predicts, as JSON takes it."""

    def summary(self) -> str:
        """Returns one line for the protocol of an evaluation."""
