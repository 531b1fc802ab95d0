"""Embeddings of all photographs by a frozen extractor, computed once and kept for later runs."""

import os
from collections.abc import Sequence
from pathlib import Path

import keras
import numpy as np

from fusioncolor import files
from fusioncolor.data import datasets
from fusioncolor.runtime.reporting import SILENT, Reporter

_BATCH = 8


def embed(
    extractor: keras.Model,
    paths: Sequence[Path],
    size: tuple[int, int],
    folder: Path,
    *,
    workers: int,
    reporter: Reporter = SILENT,
) -> np.ndarray:
    """Embeds photographs and their mirror images, or reads the embeddings of an earlier call.

    Args:
        extractor: model from lightness `(B, H, W, 1)` to embeddings `(B, E)`.
        paths: N photographs.
        size: (height, width) at which they are embedded.
        folder: keeps the embeddings, in a file named after extractor, size and photographs.
        workers: threads that read photographs.
        reporter: draws the progress bar.

    Returns:
        `(N, 2, E)` float16: each photograph's embedding, and its mirror image's.

    Raises:
        InputError: a photograph cannot be read, or the file cannot be written.
    """
    file = folder / f"embeddings-{_digest(extractor, paths, size)}.npy"
    if file.exists():
        return np.load(file, allow_pickle=False)
    batches = []
    with reporter.bar("embedding", len(paths)) as bar:
        for lightness in datasets.lightness_batches(paths, size, _BATCH, workers=workers):
            batches.append(_embed_both_ways(extractor, lightness))
            bar.advance(len(lightness))
    embeddings = np.concatenate(batches)
    with files.replacing(file) as temporary:
        np.save(temporary, embeddings)
    return embeddings


def _embed_both_ways(extractor: keras.Model, lightness: np.ndarray) -> np.ndarray:
    """Embeds up to `_BATCH` photographs `(B, H, W, 1)` and their mirror images: `(B, 2, E)` float16."""
    count = len(lightness)
    padded = np.pad(lightness, [(0, _BATCH - count), (0, 0), (0, 0), (0, 0)])
    upright = np.asarray(extractor.predict_on_batch(padded))[:count]
    mirrored = np.asarray(extractor.predict_on_batch(padded[:, :, ::-1]))[:count]
    return np.stack([upright, mirrored], axis=1).astype(np.float16)


def _digest(extractor: keras.Model, paths: Sequence[Path], size: tuple[int, int]) -> str:
    kind = repr((size, extractor.compute_dtype)).encode()
    weights = (weight.tobytes() for weight in extractor.get_weights())
    photographs = (os.fsencode(os.path.realpath(path)) + f"\n{files.stamp(path)}\n".encode() for path in paths)
    return files.digest_of([kind, *weights, *photographs])
