import numpy as np
import pytest
import videos

from fusioncolor.video import preview

av = pytest.importorskip("av")


def rgb_of(path):
    with av.open(str(path)) as container:
        return [frame.to_ndarray(format="rgb24") for frame in container.decode(video=0)]


def in_color(path, count):
    """A video whose chroma is far from neutral."""
    return videos.write(path, videos.pictures(count), chroma=(90, 170))


@pytest.mark.parametrize(("colored_source", "panels"), [(False, 2), (True, 3)])
def test_gray_and_colored_stand_side_by_side_and_actual_where_there_is_one(colored_source, panels, tmp_path):
    make = in_color if colored_source else lambda path, count: videos.write(path, videos.pictures(count))
    source, output = make(tmp_path / "in.mkv", 12), in_color(tmp_path / "out.mkv", 12)
    path = preview.write(source, output, rate=25, deinterlace=False)
    assert path == tmp_path / "out.preview.mp4"
    shown = rgb_of(path)
    assert len(shown) == 12
    assert shown[0].shape == (48, 64 * panels + 4 * (panels - 1), 3)
    spread = np.ptp(shown[6].astype(int), axis=2)
    assert spread[:, :60].mean() < 8  # gray, as far as H.264 keeps it
    assert spread[:, 76:124].mean() > 40


def test_ten_seconds_of_a_longer_video_are_shown(tmp_path):
    source = videos.write(tmp_path / "in.mkv", videos.pictures(400, (16, 16)))
    path = preview.write(source, source, rate=25, deinterlace=False)
    assert len(rgb_of(path)) == 250
