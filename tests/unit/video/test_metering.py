import math

import numpy as np
import pytest

from fusioncolor.video.frames import Frame
from fusioncolor.video.metering import Meter, Step, averaged, measured

SIZE = (24, 32)
RNG = np.random.default_rng(0)


def plain(*rgb) -> np.ndarray:
    return np.full((*SIZE, 3), rgb, np.uint8)


STILL = Step(False, lambda values: values, np.ones(SIZE, bool))


def test_a_still_video_in_its_true_colors_is_perfect():
    rgb = RNG.integers(0, 256, (*SIZE, 3)).astype(np.uint8)
    meter = Meter()
    for step in (Step(), *[STILL] * 5):
        meter.add(rgb, rgb, rgb, step)
    figures = meter.figures()
    steady = [figures[name] for name in ("flicker (Lab)", "warping error x1000", "CDC x1000")]
    assert steady == pytest.approx([0, 0, 0], abs=1e-9)
    assert figures["PSNR (dB)"] == math.inf
    assert math.isnan(figures["leak over a cut (Lab)"])


def test_a_change_of_color_is_flicker_unless_there_is_a_cut():
    red, gray = plain(200, 90, 90), plain(128, 128, 128)
    meter = Meter()
    for rgb, step in ((red, Step()), (gray, Step(is_cut=True)), (gray, STILL)):
        meter.add(rgb, rgb, red if step.is_cut else rgb, step)
    figures = meter.figures()
    assert figures["flicker (Lab)"] == 0
    assert figures["leak over a cut (Lab)"] > 10  # alone it would have been red
    for rgb in (red, gray, gray):
        meter.add(rgb, rgb, rgb, STILL)
    assert meter.figures()["flicker (Lab)"] > 5
    assert meter.figures()["CDC x1000"] > 0


def test_frames_without_a_step_are_not_measured():
    frames = [plain(10, 20, 30), plain(200, 0, 0), plain(10, 20, 30)]
    ways = {"truth": frames[:1] * 3, "frame by frame": frames}
    rows = measured(ways, [Step(), None, STILL])
    assert rows["frame by frame"]["PSNR (dB)"] == math.inf
    assert rows["frame by frame"]["flicker (Lab)"] == 0


def test_averaging_blends_within_a_shot_only():
    luma, planes = np.full(SIZE, 100, np.uint8), (np.full((12, 16), 100, np.uint8), np.full((12, 16), 160, np.uint8))
    frames = [Frame(index, index, luma, planes if index < 3 else planes[::-1]) for index in range(6)]
    together, apart = (list(averaged(iter(frames), numbers)) for numbers in ([0] * 6, [0] * 3 + [1] * 3))
    assert [frame.index for frame in together] == list(range(6))
    for frame, before in zip(apart, frames, strict=True):
        np.testing.assert_array_equal(frame.chroma, before.chroma)
    # weights of nearness from the third: 3, 4, 5 before the change, and 4, 3, 2 after
    assert {round((12 * 100 + 9 * 160) / 21)} == set(np.unique(together[2].chroma[0]))
    assert together[2].chroma[0].dtype == np.uint8
