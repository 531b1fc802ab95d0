"""How a video stores color: the YCbCr matrix, the range of its codes, the bits, and the RGB primaries.

Reference: ITU-T H.273, "Coding-independent code points for video signal type identification", tables 2 to 4.
"""

from dataclasses import dataclass

import numpy as np

MATRICES = {  # luma weights (red, blue) by the matrix coefficients of H.273
    1: (0.2126, 0.0722),  # BT.709
    4: (0.30, 0.11),  # FCC
    5: (0.299, 0.114),  # BT.470 B/G, as BT.601
    6: (0.299, 0.114),  # SMPTE 170M, as BT.601
    7: (0.212, 0.087),  # SMPTE 240M
    9: (0.2627, 0.0593),  # BT.2020
    10: (0.2627, 0.0593),  # BT.2020, constant luminance: its luma differs, its weights are the same
}
PRIMARIES = {  # chromaticities x, y of red, green and blue by the primaries of H.273; all with white D65
    1: ((0.640, 0.330), (0.300, 0.600), (0.150, 0.060)),  # BT.709
    5: ((0.640, 0.330), (0.290, 0.600), (0.150, 0.060)),  # BT.470 B/G
    6: ((0.630, 0.340), (0.310, 0.595), (0.155, 0.070)),  # SMPTE 170M
    7: ((0.630, 0.340), (0.310, 0.595), (0.155, 0.070)),  # SMPTE 240M
    9: ((0.708, 0.292), (0.170, 0.797), (0.131, 0.046)),  # BT.2020
    12: ((0.680, 0.320), (0.265, 0.690), (0.150, 0.060)),  # Display P3
}
HIGH_DYNAMIC_RANGE = {16: "PQ", 18: "HLG"}  # transfer characteristics whose luma is not that of a photograph
UNSPECIFIED = 2
_WHITE = (0.3127, 0.3290)  # D65
_BT709, _BT601, _BT2020 = 1, 6, 9
_HD_HEIGHT = 720  # from which players take unmarked video for BT.709


@dataclass(frozen=True)
class Coding:
    """How the codes of a video are to be understood.

    Attributes:
        matrix: matrix coefficients, a key of `MATRICES`.
        full: True for codes over the full range; False for limited ("TV") range.
        bits: bits of a code, 8 to 16.
        primaries: primaries, a key of `PRIMARIES`, or `UNSPECIFIED`, which is taken for BT.709, or for BT.2020 with the
            matrix of BT.2020.
        transfer: transfer characteristics of H.273; carried over, not used.
    """

    matrix: int = _BT709
    full: bool = False
    bits: int = 8
    primaries: int = UNSPECIFIED
    transfer: int = UNSPECIFIED

    @property
    def dtype(self) -> type:
        """The type of a code: `np.uint8`, or `np.uint16` for more than 8 bits."""
        return np.uint8 if self.bits <= 8 else np.uint16

    @property
    def luma_weights(self) -> tuple[float, float, float]:
        """Weights of red, green and blue in luma."""
        red, blue = MATRICES[self.matrix]
        return red, 1 - red - blue, blue

    @property
    def black_and_span(self) -> tuple[float, float]:
        """The code of black, and the number of codes from black to white."""
        unit = 1 << (self.bits - 8)
        return (0.0, float((1 << self.bits) - 1)) if self.full else (16.0 * unit, 219.0 * unit)

    @property
    def neutral_and_span(self) -> tuple[float, float]:
        """The code of no chroma, and the number of codes from the lowest chroma (-0.5) to the highest (0.5)."""
        neutral = float(1 << (self.bits - 1))
        return neutral, float((1 << self.bits) - 1) if self.full else 224.0 * (1 << (self.bits - 8))

    def rgb_from_xyz(self) -> np.ndarray:
        """Returns the matrix `(3, 3)` from XYZ, relative to a white of Y = 1, to linear RGB of the primaries."""
        fallback = _BT2020 if self.matrix in (9, 10) else _BT709
        corners = np.array(PRIMARIES.get(self.primaries, PRIMARIES[fallback]))
        columns = np.stack([corners[:, 0], corners[:, 1], 1 - corners.sum(axis=1)]) / corners[:, 1]
        white = np.array([_WHITE[0], _WHITE[1], 1 - sum(_WHITE)]) / _WHITE[1]
        return np.linalg.inv(columns * np.linalg.solve(columns, white))


def guessed_matrix(height: int) -> int:
    """Returns the matrix that players assume where a video names none: BT.601 for small pictures, else BT.709."""
    return _BT709 if height >= _HD_HEIGHT else _BT601


def unit_luma(codes: np.ndarray, coding: Coding) -> np.ndarray:
    """Converts luma codes to float32: 0 for black, 1 for white; codes below and above are clipped."""
    black, span = coding.black_and_span
    return np.clip((codes.astype(np.float32) - np.float32(black)) * np.float32(1 / span), 0, 1)


def luma_codes(rgb: np.ndarray, coding: Coding) -> np.ndarray:
    """Computes the luma codes `(H, W)` of RGB pixels `(H, W, 3)`, `uint8` or `uint16`."""
    black, span = coding.black_and_span
    weights = np.array(coding.luma_weights, np.float32) / np.float32(np.iinfo(rgb.dtype).max)
    return np.rint(rgb @ weights * np.float32(span) + np.float32(black)).astype(coding.dtype)


def rgb_of(luma: np.ndarray, chroma: np.ndarray, coding: Coding) -> np.ndarray:
    """Converts codes to RGB `(H, W, 3)` `uint8`: luma `(H, W)` and Cb and Cr `(2, H, W)`; colors beyond are clipped."""
    neutral, extent = coding.neutral_and_span
    red, green, blue = coding.luma_weights
    y = unit_luma(luma, coding)
    cb, cr = (chroma.astype(np.float32) - np.float32(neutral)) * np.float32(1 / extent)
    r, b = y + np.float32(2 * (1 - red)) * cr, y + np.float32(2 * (1 - blue)) * cb
    rgb = np.stack([r, (y - np.float32(red) * r - np.float32(blue) * b) * np.float32(1 / green), b], axis=-1)
    return np.rint(np.clip(rgb, 0, 1) * 255).astype(np.uint8)
