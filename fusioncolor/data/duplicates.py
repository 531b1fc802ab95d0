"""Which photographs are nearly the same picture: copies, crops of a pixel or two, mirror images, frames of a burst.

A photograph that is trained on and validated with, in two files, makes validation look better than it is.
"""

from collections.abc import Sequence

import cv2
import numpy as np

from fusioncolor import images

THUMBNAIL = 32  # pixels a side
DISTANCE = 10  # of 64 bits; on 10,023 landscapes 66 of 96 pairs up to 8 are one scene, 18 of 104 at 10, none seen at 12


def perceptual_hashes(rgb: np.ndarray) -> np.ndarray:
    """Describes what a picture looks like in 64 bits: which of its lowest 8x8 frequencies are above their median.

    Args:
        rgb: `(H, W, 3)` `uint8`.

    Returns:
        `(2,)` uint64: of the picture, and of its mirror image.

    Reference: Zauner, "Implementation and Benchmarking of Perceptual Image Hash Functions", 2010 (DCT hash).
    """
    gray = images.resize(rgb, (THUMBNAIL, THUMBNAIL)).astype(np.float32).mean(axis=-1)
    return np.array([_hash(gray), _hash(gray[:, ::-1])])


def _hash(gray: np.ndarray) -> np.uint64:
    low = cv2.dct(np.ascontiguousarray(gray))[:8, :8].ravel()
    return np.packbits(low > np.median(low[1:])).view(np.uint64)[0]


def near(hashes: np.ndarray, others: np.ndarray) -> np.ndarray:
    """Whether a picture, or its mirror image, is nearly the same as others.

    Args:
        hashes: `(2,)`, as `perceptual_hashes` gives them.
        others: `(N, 2)`.

    Returns:
        `(N,)` bool.
    """
    return (np.bitwise_count(hashes[:, None] ^ others[:, 0]) <= DISTANCE).any(axis=0)


def group(hashes: np.ndarray, *, progress=iter) -> np.ndarray:
    """Numbers the groups of nearly the same pictures; what is near to any member belongs to the group.

    Args:
        hashes: `(N, 2)`, as `perceptual_hashes` gives them.
        progress: wraps the iterator over pictures, as `tqdm` does.

    Returns:
        `(N,)` int: the index of the group's first picture.
    """
    first = np.arange(len(hashes))

    def find(index: int) -> int:
        while first[index] != index:
            first[index] = index = first[first[index]]
        return index

    for index in progress(range(len(hashes))):
        for other in np.flatnonzero(near(hashes[index], hashes[:index])):
            one, two = sorted((find(index), find(int(other))))
            first[two] = one
    return np.array([find(index) for index in range(len(hashes))], int)


def near_any(hashes: np.ndarray, others: Sequence[np.ndarray]) -> np.ndarray:
    """Whether each picture `(N, 2)` is nearly the same as one of `others` `(M, 2)`: `(N,)` bool."""
    others = np.asarray(others, np.uint64).reshape(-1, 2)
    return np.array([near(one, others).any() for one in hashes], bool)
