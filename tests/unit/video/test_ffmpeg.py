import importlib.util
import os
import subprocess
import sys

import pytest
import videos

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


CLOSED_EARLY = """
import sys
from pathlib import Path
from fusioncolor.video.reading import reading
for _ in range(20):
    with reading(Path(sys.argv[1])) as reader:
        frames = reader.frames()
        for _ in range(5):
            next(frames)
        frames.close()
    del frames, reader
"""


@pytest.mark.skipif(importlib.util.find_spec("av") is None, reason="needs PyAV")
def test_a_video_that_is_not_read_to_its_end_is_closed(tmp_path):
    """FFmpeg's threads must not need Python's lock while Python waits for them. That takes threads, so two at least."""
    path = videos.write(tmp_path / "a.mp4", videos.pictures(12), codec="libx264")
    settings = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    subprocess.run([sys.executable, "-c", CLOSED_EARLY, path], env=settings, timeout=120, check=True)
