"""Makes the pictures of the README and of the model cards from photographs that may be published.

    pip install scikit-learn
    python -m benchmarks.card_pictures

They come with scikit-image (public domain or CC0) and scikit-learn (CC BY 2.0), or are scenes of `datasets/synthetic`;
no colorizer was trained on any of them. Every weights folder gets `random.jpg`, a few of them drawn at random, and
`worst.jpg`, the ones with the least gain over gray.

The pictures in `docs/images/`, the README's `front.jpg` and `pan.webp` and the manual's `steps.jpg`, show the four
landscapes of Debian's package lomiri-wallpapers-16.04 (by Aitzol Berasategi, CC BY 4.0), which no colorizer was trained
on either:

    apt-get download lomiri-wallpapers-16.04 && dpkg -x lomiri-wallpapers-16.04_*.deb wallpapers
    python -m benchmarks.card_pictures --front wallpapers/usr/share/backgrounds
"""

import argparse
import io
import sys
import tempfile
from importlib.util import find_spec
from pathlib import Path

import numpy as np
from PIL import Image

import fusioncolor
from benchmarks.lib import clips
from benchmarks.lib.internals import VideoRun
from benchmarks.lib.scenes import scene_renderer
from fusioncolor import color, images, metrics, plotting
from fusioncolor.compose import gray_picture
from fusioncolor.config import DEFAULT_WEIGHTS, PUBLISHED_WEIGHTS, VIVIDNESS
from fusioncolor.models.predictor import Source
from fusioncolor.models.saving import find_folder

FRONT = [f"{name}_by_Aitzol_Berasategi.jpg" for name in ("aitzgorri", "picosdeeuropa", "life", "sunset")]
FRONT_PICTURE = Path("docs/images/front.jpg")
STEPS_PICTURE = Path("docs/images/steps.jpg")
PAN_PICTURE = Path("docs/images/pan.webp")
PAN_SIZE = (240, 360)  # height, width of each half
PAN_FRAMES = 48  # of the video that is rendered and colorized, there and back again
PHOTOGRAPHS = {
    "china": ("sklearn", "datasets/images/china.jpg"),
    "flower": ("sklearn", "datasets/images/flower.jpg"),
    "rocket": ("skimage", "data/rocket.jpg"),
    "coffee": ("skimage", "data/coffee.png"),
    "chelsea": ("skimage", "data/chelsea.png"),
    "astronaut": ("skimage", "data/astronaut.png"),
    "hubble": ("skimage", "data/hubble_deep_field.jpg"),
    "retina": ("skimage", "data/retina.jpg"),
}
SYNTHETIC = 8  # rendered scenes
SHOWN = 5
LONGEST = 640
SEED = 0


def photographs() -> dict[str, np.ndarray]:
    """All pictures by name, `(H, W, 3)` `uint8`, at most `LONGEST` pixels wide."""
    found = {name: _installed(package, path) for name, (package, path) in PHOTOGRAPHS.items()}
    render = scene_renderer()
    scenes = {f"synthetic {index}": np.asarray(render(SEED, index)) for index in range(SYNTHETIC)}
    return found | scenes


def _installed(package: str, name: str) -> np.ndarray:
    found = find_spec(package)
    if found is None:
        sys.exit(f"{package} is not installed: pip install scikit-learn scikit-image")
    return _at_most(LONGEST, images.read(Path(found.origin).parent / name).rgb)


def _at_most(width: int, rgb: np.ndarray) -> np.ndarray:
    scale = min(width / rgb.shape[1], 1)
    return images.resize(rgb, (round(rgb.shape[0] * scale), round(rgb.shape[1] * scale)))


def grid(path: Path, chosen: list[np.ndarray], predicted: dict[str, list[np.ndarray]]) -> None:
    """Writes rows of grayscale, actual and predicted, with the PSNR below, as a JPEG.

    Args:
        path: of the JPEG.
        chosen: the originals.
        predicted: by column title, one for each original.
    """
    rows, captions = [], []
    for actual, *pictures in zip(chosen, *predicted.values(), strict=True):
        gray = gray_picture(color.rgb_to_lightness(actual))
        rows.append([gray, actual, *pictures])
        figures = [f"{metrics.psnr(picture, actual):.1f} dB" for picture in (gray, *pictures)]
        captions.append([figures[0], "", *figures[1:]])
    png = io.BytesIO()
    plotting.grid(rows, ["grayscale", "actual", *predicted], captions).savefig(png, format="png")
    images.write(path, np.asarray(Image.open(png).convert("RGB")))


def gain(predicted: np.ndarray, actual: np.ndarray) -> float:
    """PSNR over that of the gray picture, in dB."""
    return metrics.psnr(predicted, actual) - metrics.psnr(gray_picture(color.rgb_to_lightness(actual)), actual)


def card(folder: str, colorizer: fusioncolor.Colorizer, pictures: list[np.ndarray]) -> None:
    """Writes `random.jpg` and `worst.jpg` into a weights folder."""
    predicted = [colorizer.colorize(picture) for picture in pictures]
    by_lot = np.random.default_rng(SEED).choice(len(pictures), SHOWN, replace=False)
    worst = np.argsort([gain(one, actual) for one, actual in zip(predicted, pictures, strict=True)])[:SHOWN]
    for name, chosen in (("random", by_lot), ("worst", worst)):
        columns = {"predicted": [predicted[index] for index in chosen]}
        grid(Path(folder) / f"{name}.jpg", [pictures[index] for index in chosen], columns)


def front(folder: Path) -> None:
    """Writes the README's picture: landscapes at their full size, colorized by the default weights."""
    pictures = [images.read(folder / name).rgb for name in FRONT]
    default = fusioncolor.load(DEFAULT_WEIGHTS, runtime="keras")
    columns = {
        "predicted": [default.colorize(picture) for picture in pictures],
        "predicted --vivid": [default.colorize(picture, vividness=VIVIDNESS) for picture in pictures],
    }
    FRONT_PICTURE.parent.mkdir(exist_ok=True)
    grid(FRONT_PICTURE, pictures, columns)


def steps(path: Path, rgb: np.ndarray) -> None:
    """Writes what happens to a photograph: its lightness, the predicted chroma, and both together."""
    colorizer = fusioncolor.load(DEFAULT_WEIGHTS, runtime="keras")
    lightness = color.rgb_to_lightness(rgb)
    [chroma] = colorizer.predict(colorizer.prepare(Source(lightness))[None])
    ab = images.resize(chroma.ab, lightness.shape[:2])
    pictures = {
        "lightness": gray_picture(lightness),
        "predicted chroma": color.join_in_gamut(np.full_like(lightness, 65), ab),
        "together": colorizer.colorize(rgb),
    }
    png = io.BytesIO()
    plotting.grid([list(pictures.values())], list(pictures)).savefig(png, format="png")
    images.write(path, np.asarray(Image.open(png).convert("RGB")))


def pan(path: Path, rgb: np.ndarray) -> None:
    """Writes a looping picture of a video that pans over a photograph: gray on the left, colorized on the right."""
    height, width = PAN_SIZE
    wide = images.resize(rgb, (round(1.5 * height), round(1.5 * height / rgb.shape[0] * rgb.shape[1])))
    way = (1 - np.cos(np.linspace(0, np.pi, PAN_FRAMES))) / 2  # slow at both ends
    places = [(round((wide.shape[0] - height) * share), round((wide.shape[1] - width) * share)) for share in way]
    frames = [wide[top : top + height, left : left + width] for top, left in places]
    with tempfile.TemporaryDirectory() as name:
        source = clips.write_gray(Path(name) / "gray.mkv", frames)
        VideoRun().colorize(source, Path(name) / "colored.mkv", codec="ffv1")
        halves = zip(clips.read(source)[::2], clips.read(Path(name) / "colored.mkv")[::2], strict=True)
        shown = [Image.fromarray(np.concatenate(pair, axis=1)) for pair in halves]
    shown += shown[-2:0:-1]
    shown[0].save(path, save_all=True, append_images=shown[1:], duration=120, loop=0, quality=40, method=6)


def main() -> int:
    """Writes the pictures of the cards, or those of the README and the manual."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--front", type=Path, metavar="FOLDER", help="only those in docs/images, from this folder")
    arguments = parser.parse_args()
    if arguments.front:
        front(arguments.front)
        steps(STEPS_PICTURE, images.read(arguments.front / FRONT[1]).rgb)
        pan(PAN_PICTURE, images.read(arguments.front / FRONT[1]).rgb)
        return 0
    pictures = photographs()
    colorizers = {find_folder(name): fusioncolor.load(name) for name in (DEFAULT_WEIGHTS, PUBLISHED_WEIGHTS)}
    for folder, colorizer in colorizers.items():
        card(folder, colorizer, list(pictures.values()))
    return 0


if __name__ == "__main__":
    sys.exit(main())
