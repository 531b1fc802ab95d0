"""Rendered landscapes as JPEG files, so that a benchmark needs no photographs."""

import runpy
from collections.abc import Callable
from pathlib import Path

import numpy as np
from PIL import Image

from benchmarks.lib.results import PROJECT
from fusioncolor import images


def scene_renderer() -> Callable[..., Image.Image]:
    """The function `render(seed, index, size=256)` of `datasets/synthetic/prepare.py`, a script outside any package."""
    return runpy.run_path(str(PROJECT / "datasets" / "synthetic" / "prepare.py"))["render"]


def render(folder: Path, size: tuple[int, int], count: int) -> list[Path]:
    """Renders landscapes with sensor grain, so that the files are about as large as a camera's.

    Args:
        folder: receives the JPEG files.
        size: (height, width) in pixels.
        count: number of files.
    """
    render_scene = scene_renderer()
    rng = np.random.default_rng(0)
    for index in range(count):
        scene = images.resize(np.asarray(render_scene(0, index)), size).astype(np.int16)
        grain = rng.normal(0, 4, (*size, 1)).astype(np.int16)
        images.write(folder / f"{index}.jpg", np.clip(scene + grain, 0, 255).astype(np.uint8), quality=90)
    return images.find_in(folder)
