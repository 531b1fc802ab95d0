"""Embeddings of all photographs by a frozen extractor, made once and kept for later runs."""

import hashlib
import os
from pathlib import Path

import keras
import numpy as np
from tqdm import tqdm

from fusioncolor import files
from fusioncolor.data import datasets

_BATCH = 8


def embed(extractor: keras.Model, paths: list[Path], size: tuple[int, int], folder: Path, workers: int) -> np.ndarray:
    """Embeds photographs and their mirror images, or reads what was embedded before.

    Args:
        extractor: lightness `(B, H, W, 1)` -> embedding `(B, E)`.
        paths: of N photographs.
        size: (height, width) at which they are embedded.
        folder: where embeddings are kept, in a file named after extractor, size and photographs.
        workers: threads.

    Returns:
        `(N, 2, E)` float16: of every photograph and of its mirror image.
    """
    file = folder / f"embeddings-{_digest(extractor, paths, size)}.npy"
    if file.exists():
        return np.load(file, allow_pickle=False)
    batches = []
    with tqdm(total=len(paths), unit="img", desc="embedding", leave=False) as bar:
        for lightness in datasets.lightness_batches(paths, size, _BATCH, workers=workers):
            count = len(lightness)
            padded = np.pad(lightness, [(0, _BATCH - count), (0, 0), (0, 0), (0, 0)])
            both = [np.asarray(extractor.predict_on_batch(side))[:count] for side in (padded, padded[:, :, ::-1])]
            batches.append(np.stack(both, axis=1).astype(np.float16))
            bar.update(count)
    embeddings = np.concatenate(batches)
    with files.replacing(file) as temporary:
        np.save(temporary, embeddings)
    return embeddings


def _digest(extractor: keras.Model, paths: list[Path], size: tuple[int, int]) -> str:
    digest = hashlib.sha256(repr((size, extractor.compute_dtype)).encode())
    for weight in extractor.get_weights():
        digest.update(weight.tobytes())
    for path in paths:
        facts = path.stat()
        digest.update(os.fsencode(os.path.realpath(path)) + f"\n{facts.st_size}\n{facts.st_mtime_ns}\n".encode())
    return digest.hexdigest()[:16]
