"""The tab of video in Chromium, at the width of a desk and of a phone."""

import os
import time
from pathlib import Path

import numpy as np
import pytest
import videos

pytestmark = [pytest.mark.keras, pytest.mark.browser]
pytest.importorskip("gradio")
AT_BOTH_WIDTHS = pytest.mark.parametrize("page", ["desk", "phone"], indirect=True)


@pytest.fixture
def tab(page):
    pytest.importorskip("av")
    page.get_by_role("tab", name="Video").click()
    page.locator("#clip").wait_for()
    return page


def clip(tmp_path, count=10) -> Path:
    return videos.write(tmp_path / "old.mp4", videos.pictures(count, (96, 128)), codec="libx264", sound="aac")


def drop(tab, path) -> None:
    tab.set_input_files("#clip input[type=file]", path)
    tab.wait_for_function("document.querySelector('#still img.after')?.naturalWidth > 0")
    settle(tab)


def settle(tab) -> None:
    tab.wait_for_function("!document.querySelector('#say .busy')")


@AT_BOTH_WIDTHS
def test_a_clip_is_dropped_seen_colorized_played_and_downloaded(tab, tmp_path):
    path = clip(tmp_path)
    drop(tab, path)
    assert "old.mp4: 0:00, 128x96, 25 frames per second, with sound" in tab.locator("#facts").inner_text()
    assert not tab.locator("#still .tools").is_visible()
    plain = tab.locator("#still img.after").get_attribute("src")
    field = tab.locator("#video-vividness input[type=number]")
    field.fill("2.5")
    field.press("Enter")
    tab.wait_for_function("before => document.querySelector('#still img.after').src != before", arg=plain)
    tab.get_by_label("every fourth").check()
    tab.locator("#colorize").click()
    tab.locator("#beside video").wait_for()
    tab.wait_for_function("document.querySelector('#beside video').videoWidth > 0")  # Chromium plays it
    assert tab.evaluate("document.querySelector('#beside video').videoWidth") == 2 * 128 + 4
    with tab.expect_download() as started:
        tab.locator("#download-video").click()
    started.value.save_as(tmp_path / "result.mp4")
    assert started.value.suggested_filename == "old.mp4"
    assert videos.packets_of(tmp_path / "result.mp4", "audio") == videos.packets_of(path, "audio")
    assert videos.stamps_of(tmp_path / "result.mp4") == videos.stamps_of(path)
    assert max(np.ptp(blue) for _, blue, _ in videos.planes_of(tmp_path / "result.mp4")) > 3  # it has color
    overflow = tab.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert overflow <= 0
    tab.locator("#remove-video").click()
    tab.locator("#clip").wait_for()


@pytest.mark.parametrize("page", ["phone"], indirect=True)
def test_progress_is_in_sight_and_a_stopped_video_goes_on(tab, tmp_path):
    drop(tab, clip(tmp_path, 250))
    tab.locator("#colorize").click()
    tab.wait_for_function("document.querySelector('#say progress')?.value > 0")
    assert tab.evaluate("scrollY") > 100  # the button is far down
    assert 0 < tab.locator("#say").bounding_box()["y"] < 50
    assert " of 250" in tab.locator("#say").inner_text()
    tab.locator("#stop").click()
    tab.locator("#say .good").wait_for()
    assert tab.locator("#say").inner_text() == "Stopped. Colorize goes on from there."
    tab.locator("#colorize").click()
    tab.get_by_role("button", name="Stop", exact=True).wait_for()
    tab.locator("#download-video").wait_for()


@AT_BOTH_WIDTHS
def test_what_is_no_video_becomes_a_sentence(tab, tmp_path):
    name = "<img src=x onerror=alert(1)>.mp4"
    tab.set_input_files(
        "#clip input[type=file]", {"name": name, "mimeType": "video/mp4", "buffer": b"<script>document.title = 1"}
    )
    tab.locator("#say [role=alert]").wait_for()
    assert "not a video that FFmpeg can read" in tab.locator("#say").inner_text()
    assert tab.locator("#say img").count() == 0
    assert tab.title() == "fusioncolor"
    drop(tab, clip(tmp_path))


def test_a_video_is_deleted_and_stopped_when_the_page_is_closed(tab, tmp_path):
    folder = Path(os.environ["GRADIO_TEMP_DIR"])
    drop(tab, clip(tmp_path, 250))
    tab.locator("#colorize").click()
    tab.wait_for_function("document.querySelector('#say progress')?.value > 0")
    assert list(folder.rglob("*.mp4"))
    tab.close()
    for _ in range(100):
        if not list(folder.glob("desk-*")) and not list(folder.rglob("*.mp4")):
            return
        time.sleep(0.2)
    pytest.fail("the video is still on the disk")
