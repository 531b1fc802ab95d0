import numpy as np
import pytest
import videos

from fusioncolor import images
from fusioncolor.errors import InputError
from fusioncolor.video import pictures

pytest.importorskip("av")


def test_a_video_is_shown_in_its_colors_and_gray(tmp_path):
    path = videos.write(tmp_path / "a.mkv", videos.pictures(2), chroma=(90, 170))
    with pictures.opened(path) as (clip, frames):
        frame = next(iter(frames))
        color, gray = pictures.in_color(frame, clip.coding, (24, 32)), pictures.in_gray(frame, clip.coding, (24, 32))
    assert color.shape == gray.shape == (24, 32, 3)
    assert np.ptp(color.astype(int), axis=2).mean() > 40
    assert np.ptp(gray, axis=2).max() == 0


def test_a_folder_of_frames_is_shown_too(tmp_path):
    rgb = np.full((8, 10, 3), (200, 40, 90), np.uint8)
    images.write(tmp_path / "1.png", rgb)
    with pictures.opened(tmp_path) as (clip, frames):
        [shown] = [pictures.in_color(frame, clip.coding, clip.size) for frame in frames]
    np.testing.assert_array_equal(shown, rgb)


def test_frames_that_are_too_large_are_refused(tmp_path):
    path = videos.write(tmp_path / "a.mkv", videos.pictures(1))
    with pytest.raises(InputError, match="more than"), pictures.opened(path, max_pixels=100):
        pass
