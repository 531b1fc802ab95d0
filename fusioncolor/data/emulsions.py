"""Color photographs turned into what an old emulsion would have recorded of the same scene.

Plates of the nineteenth century saw blue light only, orthochromatic films blue and green, and panchromatic ones all
colors, in unequal shares. Grain, fading, blur, scratches, and scanning came on top.
"""

import cv2
import numpy as np

from fusioncolor import color

_BLUE, _ORTHOCHROMATIC, _PANCHROMATIC = 0.35, 0.3, 0.25  # of the photographs; the others keep their lightness


def sensitivity(rng: np.random.Generator) -> np.ndarray | None:
    """Draws the shares of red, green and blue light that an emulsion sees, `(3,)`; None for true lightness."""
    kind = rng.random()
    if kind < _BLUE:
        return np.array([rng.uniform(0, 0.05), rng.uniform(0, 0.2), 1])
    if kind < _BLUE + _ORTHOCHROMATIC:
        return np.array([rng.uniform(0, 0.1), rng.uniform(0.4, 1), rng.uniform(0.2, 0.8)])
    if kind < _BLUE + _ORTHOCHROMATIC + _PANCHROMATIC:
        return rng.dirichlet([2, 3, 1.5])
    return None


def record(rgb: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Returns the lightness `(H, W, 1)` float32, 0..100, of an old photograph of the scene in `rgb` `(H, W, 3)`."""
    shares = sensitivity(rng)
    tone = color.rgb_to_lightness(rgb) if shares is None else color.filtered_lightness(rgb, shares)
    tone = np.clip(tone[..., 0] / np.float32(100), 0, 1)
    for change in (_develop, _expose_unevenly, _blur, _grain, _scratch):
        tone = change(tone, rng)
    tone = np.clip(tone, 0, 1)
    if rng.random() < 0.3:
        tone = _jpeg(tone, int(rng.integers(30, 91)))
    return (tone * 100).astype(np.float32)[..., None]


def _develop(tone: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Changes gamma and contrast, and lifts the blacks."""
    if rng.random() < 0.6:
        tone = tone ** np.float32(np.exp(rng.uniform(-0.45, 0.45)))
    if rng.random() < 0.5:
        contrast, lift = rng.uniform(0.55, 1), rng.uniform(0, 0.15)
        tone = np.float32(lift) + np.float32(contrast) * tone
    return tone


def _expose_unevenly(tone: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Darkens the corners or one side."""
    height, width = tone.shape
    y, x = np.linspace(-1, 1, height, dtype=np.float32)[:, None], np.linspace(-1, 1, width, dtype=np.float32)
    if rng.random() < 0.3:
        tone = tone * (1 - np.float32(rng.uniform(0.05, 0.35)) * (x * x + y * y) / 2)
    if rng.random() < 0.15:
        across, down = rng.uniform(-0.15, 0.15, 2)
        tone = tone * (1 + np.float32(across) * x + np.float32(down) * y)
    return tone


def _blur(tone: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Blurs as a lens, or as a small scan that was enlarged."""
    height, width = tone.shape
    if rng.random() < 0.3:
        tone = cv2.GaussianBlur(tone, (0, 0), rng.uniform(0.5, 2))
    if rng.random() < 0.2:
        scale = rng.uniform(0.35, 0.9)
        small = (max(1, int(width * scale)), max(1, int(height * scale)))
        tone = cv2.resize(cv2.resize(tone, small, interpolation=cv2.INTER_AREA), (width, height))
    return tone


def _grain(tone: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    if rng.random() >= 0.5:
        return tone
    grain = rng.standard_normal(tone.shape, np.float32)
    size = rng.uniform(0, 1.3)
    if size > 0.3:
        grain = cv2.GaussianBlur(grain, (0, 0), size)
        grain /= grain.std() + np.float32(1e-6)
    return tone + np.float32(np.exp(rng.uniform(np.log(0.008), np.log(0.07)))) * grain


def _scratch(tone: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Draws a few thin lines, most of them upright."""
    if rng.random() >= 0.08:
        return tone
    height, width = tone.shape
    for _ in range(rng.integers(1, 6)):
        begin, end = (rng.integers(0, (width, height)) for _ in range(2))
        if rng.random() < 0.6:
            end[0] = begin[0] + rng.integers(-6, 7)
        line = cv2.line(np.zeros_like(tone), begin.tolist(), end.tolist(), 1.0, 1, cv2.LINE_AA)
        tone = tone + line * np.float32(rng.choice([-0.4, 0.5]))
    return tone


def _jpeg(tone: np.ndarray, quality: int) -> np.ndarray:
    _, encoded = cv2.imencode(".jpg", np.rint(tone * 255).astype(np.uint8), [cv2.IMWRITE_JPEG_QUALITY, quality])
    return cv2.imdecode(encoded, cv2.IMREAD_GRAYSCALE).astype(np.float32) / 255
