"""Distributions over the bins of the ab plane -> one color per pixel.

Logits are `(..., 313)` float32; results are ab `(..., 2)` float32 in Lab units.

Reference: Zhang, Isola, Efros, "Colorful Image Colorization", 2016, section 2.3.
"""

import numpy as np

from fusioncolor.bins import BINS

TEMPERATURE = 0.38


def probabilities(logits: np.ndarray, temperature: float = 1.0) -> np.ndarray:
    """Softmax of logits / temperature, `(..., 313)`: sharper below 1, flatter above."""
    scaled = (logits - logits.max(axis=-1, keepdims=True)) / np.float32(temperature)
    powers = np.exp(scaled)
    return powers / powers.sum(axis=-1, keepdims=True)


def mode(logits: np.ndarray) -> np.ndarray:
    """Returns the most probable bin: vivid, with jumps between neighboring pixels."""
    return BINS[logits.argmax(axis=-1)]


def mean(logits: np.ndarray) -> np.ndarray:
    """Returns the expectation: smooth, but dull where several colors are likely."""
    return probabilities(logits) @ BINS


def annealed_mean(logits: np.ndarray, temperature: float = TEMPERATURE) -> np.ndarray:
    """Returns the expectation of the sharpened distribution: the mean at T = 1, the mode as T -> 0."""
    return probabilities(logits, temperature) @ BINS


def sample(logits: np.ndarray, seed: int = 0) -> np.ndarray:
    """Draws a bin for every pixel; the draws depend on the seed alone, not on other photographs in the batch.

    Args:
        logits: `(B, h, w, 313)`.
        seed: random seed.
    """
    thresholds = np.random.default_rng(seed).random((*logits.shape[1:-1], 1), np.float32)
    cumulative = probabilities(logits).cumsum(axis=-1)
    return BINS[np.argmax(cumulative > thresholds * cumulative[..., -1:], axis=-1)]


DECODERS = {
    "annealed_mean": lambda logits, temperature, seed: annealed_mean(logits, temperature),
    "mean": lambda logits, temperature, seed: mean(logits),
    "mode": lambda logits, temperature, seed: mode(logits),
    "sample": lambda logits, temperature, seed: sample(logits, seed),
}
"""Decoders by name: `(logits, temperature, seed)` -> ab; each ignores the options it does not need."""
