"""The figures of a colorized video, frame by frame, beside its true colors."""

import math
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np

from fusioncolor import color, metrics
from fusioncolor.video import measures
from fusioncolor.video.frames import Frame

AROUND = 4  # frames before and after that are averaged without motion


class Step(NamedTuple):
    """How a frame follows the one before it.

    Attributes:
        is_cut: whether it begins another shot.
        move: moves values `(H, W, C)` of the frame before to their places in this one; None if they are unknown.
        mask: `(H, W)` bool, pixels that both frames show; None if `move` is.
    """

    is_cut: bool = False
    move: Callable[[np.ndarray], np.ndarray] | None = None
    mask: np.ndarray | None = None


class Meter:
    """Collects the figures of one way of coloring."""

    def __init__(self) -> None:
        """Begins without frames."""
        self._sums = {"flicker": [], "warping": [], "psnr": [], "colorfulness": [], "leak": []}
        self._divergences = {lag: [] for lag in measures.LAGS}
        self._before: tuple[np.ndarray, np.ndarray] | None = None
        self._histograms: deque[np.ndarray] = deque(maxlen=max(measures.LAGS))

    def add(self, rgb: np.ndarray, truth: np.ndarray, alone: np.ndarray, step: Step) -> None:
        """Measures a frame.

        Args:
            rgb: the frame, `(H, W, 3)` `uint8`.
            truth: the same in its true colors.
            alone: the same, colorized by itself.
            step: how it follows the frame that was added before.
        """
        ab = _ab(rgb)
        if step.move is None:
            self._histograms.clear()
        elif self._before is not None:
            before_rgb, before_ab = self._before
            self._sums["flicker"].append(measures.flicker(ab, step.move(before_ab), step.mask))
            moved = step.move(before_rgb.astype(np.float32) / 255)
            self._sums["warping"].append(measures.warping_error(rgb / 255, moved, step.mask))
        if step.is_cut:
            self._sums["leak"].append(float(np.abs(ab - _ab(alone)).mean()))
        self._sums["psnr"].append(metrics.psnr(rgb, truth))
        self._sums["colorfulness"].append(metrics.colorfulness(rgb))
        self._diverge(measures.histogram(rgb))
        self._before = rgb, ab

    def _diverge(self, histogram: np.ndarray) -> None:
        for lag, found in self._divergences.items():
            if len(self._histograms) >= lag:
                found.append(measures.divergence(self._histograms[-lag], histogram))
        self._histograms.append(histogram)

    def figures(self) -> dict[str, float]:
        """Returns the means over all frames, by title; NaN for what no frame has."""
        means = {name: _mean(values) for name, values in self._sums.items()}
        return {
            "flicker (Lab)": means["flicker"],
            "warping error x1000": 1000 * means["warping"],
            "CDC x1000": 1000 * _mean([_mean(found) for found in self._divergences.values()]),
            "PSNR (dB)": means["psnr"],
            "colorfulness": means["colorfulness"],
            "leak over a cut (Lab)": means["leak"],
        }


def measured(ways: dict[str, Iterable[np.ndarray]], steps: Iterable[Step | None]) -> dict[str, dict[str, float]]:
    """Measures ways of coloring the same video.

    Args:
        ways: frames by way of coloring, `(H, W, 3)` `uint8`; "truth" and "frame by frame" must be among them.
        steps: how each frame follows the one before; None for a frame that is not measured, such as those of a fade.

    Returns:
        The figures of `Meter` by way.
    """
    meters = {way: Meter() for way in ways}
    for step, *frames in zip(steps, *ways.values(), strict=True):
        if step is None:
            continue
        shown = dict(zip(ways, frames, strict=True))
        for way, meter in meters.items():
            meter.add(shown[way], shown["truth"], shown["frame by frame"], step)
    rows = {way: meter.figures() for way, meter in meters.items()}
    for way in ("truth", "gray"):  # whose colors nobody predicted
        rows.get(way, {})["leak over a cut (Lab)"] = math.nan
    return rows


def averaged(frames: Iterable[Frame], numbers: Sequence[int]) -> Iterator[Frame]:
    """Averages the chroma planes of the frames around, nearer ones more, within a shot.

    Programs that know no motion do so; the averages are rounded to codes, as a file holds them.

    Args:
        frames: frames with `chroma` that were colorized one by one, counted from 0.
        numbers: the shot of each.
    """
    held: dict[int, Frame] = {}
    coming = iter(frames)
    for index, number in enumerate(numbers):
        while index + AROUND not in held and (following := next(coming, None)) is not None:
            held[following.index] = following
        held.pop(index - AROUND - 1, None)
        weights = {other: AROUND + 1 - abs(other - index) for other in held if numbers[other] == number}
        codes = sum(weight * np.asarray(held[other].chroma, np.float32) for other, weight in weights.items())
        chroma = np.rint(codes / sum(weights.values())).astype(held[index].chroma[0].dtype)
        yield replace(held[index], chroma=tuple(chroma))


def _ab(rgb: np.ndarray) -> np.ndarray:
    return color.rgb_to_lab(rgb)[..., 1:]


def _mean(values: Sequence[float]) -> float:
    return float(np.mean(values)) if len(values) else math.nan
