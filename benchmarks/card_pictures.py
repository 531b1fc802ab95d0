"""Makes the grid of the README and of the model card from photographs that may be shown.

    pip install scikit-learn
    python -m benchmarks.front_grid

The photographs are those that come with scikit-image (public domain or CC0) and scikit-learn (china.jpg, CC BY 2.0).
"""

import io
import sys
from importlib.util import find_spec
from pathlib import Path

import numpy as np
from PIL import Image

from fusioncolor import color, images, metrics, models, plotting
from fusioncolor.colorizer import gray_picture
from fusioncolor.config import DEFAULT_WEIGHTS

PHOTOGRAPHS = {
    "sklearn": "datasets/images/china.jpg",
    "skimage": "data/rocket.jpg",
}
LONGEST = 640


def photograph(package: str, name: str) -> np.ndarray:
    """A photograph that comes with a package, at most `LONGEST` pixels wide."""
    found = find_spec(package)
    if found is None:
        sys.exit(f"{package} is not installed: pip install scikit-learn scikit-image")
    rgb = images.read(Path(found.origin).parent / name).rgb
    scale = min(LONGEST / rgb.shape[1], 1)
    return images.resize(rgb, (round(rgb.shape[0] * scale), round(rgb.shape[1] * scale)))


def main(output: str = f"{DEFAULT_WEIGHTS}/grid.jpg") -> int:
    """Writes the grid as a JPEG."""
    colorizer = models.load(DEFAULT_WEIGHTS)
    rows, captions = [], []
    for package, name in PHOTOGRAPHS.items():
        actual = photograph(package, name)
        gray = gray_picture(color.rgb_to_lightness(actual))
        predicted = colorizer.colorize(actual)
        rows.append([gray, actual, predicted])
        captions.append(["", "", f"{metrics.psnr(predicted, actual):.1f} dB (gray {metrics.psnr(gray, actual):.1f})"])
    png = io.BytesIO()
    plotting.grid(rows, ["grayscale", "actual", "predicted"], captions).savefig(png, format="png")
    images.write(output, np.asarray(Image.open(png).convert("RGB")))
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
