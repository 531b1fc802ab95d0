"""Near duplicates among photographs: copies, crops by a pixel or two, mirror images, frames of a burst.

A photograph that is in the training and the validation set, as two files, makes validation look better than it is.
"""

from collections.abc import Sequence

import numpy as np

from fusioncolor import images

THUMBNAIL = 32  # pixels per side
DISTANCE = 10  # of 64 bits; on 10,023 landscapes 66 of 96 pairs up to 8 show one scene, 18 of 104 at 10, none at 12


def perceptual_hashes(rgb: np.ndarray) -> np.ndarray:
    """Describes a picture in 64 bits: one for each of its lowest 8x8 frequencies, set if it is above their median.

    Args:
        rgb: `(H, W, 3)` `uint8`.

    Returns:
        `(2,)` `uint64`: the hash of the picture, and of its mirror image.

    Reference: Zauner, "Implementation and Benchmarking of Perceptual Image Hash Functions", 2010 (DCT hash).
    """
    gray = images.resize(rgb, (THUMBNAIL, THUMBNAIL)).astype(np.float32).mean(axis=-1)
    return np.array([_hash(gray), _hash(gray[:, ::-1])])


def _hash(gray: np.ndarray) -> np.uint64:
    import cv2

    low = cv2.dct(np.ascontiguousarray(gray))[:8, :8].ravel()
    return np.packbits(low > np.median(low[1:])).view(np.uint64)[0]


def near(hashes: np.ndarray, others: np.ndarray) -> np.ndarray:
    """Compares a picture and its mirror image with others.

    Args:
        hashes: `(2,)`, from `perceptual_hashes`.
        others: `(N, 2)`, likewise.

    Returns:
        `(N,)` bool: True for near duplicates.
    """
    return (np.bitwise_count(hashes[:, None] ^ others[:, 0]) <= DISTANCE).any(axis=0)


def group(hashes: np.ndarray, *, progress=iter) -> np.ndarray:
    """Groups near duplicates; a picture near to any member of a group belongs to it.

    Args:
        hashes: `(N, 2)`, from `perceptual_hashes`.
        progress: wraps the iterator over pictures, as `tqdm` does.

    Returns:
        `(N,)` int: for each picture, the index of the first one in its group.
    """
    first = np.arange(len(hashes))

    def find(index: int) -> int:
        while first[index] != index:
            first[index] = index = first[first[index]]
        return index

    for index in progress(range(len(hashes))):
        for other in np.flatnonzero(near(hashes[index], hashes[:index])):
            roots = find(index), find(int(other))
            first[max(roots)] = min(roots)
    return np.array([find(index) for index in range(len(hashes))], int)


def near_any(hashes: np.ndarray, others: Sequence[np.ndarray]) -> np.ndarray:
    """Tells which pictures are near duplicates of any other.

    Args:
        hashes: `(N, 2)`, from `perceptual_hashes`.
        others: `(M, 2)`, likewise; may be empty.

    Returns:
        `(N,)` bool.
    """
    others = np.asarray(others, np.uint64).reshape(-1, 2)
    return np.array([near(one, others).any() for one in hashes], bool)
