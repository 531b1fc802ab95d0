import threading
import time

import numpy as np
import pytest
import videos

from fusioncolor import images
from fusioncolor.app.film import Film
from fusioncolor.app.studio import Look
from fusioncolor.errors import InputError

av = pytest.importorskip("av")
pytestmark = pytest.mark.keras


@pytest.fixture
def film(tmp_path, studio) -> Film:
    return Film(tmp_path / "film", studio, max_pixels=100_000)


def clip(tmp_path, name="old.mp4", count=8, **options):
    options = {"codec": "libx264", "sound": "aac"} | options
    (tmp_path / "dropped").mkdir(exist_ok=True)
    return videos.write(tmp_path / "dropped" / name, videos.pictures(count), **options)


def put(film, tmp_path, name="old.mp4", **options):
    film.put(clip(tmp_path, name, **options), name)


def test_the_download_is_what_the_command_writes(film, tmp_path, look, run_command):
    path = clip(tmp_path)
    (tmp_path / "old.mp4").write_bytes(path.read_bytes())
    film.put(path, "old.mp4")
    steps = []
    assert film.colorize(look, advance=steps.append)
    options = ["--weights", look.weights, "--precision", "float32"]
    assert run_command("video", tmp_path / "old.mp4", tmp_path / "new.mp4", *options).returncode == 0
    assert film.result.name == "old.mp4"
    for ours, theirs in zip(videos.planes_of(film.result), videos.planes_of(tmp_path / "new.mp4"), strict=True):
        for one, other in zip(ours, theirs, strict=True):
            np.testing.assert_array_equal(one, other)
    assert videos.packets_of(film.result, "audio") == videos.packets_of(tmp_path / "old.mp4", "audio")
    assert sum(steps) == film.frames == 8
    assert len(videos.planes_of(film.beside)) == 8


def test_the_facts_are_told(film, tmp_path):
    put(film, tmp_path, count=50)
    assert film.facts == "0:02, 64x48, 25 frames per second, with sound"
    put(film, tmp_path, "two.mkv", count=5, sound=None)
    assert film.name == "two.mkv"
    assert film.facts.endswith("silent")


def test_a_frame_is_shown_in_gray_and_in_color(film, tmp_path, look):
    put(film, tmp_path)
    before, after = film.still(look)
    assert before.shape == after.shape == (48, 64, 3)
    assert images.is_gray(before)
    assert not images.is_gray(after)
    np.testing.assert_array_equal(film.still(Look(look.weights, vividness=0))[1], before)


def test_the_result_is_of_the_same_kind_where_that_is_written(film, tmp_path, look):
    for name, result in (("old.mkv", "old.mkv"), ("old.avi", "old.mp4")):
        put(film, tmp_path, name, codec="mpeg4", sound=None)
        film.colorize(look, advance=lambda count: None)
        assert film.result.name == result


def test_a_stop_costs_nothing_that_was_finished_and_the_same_call_goes_on(film, tmp_path, look, monkeypatch):
    monkeypatch.setattr("fusioncolor.video.stages._SEGMENT", 4)
    put(film, tmp_path, count=12)
    first, second = [], []

    def stopping(count):
        first.append(count)
        if sum(first) == 6:
            film.stop()

    assert not film.colorize(look, advance=stopping)
    assert film.result is None
    assert film.colorize(look, advance=second.append)
    assert sum(second) == film.frames <= 8  # the first segment is there
    assert len(videos.planes_of(film.result)) == 12


def test_the_last_frame_of_a_stopped_video_needs_no_one_to_wait(film, tmp_path, look):
    """Whoever closes the page while a video is colorized ends that, and no file stays."""
    put(film, tmp_path, count=60)
    begun = threading.Event()

    def slowly(count):
        begun.set()
        time.sleep(0.05)

    work = threading.Thread(target=film.colorize, args=(look,), kwargs={"advance": slowly})
    work.start()
    assert begun.wait(60)
    film.clear()
    work.join(10)
    assert not work.is_alive()
    assert not (tmp_path / "film").exists()
    assert film.name == ""


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("old.mp4", b"<script>", r"^old\.mp4: not a video that FFmpeg can read"),
        ("old.jpg", b"", r"^old\.jpg: a photograph; drop it on the tab Photographs"),
        ("list.m3u8", b"#EXTM3U\n#EXTINF:1,\nhttp://127.0.0.1:9/a.ts\n", r"^list\.m3u8: "),
    ],
)
def test_what_is_no_video_is_refused_and_deleted(film, tmp_path, name, content, message):
    (tmp_path / name).write_bytes(content)
    with pytest.raises(InputError, match=message):
        film.put(tmp_path / name, name)
    assert not (tmp_path / "film").exists()
    assert not film.name


def test_larger_frames_than_allowed_are_refused(tmp_path, studio):
    small = Film(tmp_path / "film", studio, max_pixels=1000)
    with pytest.raises(InputError, match=r"^old\.mp4: 64x48 is more than"):
        put(small, tmp_path)


def test_without_a_clip_there_is_nothing_to_do(film, look):
    for work in (film.still, lambda look: film.colorize(look, advance=lambda count: None)):
        with pytest.raises(InputError, match="drop one first"):
            work(look)


def test_warnings_call_the_clip_by_its_name(film, tmp_path, look, monkeypatch):
    path = clip(tmp_path, count=30)
    content = bytearray(path.read_bytes())
    middle = len(content) // 2
    content[middle : middle + 200] = bytes(200)
    path.write_bytes(bytes(content))
    film.put(path, "old.mp4")
    film.colorize(look, advance=lambda count: None)
    assert film.notes
    assert all(note.startswith("old.mp4: ") for note in film.notes)
