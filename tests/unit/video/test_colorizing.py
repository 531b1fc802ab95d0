"""The whole way of a video, with a baseline in place of a network."""

import numpy as np
import pytest
import videos

from fusioncolor import images
from fusioncolor.config import VideoConfig
from fusioncolor.errors import InputError
from fusioncolor.video.colorizing import colorize_video

pytest.importorskip("av")


@pytest.fixture
def reference(scenes):
    return images.find_in(scenes)[0]


def colorize(source, output, reference, **options):
    config = VideoConfig(source=source, output=output, weights="mean", reference=[reference], **options)
    return colorize_video(config)


@pytest.mark.parametrize("keyframes", [1, 4])
def test_every_frame_keeps_its_luma_and_its_time_and_gets_color(keyframes, reference, tmp_path):
    lumas = videos.pictures(23, cut=10)
    pts = [40 * index + (7 if index % 3 == 0 else 0) for index in range(23)]
    source = videos.write(tmp_path / "in.mkv", lumas, pts=pts, sound="pcm_s16le")
    output = tmp_path / "out.mkv"
    result = colorize(source, output, reference, codec="ffv1", keyframes=keyframes)
    assert (result.frames, result.resumed, result.interrupted) == (23, 0, False)
    assert videos.stamps_of(output) == videos.stamps_of(source)
    assert videos.packets_of(output, "audio") == videos.packets_of(source, "audio")
    for planes, luma in zip(videos.planes_of(output), lumas, strict=True):
        np.testing.assert_array_equal(planes[0], luma)
        assert np.abs(planes[1].astype(int) - 128).max() > 2
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".")] == []


def test_one_frame_is_a_video(reference, tmp_path):
    source = videos.write(tmp_path / "in.mkv", videos.pictures(1))
    assert colorize_video(str(source), str(tmp_path / "out.mp4"), weights="mean", reference=reference).frames == 1
    assert len(videos.luma_of(tmp_path / "out.mp4")) == 1


def test_a_file_that_is_there_is_not_replaced_unless_asked(reference, tmp_path):
    source = videos.write(tmp_path / "in.mkv", videos.pictures(2))
    (tmp_path / "out.mp4").write_text("mine")
    with pytest.raises(InputError, match="already there"):
        colorize(source, tmp_path / "out.mp4", reference)
    assert (tmp_path / "out.mp4").read_text() == "mine"
    colorize(source, tmp_path / "out.mp4", reference, overwrite=True)
    assert len(videos.luma_of(tmp_path / "out.mp4")) == 2
