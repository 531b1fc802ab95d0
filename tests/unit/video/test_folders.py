import numpy as np
import pytest
import videos

from fusioncolor import color, images
from fusioncolor.config import VideoConfig
from fusioncolor.errors import InputError
from fusioncolor.video.colorizing import colorize_video
from fusioncolor.video.folders import FolderReader, natural


@pytest.fixture
def frames(tmp_path):
    folder = tmp_path / "frames"
    for index, luma in enumerate(videos.pictures(11)):
        images.write(folder / f"f{index}.png", np.repeat(luma[..., None], 3, axis=2))
    return folder


def colorize(scenes, source, output, **options):
    reference = [images.find_in(scenes)[0]]
    return colorize_video(VideoConfig(source=source, output=output, weights="mean", reference=reference, **options))


def test_frame_two_comes_before_frame_ten(frames):
    assert sorted(["f10.png", "f2.png", "f1.png"], key=natural) == ["f1.png", "f2.png", "f10.png"]
    reader = FolderReader(frames, rate=24, max_pixels=10**6)
    assert [frame.path.name for frame in reader.frames()] == [f"f{index}.png" for index in range(11)]
    assert (reader.clip.count, reader.clip.rate) == (11, 24)


def test_a_folder_becomes_a_folder_of_the_same_names_with_the_same_lightness(scenes, frames, tmp_path):
    result = colorize(scenes, frames, tmp_path / "out", keyframes=4)
    assert result.frames == 11
    assert {path.name for path in images.find_in(tmp_path / "out")} == {path.name for path in images.find_in(frames)}
    for path in images.find_in(frames):
        before, after = images.read(path).rgb, images.read(tmp_path / "out" / path.name).rgb
        assert np.abs(color.rgb_to_lightness(before) - color.rgb_to_lightness(after)).max() < 1  # 8 bits
        assert not images.is_gray(after)


def test_a_folder_becomes_a_video_and_a_video_a_folder(scenes, frames, tmp_path):
    pytest.importorskip("av")
    colorize(scenes, frames, tmp_path / "out.mp4", rate=10)
    stamps = videos.stamps_of(tmp_path / "out.mp4")
    assert [float(stamp) for stamp in stamps] == pytest.approx([index / 10 for index in range(11)])
    colorize(scenes, tmp_path / "out.mp4", tmp_path / "again")
    assert [path.name for path in images.find_in(tmp_path / "again")] == [f"{n:06}.png" for n in range(1, 12)]


def test_frames_of_two_sizes_are_refused(frames):
    images.write(frames / "f5.png", np.zeros((20, 20, 3), np.uint8))
    with pytest.raises(InputError, match=r"f5\.png: 20x20, but f0\.png is 64x48"):
        list(FolderReader(frames, rate=24, max_pixels=10**6).frames())


def test_an_empty_folder_is_named(tmp_path):
    with pytest.raises(InputError, match="no image in folder"):
        FolderReader(tmp_path, rate=24, max_pixels=10**6)
