"""Predicted ab -> the chroma codes of a video, beside a luma plane that stays as it is.

The color written for a pixel is the one of the predicted a and b whose luma is the pixel's own. Where the RGB cube
holds no such color, chroma is reduced at constant luma and hue.
"""

from functools import cache

import cv2
import numpy as np

from fusioncolor.video.coding import Coding

_KNEE, _SLOPE, _OFFSET = 0.008856, 7.787, 16 / 116  # of Lab's f(t), as in `fusioncolor.color`
_KNEE_F = 0.2068966
_WHITE = np.array([0.95047, 1.0, 1.08883])
_STEPS = 2  # of Newton's method for the lightness that gives the luma; the second changes it by less than 0.1
_LUMA_LEVELS, _AB_STEP, _AB_LIMIT = 512, 4.0, 112.0  # of the table; its rows must stay below 2^15 for cv2.remap
_AB_LEVELS = round(2 * _AB_LIMIT / _AB_STEP) + 1


def lightness_of(luma: np.ndarray) -> np.ndarray:
    """Returns the lightness L, 0..100, of gray pixels of a luma in [0, 1]; both `(h, w)` float32."""
    return 116 * _f_of_luma(luma) - 16


def chroma_planes(ab: np.ndarray, luma: np.ndarray, coding: Coding, subsampling: tuple[int, int]) -> np.ndarray:
    """Computes the two chroma planes of a frame.

    Args:
        ab: `(h, w, 2)` float32, Lab units, of any size; interpolated bilinearly.
        luma: `(H, W)` luma codes.
        coding: how the codes of the video are to be understood.
        subsampling: luma pixels per chroma pixel, (vertical, horizontal).

    Returns:
        `(2, ceil(H / vertical), ceil(W / horizontal))` codes of Cb and Cr.
    """
    codes = _reduced(luma, subsampling)
    height, width = codes.shape
    black, span = coding.black_and_span
    y = np.clip((codes - np.float32(black)) * np.float32(1 / span), 0, 1)
    full = cv2.resize(ab, (width, height), interpolation=cv2.INTER_LINEAR).reshape(height, width, 2)
    table = _table(coding.matrix, coding.primaries)
    across = (full + np.float32(_AB_LIMIT)) * np.float32(1 / _AB_STEP)
    np.clip(across, 0, _AB_LEVELS - 1, out=across)
    level = np.rint(y * np.float32(_LUMA_LEVELS - 1)) * np.float32(_AB_LEVELS)
    chroma = cv2.remap(table, across[..., 0], across[..., 1] + level, cv2.INTER_LINEAR)
    neutral, extent = coding.neutral_and_span
    codes = chroma.reshape(height, width, 2) * np.float32(extent) + np.float32(neutral + 0.5)
    return np.moveaxis(np.clip(codes, 0, (1 << coding.bits) - 1).astype(coding.dtype), -1, 0)


@cache
def _table(matrix: int, primaries: int) -> np.ndarray:
    """Tabulates `chroma_of`: a tile of (b, a) for each luma, one below the other, `(rows, columns, 2)` float32.

    Interpolated between its entries, it is within a fifth of an 8-bit code, and ten times as fast.
    """
    axis = np.linspace(-_AB_LIMIT, _AB_LIMIT, _AB_LEVELS, dtype=np.float32)
    tile = np.stack(np.meshgrid(axis, axis), axis=-1)
    coding = Coding(matrix=matrix, primaries=primaries)
    tiles = [
        np.stack(chroma_of(np.full(tile.shape[:2], level / (_LUMA_LEVELS - 1), np.float32), tile, coding), axis=-1)
        for level in range(_LUMA_LEVELS)
    ]
    return np.concatenate(tiles)


def chroma_of(luma: np.ndarray, ab: np.ndarray, coding: Coding) -> tuple[np.ndarray, np.ndarray]:
    """Computes Cb and Cr, -0.5..0.5, of the color that has a luma and ab.

    Args:
        luma: `(h, w)` float32 in [0, 1].
        ab: `(h, w, 2)` float32, Lab units.
        coding: its matrix and primaries count.

    Returns:
        Cb and Cr, `(h, w)` float32, reduced where the color would lie outside the RGB cube.
    """
    red, _, blue = coding.luma_weights
    weights = np.array([coding.luma_weights], np.float32)
    to_rgb = (coding.rgb_from_xyz() * _WHITE).astype(np.float32)
    fx_offset, fz_offset = ab[..., 0] * np.float32(1 / 500), ab[..., 1] * np.float32(1 / 200)
    fy = _f_of_luma(luma)
    for step in range(_STEPS + 1):
        f = cv2.merge([fy + fx_offset, fy, fy - fz_offset])
        cubes = f * f * f
        xyz = np.where(f > _KNEE_F, cubes, (f - np.float32(_OFFSET)) * np.float32(1 / _SLOPE))
        rgb = _gamma(cv2.transform(xyz, to_rgb))
        reached = cv2.transform(rgb, weights)
        if step < _STEPS:
            fy = fy + (luma - reached) / (np.float32(1.31875) * np.sqrt(np.sqrt(np.maximum(fy, np.float32(0.14)))))
    excess = rgb - reached[..., None]
    share = _share_within(luma, excess)
    return (
        excess[..., 2] * share * np.float32(0.5 / (1 - blue)),
        excess[..., 0] * share * np.float32(0.5 / (1 - red)),
    )


def _share_within(luma: np.ndarray, excess: np.ndarray) -> np.ndarray:
    """Returns the share of `excess`, RGB less luma, that stays between black and white when added to luma."""
    highest, lowest = excess.max(axis=-1), excess.min(axis=-1)
    above = (1 - luma) / np.maximum(highest, np.float32(1e-6))
    below = luma / np.maximum(-lowest, np.float32(1e-6))
    return np.minimum(np.minimum(above, below), 1)


def _f_of_luma(luma: np.ndarray) -> np.ndarray:
    """Returns Lab's f(Y) of gray pixels; sRGB's curve is taken for the video's, as players do."""
    linear = np.where(luma > 0.04045, cv2.pow((luma + 0.055) * (1 / 1.055), 2.4), luma * (1 / 12.92))
    return np.where(linear > _KNEE, np.cbrt(linear), _SLOPE * linear + _OFFSET).astype(np.float32)


def _gamma(linear: np.ndarray) -> np.ndarray:
    """Encodes linear RGB by sRGB's curve; values outside [0, 1] are continued smoothly."""
    power = cv2.pow(np.maximum(linear, np.float32(0.0031308)), 1 / 2.4)
    return np.where(linear > 0.0031308, np.float32(1.055) * power - np.float32(0.055), np.float32(12.92) * linear)


def _reduced(luma: np.ndarray, subsampling: tuple[int, int]) -> np.ndarray:
    """Averages luma codes over each chroma pixel, float32; an odd last row or column counts twice."""
    vertical, horizontal = subsampling
    if (vertical, horizontal) == (1, 1):
        return luma.astype(np.float32)
    height, width = luma.shape
    rows, columns = -(-height // vertical), -(-width // horizontal)
    if (rows * vertical, columns * horizontal) != (height, width):
        more = ((0, rows * vertical - height), (0, columns * horizontal - width))
        luma = np.pad(luma, more, mode="edge")
    return cv2.resize(luma.astype(np.float32), (columns, rows), interpolation=cv2.INTER_AREA).reshape(rows, columns)
