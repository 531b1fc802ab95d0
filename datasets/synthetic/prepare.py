"""Renders simple colored landscapes: sky, sun, mountains, water or meadow, trees.

    python datasets/synthetic/prepare.py --count 200

Every scene is a pure function of (seed, index), so everybody gets the same set. It serves the tests and a first try of
train.py without a download; it says nothing about quality on real photographs.
"""

import argparse
import sys
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

SKIES = [((70, 130, 205), (190, 215, 240)), ((60, 80, 140), (250, 170, 110)), ((120, 165, 215), (225, 235, 245))]
MOUNTAINS = [(110, 100, 95), (95, 110, 120), (125, 105, 85)]
MEADOWS = [(85, 140, 60), (120, 150, 70), (165, 150, 85)]
WATERS = [(45, 105, 150), (60, 130, 160)]
TREES = [(35, 85, 40), (55, 100, 45), (150, 95, 40)]


def render(seed: int, index: int, size: int = 256) -> Image.Image:
    """Renders scene `index` of the set `seed` as an RGB picture of `size` x `size` pixels."""
    rng = np.random.default_rng([seed, index])
    horizon = int(size * rng.uniform(0.45, 0.65))
    picture = Image.fromarray(_sky(rng, size, horizon))
    draw = ImageDraw.Draw(picture)
    _sun(draw, rng, size, horizon)
    for distance in (1.0, 0.6):
        _mountains(draw, rng, size, horizon, distance)
    is_water = rng.random() < 0.5
    ground = _choose(rng, WATERS if is_water else MEADOWS)
    draw.rectangle([0, horizon, size, size], fill=ground)
    (_waves if is_water else _grass)(draw, rng, size, horizon, ground)
    for _ in range(rng.integers(2, 9)):
        _tree(draw, rng, size, base=horizon if is_water else rng.uniform(horizon, size))
    picture = picture.filter(ImageFilter.GaussianBlur(size / 400))
    noisy = np.asarray(picture, np.float32) + rng.normal(0, 4, (size, size, 1))
    return Image.fromarray(np.clip(noisy, 0, 255).astype(np.uint8))


def prepare(output: Path, *, count: int, size: int, seed: int) -> None:
    """Writes `count` scenes to `output` as `scene-0000.png`, `scene-0001.png`, ..."""
    output.mkdir(parents=True, exist_ok=True)
    for index in range(count):
        render(seed, index, size).save(output / f"scene-{index:04}.png")


def _choose(rng: np.random.Generator, colors: list) -> tuple[int, int, int]:
    shade = rng.uniform(0.85, 1.15)
    return tuple(int(min(value * shade, 255)) for value in colors[rng.integers(len(colors))])


def _sky(rng: np.random.Generator, size: int, horizon: int) -> np.ndarray:
    top, bottom = (np.array(color, np.float32) for color in SKIES[rng.integers(len(SKIES))])
    share = np.clip(np.arange(size) / horizon, 0, 1)[:, None, None]
    return np.broadcast_to(top * (1 - share) + bottom * share, (size, size, 3)).astype(np.uint8)


def _sun(draw: ImageDraw.ImageDraw, rng: np.random.Generator, size: int, horizon: int) -> None:
    x, y, radius = rng.uniform(0, size), rng.uniform(0.1, 0.8) * horizon, size * rng.uniform(0.03, 0.06)
    draw.ellipse([x - radius, y - radius, x + radius, y + radius], fill=(255, 240, 190))


def _mountains(draw: ImageDraw.ImageDraw, rng: np.random.Generator, size: int, horizon: int, distance: float) -> None:
    steps = 24
    heights = np.abs(np.cumsum(rng.normal(0, 1, steps)))
    heights = horizon - heights / heights.max() * horizon * 0.5 * distance
    xs = np.linspace(0, size, steps)
    haze = np.array([150, 170, 195]) * 0.5 * distance
    color = tuple((np.array(_choose(rng, MOUNTAINS)) * (1 - 0.5 * distance) + haze).astype(int))
    draw.polygon([(0, horizon), *zip(xs, heights, strict=True), (size, horizon)], fill=color)


def _waves(draw: ImageDraw.ImageDraw, rng: np.random.Generator, size: int, horizon: int, ground: tuple) -> None:
    light = tuple(min(value + 30, 255) for value in ground)
    for _ in range(60):
        x, y, length = rng.uniform(0, size), rng.uniform(horizon, size), size * rng.uniform(0.02, 0.12)
        draw.line([x, y, x + length, y], fill=light)


def _grass(draw: ImageDraw.ImageDraw, rng: np.random.Generator, size: int, horizon: int, ground: tuple) -> None:
    dark = tuple(int(value * 0.8) for value in ground)
    for _ in range(400):
        x, y = rng.uniform(0, size), rng.uniform(horizon, size)
        draw.line([x, y, x + rng.normal(0, 2), y - size * 0.02], fill=dark)


def _tree(draw: ImageDraw.ImageDraw, rng: np.random.Generator, size: int, base: float) -> None:
    x, height = rng.uniform(0, size), size * rng.uniform(0.08, 0.25)
    draw.rectangle([x - height * 0.05, base - height * 0.4, x + height * 0.05, base], fill=(85, 60, 40))
    color = _choose(rng, TREES)
    if rng.random() < 0.5:
        foot = base - height * 0.3
        draw.polygon([(x, base - height), (x - height * 0.3, foot), (x + height * 0.3, foot)], fill=color)
    else:
        draw.ellipse([x - height * 0.3, base - height, x + height * 0.3, base - height * 0.35], fill=color)


def main() -> int:
    """Renders the set that the arguments describe; returns the exit code."""
    parser = argparse.ArgumentParser(description="Render a set of simple colored landscapes.")
    output = Path(__file__).parent / "photographs"
    parser.add_argument(
        "--output", type=Path, default=output, metavar="FOLDER", help="default: photographs/ beside this"
    )
    parser.add_argument("--count", type=int, default=200, help="number of scenes (default: 200)")
    parser.add_argument("--size", type=int, default=256, help="side of a scene in pixels (default: 256)")
    parser.add_argument("--seed", type=int, default=0, help="random seed of the set (default: 0)")
    options = parser.parse_args()
    if options.count < 1 or options.size < 16:
        parser.error("--count must be 1 or more, --size 16 or more")
    prepare(options.output, count=options.count, size=options.size, seed=options.seed)
    print(f"{options.count} scenes: {options.output}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
