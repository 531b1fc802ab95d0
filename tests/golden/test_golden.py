"""Pictures that the included weights make of sample photographs, against those they made when they were added.

After new weights: look at the pictures that `python tests/golden/test_golden.py` writes beside itself, and commit them.
"""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from skimage import data

from fusioncolor import color, images, metrics
from fusioncolor.compose import gray_picture
from fusioncolor.models import factory

GOLDEN = Path(__file__).parent
SHIPPED = sorted(path.parent for path in (Path(__file__).parents[2] / "weights").glob("*/colorizer.json"))
PHOTOGRAPHS = ("rocket", "coffee")
SIDE = 96  # of a stored picture


def golden_pictures(folder: Path) -> dict[Path, np.ndarray]:
    """The stored file of every photograph, and what a saved colorizer makes of it now."""
    colorizer = factory.load(folder)
    pictures = {name: colorizer.colorize(getattr(data, name)()) for name in PHOTOGRAPHS}
    return {
        GOLDEN / folder.name / f"{name}.png": images.resize(picture, (SIDE, SIDE)) for name, picture in pictures.items()
    }


@pytest.mark.slow
@pytest.mark.parametrize("folder", SHIPPED, ids=lambda folder: folder.name)
def test_included_weights_give_the_pictures_they_gave(folder):
    for path, picture in golden_pictures(folder).items():
        stored = np.asarray(Image.open(path))
        assert metrics.psnr(picture, stored) > 40, path
        gray = gray_picture(color.rgb_to_lightness(stored))
        assert metrics.psnr(picture, gray) < 35, f"{path}: nearly gray"


if __name__ == "__main__":
    for shipped in SHIPPED:
        for target, shown in golden_pictures(shipped).items():
            target.parent.mkdir(parents=True, exist_ok=True)
            Image.fromarray(shown).save(target)
