from fractions import Fraction

import numpy as np
import pytest
import videos

from fusioncolor.errors import InputError
from fusioncolor.video.coding import Coding
from fusioncolor.video.reading import reading, with_bits

pytest.importorskip("av")


def read(path, **options):
    with reading(path, **options) as reader:
        return reader.clip, list(reader.frames())


@pytest.mark.parametrize("codec", ["ffv1", "libx264"])
def test_every_frame_comes_in_order_with_its_time_and_its_luma(codec, tmp_path):
    lumas = videos.pictures(12)
    pts = [0, 40, 90, 130, 250, 251, 300, 340, 400, 420, 500, 900]
    path = videos.write(tmp_path / "a.mkv", lumas, codec=codec, pts=pts)
    clip, frames = read(path)
    assert [round(frame.pts * clip.time_base * 1000) for frame in frames] == pts
    for frame, luma in zip(frames, lumas, strict=True):
        np.testing.assert_array_equal(frame.luma, luma)
    assert clip.size == (48, 64)
    assert clip.subsampling == (2, 2)


def test_ten_bits_range_and_matrix_are_known(tmp_path):
    lumas = videos.pictures(3, bits=10)
    facts = {"color_range": 2, "colorspace": 9, "color_primaries": 9}
    path = videos.write(tmp_path / "a.mkv", lumas, kind="yuv422p10le", **facts)
    clip, frames = read(path)
    assert clip.coding == Coding(matrix=9, full=True, bits=10, primaries=9)
    assert clip.subsampling == (1, 2)
    np.testing.assert_array_equal(frames[2].luma, lumas[2])


def test_pixel_aspect_is_known(tmp_path):
    path = videos.write(tmp_path / "a.mp4", videos.pictures(2), codec="libx264", sample_aspect_ratio=Fraction(4, 3))
    assert read(path)[0].pixel_aspect == Fraction(4, 3)


def test_more_bits_lose_nothing_and_fewer_are_rounded():
    codes = np.arange(16, 236, dtype=np.uint8)[None]
    deep = with_bits(codes, 8, Coding(bits=10))
    np.testing.assert_array_equal(deep, codes.astype(int) * 4)
    np.testing.assert_array_equal(with_bits(deep, 10, Coding(bits=8)), codes)
    assert with_bits(np.array([[255]], np.uint8), 8, Coding(bits=10, full=True)) == 1023


def test_what_is_no_video_is_one_sentence(tmp_path):
    (tmp_path / "a.mp4").write_text("no video")
    with pytest.raises(InputError, match=r"a\.mp4: not a video that FFmpeg can read"):
        read(tmp_path / "a.mp4")


def test_a_file_that_ends_early_gives_the_frames_that_are_there(tmp_path):
    path = videos.write(tmp_path / "a.mkv", videos.pictures(30))
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) * 2 // 3])
    _, frames = read(path)
    assert 10 < len(frames) < 30


def test_frames_that_are_too_large_are_refused(tmp_path):
    path = videos.write(tmp_path / "a.mkv", videos.pictures(1))
    with pytest.raises(InputError, match="64x48 is more than `max_megapixels`"):
        read(path, max_pixels=1000)
