"""Random changes to training photographs."""

from dataclasses import dataclass

import numpy as np
from PIL import Image


@dataclass(frozen=True)
class Augmentation:
    """Random changes to training photographs; borders are filled by reflection, never black.

    Attributes:
        rotation: largest angle in degrees, either way, 0 to 180.
        shear: largest horizontal shear factor (tangent), either way.
        flip: whether to mirror every second photograph, left to right.
        crop: smallest share of the photograph's area, above 0; 1 takes it whole.
        exposure: largest darkening in stops; photographs are brightened by at most half as much, which clips.
        emulsion: share of photographs with a lightness as an old emulsion would have recorded it.
    """

    rotation: float = 20.0
    shear: float = 0.2
    flip: bool = True
    crop: float = 1.0
    exposure: float = 0.0
    emulsion: float = 0.0


def random_box(crop: float, rng: np.random.Generator) -> tuple[float, float, float, float]:
    """Draws a random part of a photograph, of the photograph's aspect ratio.

    Args:
        crop: smallest share of the area, above 0 and at most 1.
        rng: random number generator.

    Returns:
        (left, top, right, bottom) as shares of width and height, 0 to 1.
    """
    side = rng.uniform(crop, 1) ** 0.5
    left, top = rng.uniform(0, 1 - side, 2)
    return left, top, left + side, top + side


def augment(rgb: np.ndarray, augmentation: Augmentation, rng: np.random.Generator) -> tuple[np.ndarray, bool]:
    """Rotates, shears and flips a picture at random about its center.

    Args:
        rgb: `(H, W, 3)` `uint8`.
        augmentation: ranges of the changes.
        rng: random number generator.

    Returns:
        The changed picture, of the same shape, and whether it was flipped.
    """
    angle = np.radians(rng.uniform(-augmentation.rotation, augmentation.rotation))
    shear = rng.uniform(-augmentation.shear, augmentation.shear)
    flipped = bool(augmentation.flip and rng.random() < 0.5)
    if flipped:
        rgb = rgb[:, ::-1]
    if angle == 0 and shear == 0:
        return np.ascontiguousarray(rgb), flipped
    height, width = rgb.shape[:2]
    # output (x, y) -> input: rotate and shear about the center, in coordinates of the padded picture
    matrix = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]]) @ [[1, shear], [0, 1]]
    reach = np.abs(matrix) @ [width / 2, height / 2] - [width / 2, height / 2]
    pad_x, pad_y = np.maximum(np.ceil(reach).astype(int) + 1, 0)
    padded = np.pad(rgb, [(pad_y, pad_y), (pad_x, pad_x), (0, 0)], mode="symmetric")
    center = np.array([width / 2, height / 2])
    padding = np.array([pad_x, pad_y])
    offset = center + padding - matrix @ center
    coefficients = (*matrix[0], offset[0], *matrix[1], offset[1])
    transformed = Image.fromarray(padded).transform(
        (width, height), Image.Transform.AFFINE, coefficients, Image.Resampling.BILINEAR
    )
    return np.asarray(transformed), flipped
