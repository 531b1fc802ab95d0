from pathlib import Path

import pytest

from fusioncolor.config import VIDEO_CODECS as NAMES
from fusioncolor.errors import InputError
from fusioncolor.video.encoding import CODECS, codec_for, kept_bits, pixel_format


def test_every_name_of_the_option_is_a_codec():
    assert tuple(CODECS) == NAMES


@pytest.mark.parametrize(
    ("name", "bits", "wanted"),
    [("a.mp4", 8, "h264"), ("a.MKV", 8, "h264"), ("a.mp4", 10, "h265"), ("a.webm", 8, "vp9"), ("a.webm", 10, "av1")],
)
def test_a_codec_is_chosen_by_suffix_and_bits(name, bits, wanted):
    assert codec_for(Path(name), None, bits) is CODECS[wanted]


@pytest.mark.parametrize(
    ("name", "codec", "sentence"),
    [("a.gif", None, "too few colors"), ("a.xyz", None, "ending in"), ("a.mp4", "ffv1", "goes into .mkv")],
)
def test_files_that_cannot_be_written_are_refused(name, codec, sentence):
    with pytest.raises(InputError, match=sentence):
        codec_for(Path(name), codec)


def test_chroma_and_bits_of_the_source_are_kept_where_the_codec_can():
    assert pixel_format(CODECS["h264"], (480, 640), (2, 2), 8) == "yuv420p"
    assert pixel_format(CODECS["h265"], (480, 640), (1, 2), 10) == "yuv422p10le"
    assert pixel_format(CODECS["av1"], (480, 640), (1, 1), 10) == "yuv420p10le"
    assert pixel_format(CODECS["h264"], (480, 640), (1, 4), 8) == "yuv420p"


def test_odd_sizes_have_whole_chroma_where_the_codec_needs_it():
    assert pixel_format(CODECS["h264"], (63, 64), (2, 2), 8) == "yuv444p"
    assert pixel_format(CODECS["vp9"], (63, 64), (2, 2), 8) == "yuv420p"
    assert pixel_format(CODECS["h264"], (63, 64), (1, 2), 8) == "yuv422p"


def test_luma_is_kept_in_the_next_depth_that_there_is():
    assert kept_bits(CODECS["h264"], 8) == 8
    assert kept_bits(CODECS["h264"], 9) == 10
    assert kept_bits(CODECS["h264"], 12) == 10
    assert kept_bits(CODECS["ffv1"], 12) == 12
    assert kept_bits(CODECS["prores"], 8) == 10
