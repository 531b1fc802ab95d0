from fractions import Fraction

import numpy as np
import pytest
import videos

from fusioncolor.video.coding import Coding
from fusioncolor.video.encoding import CODECS
from fusioncolor.video.frames import Clip
from fusioncolor.video.writing import SegmentWriter, write_rgb

av = pytest.importorskip("av")


@pytest.mark.parametrize("bits", [8, 10])
def test_a_lossless_codec_has_the_luma_of_the_source_untouched(bits, tmp_path):
    clip = Clip(tmp_path, (48, 64), Coding(bits=bits), (2, 2), Fraction(1, 1000), Fraction(25))
    lumas = videos.pictures(3, bits=bits)
    writer = SegmentWriter(tmp_path / "a.mkv", clip, CODECS["ffv1"], 0)
    for luma in lumas:
        writer.write(luma, np.full((4, 6, 2), (20, -10), np.float32))
    writer.close()
    for planes, luma in zip(videos.planes_of(tmp_path / "a.mkv"), lumas, strict=True):
        np.testing.assert_array_equal(planes[0], luma)
        assert planes[1].mean() > 130 * 2 ** (bits - 8)  # toward blue


def test_rgb_pictures_become_a_video_that_looks_like_them(tmp_path):
    pictures = [np.full((32, 48, 3), color, np.uint8) for color in ((200, 60, 40), (40, 60, 200))]
    write_rgb(tmp_path / "a.mp4", pictures, Fraction(25))
    with av.open(str(tmp_path / "a.mp4")) as container:
        shown = [frame.to_ndarray(format="rgb24") for frame in container.decode(video=0)]
    for rgb, picture in zip(shown, pictures, strict=True):
        np.testing.assert_allclose(rgb, picture, atol=12)  # a lossy codec
