"""Files beside a result, made from the photograph and the finished result: a sidecar, and a pair for archives."""

import datetime
import json
from pathlib import Path

import numpy as np
from PIL import Image

from fusioncolor import color, files, hints, images
from fusioncolor.compose import gray_picture
from fusioncolor.config import PredictConfig
from fusioncolor.images.xmp import COMPOSITE, ENHANCED
from fusioncolor.prediction import settings
from fusioncolor.prediction.plan import PAIRS, Task
from fusioncolor.registries import BASELINES
from fusioncolor.version import __version__

_LABEL = 1 / 40  # height of the letters, of the picture's shorter side
_SMALLEST = 10  # pixels


class Companions:
    """Writes the files beside results that the options ask for."""

    def __init__(self, config: PredictConfig) -> None:
        """Prepares for the given options.

        Raises:
            InputError: the weights are missing or damaged.
        """
        self._config = config
        self._settings = settings.settings_of(config) if config.sidecar else {}

    def complete(self, task: Task) -> None:
        """Writes what is missing or older than the result.

        Raises:
            InputError: the photograph or the result cannot be read, or a file cannot be written.
        """
        if self._config.sidecar and _is_due(sidecar_of(task), task.target):
            with files.replacing(sidecar_of(task)) as temporary:
                files.write_text(temporary, json.dumps(self._described(task), indent=1) + "\n")
        if self._config.side_by_side and _is_due(self._pair_of(task), task.target):
            self._write_pair(task)

    def _described(self, task: Task) -> dict[str, object]:
        """Returns the contents of a sidecar."""
        made = datetime.datetime.fromtimestamp(task.target.stat().st_mtime, datetime.UTC)
        learned = self._config.weights[0] not in BASELINES
        return {
            "result": task.target.name,
            "result_sha256": files.sha256(task.target),
            "photograph": task.source.name,
            "photograph_sha256": files.sha256(task.source),
            "software": f"fusioncolor {__version__}",
            "model": settings.title_of(self._config),
            "digital_source_type": COMPOSITE if learned else ENHANCED,
            "date": made.isoformat(timespec="seconds"),
            "hints_beside": [str(hint) for hint in hints.parse_all(task.hints)],
            "settings": self._settings,
        }

    def _pair_of(self, task: Task) -> Path:
        return self._config.output / PAIRS / task.target.relative_to(self._config.output)

    def _write_pair(self, task: Task) -> None:
        """Writes the photograph in gray and its result next to each other, each with a label under it."""
        result = images.read(task.target)
        gray = gray_picture(color.rgb_to_lightness(result.rgb))
        colored = images.to_bytes(result.rgb)
        program = "AI-colorized" if self._config.weights[0] not in BASELINES else "colorized"
        labels = ("original, in gray", f"{program}: fusioncolor {__version__}, {settings.title_of(self._config)}")
        gap = np.full((gray.shape[0], max(gray.shape[1] // 100, 2), 3), 255, np.uint8)
        pair = np.concatenate([gray, gap, colored], axis=1)
        strip = _labels(labels, gray.shape[:2], gap.shape[1])
        images.write(
            self._pair_of(task),
            np.concatenate([pair, strip]),
            metadata=result.metadata,
            quality=self._config.quality,
            owner=self._config.part.label if self._config.part else "",
        )


def sidecar_of(task: Task) -> Path:
    """Returns the file of a result's sidecar."""
    return task.target.with_name(f"{task.target.name}.json")


def _is_due(path: Path, result: Path) -> bool:
    """Tells whether a file is missing, or was made from an earlier result."""
    return not path.exists() or path.stat().st_mtime_ns < result.stat().st_mtime_ns


def _labels(texts: tuple[str, str], size: tuple[int, int], gap: int) -> np.ndarray:
    """Draws two texts on a white strip under two pictures of (height, width); letters shrink until they fit."""
    from PIL import ImageDraw, ImageFont

    width = size[1]
    letters = max(round(min(size) * _LABEL), _SMALLEST)
    while letters > 4 and max(ImageFont.load_default(letters).getlength(text) for text in texts) > width:
        letters -= 1
    strip = Image.new("RGB", (2 * width + gap, 2 * letters), "white")
    drawn = ImageDraw.Draw(strip)
    for text, left in zip(texts, (0, width + gap), strict=True):
        drawn.text((left, letters / 2), text, fill="black", font=ImageFont.load_default(letters))
    return np.asarray(strip)
