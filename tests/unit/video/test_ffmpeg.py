import importlib.util

import pytest

from fusioncolor.errors import InputError
from fusioncolor.video import ffmpeg


def test_without_pyav_the_extra_is_named(monkeypatch):
    monkeypatch.setattr(ffmpeg, "find_spec", lambda name: None)
    with pytest.raises(InputError, match=r"pip install fusioncolor\[video\]"):
        ffmpeg.library()


@pytest.mark.skipif(importlib.util.find_spec("av") is None, reason="needs PyAV")
def test_a_folder_is_no_video(tmp_path):
    with pytest.raises(InputError, match="a folder"), ffmpeg.opened(tmp_path):
        pass
