"""The page in Chromium, at the width of a desk and of a phone; any request that leaves the machine fails the test."""

import io
import os
import time
import zipfile
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from fusioncolor import images
from fusioncolor.config import AppConfig

pytestmark = [pytest.mark.keras, pytest.mark.browser]
pytest.importorskip("gradio")
AT_BOTH_WIDTHS = pytest.mark.parametrize("page", ["desk", "phone"], indirect=True)


def photograph(name="old.jpg", size=(120, 80)) -> dict:
    ramp = np.add.outer(np.arange(size[1]), 2 * np.arange(size[0])).clip(0, 255).astype(np.uint8)
    exif = Image.Exif()
    exif[0x0112], exif[0x013B] = 6, "A. Photographer"
    stream = io.BytesIO()
    Image.fromarray(ramp).save(stream, "JPEG", quality=95, exif=exif)
    return {"name": name, "mimeType": "image/jpeg", "buffer": stream.getvalue()}


def drop(page, *photographs, box="#first") -> None:
    page.set_input_files(f"{box} input[type=file]", list(photographs))
    page.wait_for_function("document.querySelector('#stage img.after')?.naturalWidth > 0")
    settle(page)


def settle(page) -> None:
    """Waits until the server has answered."""
    page.wait_for_function("!document.querySelector('#stage .waiting') && !document.querySelector('#say .busy')")


def shown(page) -> str:
    return page.locator("#stage img.after").get_attribute("src")


def changed(page, before: str) -> str:
    page.wait_for_function("before => document.querySelector('#stage img.after').src != before", arg=before)
    settle(page)
    return shown(page)


@AT_BOTH_WIDTHS
def test_a_photograph_is_dropped_changed_and_downloaded(page, tmp_path):
    drop(page, photograph())
    assert page.locator("#stage .view").is_visible()
    assert not page.locator("#first").is_visible()
    plain = shown(page)
    field = page.locator("#vividness input[type=number]")
    field.fill("2.5")
    field.press("Enter")
    vivid = changed(page, plain)
    assert vivid != plain
    with page.expect_download() as started:
        page.locator("#download").click()
    started.value.save_as(tmp_path / "result.jpg")
    result = images.read(tmp_path / "result.jpg")
    assert started.value.suggested_filename == "old.jpg"
    assert result.rgb.shape == (120, 80, 3)
    assert result.metadata.exif[0x013B] == "A. Photographer"
    assert "fusioncolor" in result.metadata.exif[0x0131]
    assert not images.is_gray(result.rgb)
    overflow = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert overflow <= 0  # nothing sticks out on the right


def test_several_photographs_come_back_as_a_zip(page, tmp_path):
    drop(page, photograph("a.jpg"), photograph("b.jpg", (90, 90)))
    drop(page, photograph("a.jpg", (64, 64)), box="#drop")
    page.wait_for_function("document.querySelectorAll('#strip button').length == 3")
    page.locator("#strip button").nth(1).click()
    page.wait_for_function("document.querySelector('#stage img.after').naturalHeight == 90")
    with page.expect_download() as started:
        page.locator("#download-all").click()
    started.value.save_as(tmp_path / "all.zip")
    with zipfile.ZipFile(tmp_path / "all.zip") as archive:
        assert archive.namelist() == ["a.jpg", "b.jpg", "a-2.jpg"]
    page.locator("#remove").click()
    page.wait_for_function("document.querySelectorAll('#strip button').length == 2")


@AT_BOTH_WIDTHS
def test_a_point_and_a_stroke_of_color_are_seen_at_once_and_undone(page):
    drop(page, photograph(size=(300, 300)))
    plain = shown(page)
    page.get_by_role("radio", name="Color point").click()
    page.get_by_role("button", name="brick").click()
    page.locator("#stage .view").scroll_into_view_if_needed()
    page.locator("#stage .view").click(position={"x": 40, "y": 40})
    point = changed(page, plain)
    page.get_by_role("radio", name="Color stroke").click()
    page.locator("#stage input[type=color]").fill("#1040e0")
    box = page.locator("#stage .view").bounding_box()
    page.mouse.move(box["x"] + 0.5 * box["width"], box["y"] + 0.6 * box["height"])
    page.mouse.down()
    page.mouse.move(box["x"] + 0.8 * box["width"], box["y"] + 0.7 * box["height"], steps=5)
    page.mouse.up()
    stroke = changed(page, point)
    page.get_by_role("button", name="Undo").click()
    assert changed(page, stroke) == point
    page.get_by_role("button", name="Clear").click()
    assert changed(page, point) == plain


def test_everything_works_with_the_keyboard(page):
    drop(page, photograph("a.jpg", (200, 200)), photograph("b.jpg"))
    plain = shown(page)
    view = page.locator("#stage .view")
    view.focus()
    for _ in range(5):
        page.keyboard.press("Shift+ArrowRight")
    assert view.get_attribute("aria-valuenow") == "100"
    page.keyboard.press("Home")
    assert view.get_attribute("aria-valuenow") == "0"
    page.locator("#stage .modes [data-mode=compare]").focus()
    page.keyboard.press("ArrowRight")
    assert page.locator("#stage .modes [data-mode=point]").get_attribute("aria-checked") == "true"
    page.get_by_role("button", name="deep sky").focus()
    page.keyboard.press("Space")
    view.focus()
    page.keyboard.press("Shift+ArrowLeft")
    page.keyboard.press("Enter")
    changed(page, plain)
    page.locator("#strip button").first.focus()
    page.keyboard.press("ArrowRight")
    page.wait_for_function("document.querySelector('#strip button:nth-child(2)').ariaSelected == 'true'")
    page.wait_for_function("document.querySelector('#stage img.after').naturalHeight == 120")


@AT_BOTH_WIDTHS
def test_hostile_files_become_sentences_and_the_others_are_colorized(page):
    name = "<img src=x onerror=alert(1)>.jpg"
    hostile = {"name": name, "mimeType": "image/jpeg", "buffer": b"<script>document.title = 'taken'</script>"}
    drop(page, hostile, photograph(), {"name": "notes.txt", "mimeType": "text/plain", "buffer": b"notes"})
    alerts = page.locator("#say [role=alert]")
    alerts.nth(1).wait_for()
    texts = alerts.all_inner_texts()
    assert "not an image, or a damaged one" in texts[0]
    assert "notes.txt: not one of the formats that are read" in texts[1]
    assert page.locator("#say img").count() == 0
    assert page.title() == "fusioncolor"
    assert page.locator("#stage .view").is_visible()


def test_what_does_not_apply_is_said(page, weights):
    """The weights of the tests predict one color; `peaks` asks for a distribution."""
    drop(page, photograph())
    page.locator("#more button").first.click()
    page.get_by_label("peaks").check()
    page.locator("#say [role=alert]").wait_for()
    assert "needs a classification model" in page.locator("#say").inner_text()


def test_uploads_are_deleted_when_the_page_is_closed(page, url):

    folder = Path(os.environ["GRADIO_TEMP_DIR"])
    drop(page, photograph())
    assert list(folder.glob("desk-*"))
    page.close()
    for _ in range(100):
        if not list(folder.glob("desk-*")) and not [path for path in folder.rglob("*") if path.suffix == ".jpg"]:
            return

        time.sleep(0.2)
    pytest.fail("photographs are still on the disk")


def test_without_pyav_the_tab_of_video_names_the_extra(browser, weights, monkeypatch):
    from fusioncolor.app.server import serving

    monkeypatch.setattr("fusioncolor.video.ffmpeg.find_spec", lambda name: None)
    with serving(AppConfig(weights=weights, port=0, browser=False, precision="float32")) as url:
        page = browser.new_page()
        page.goto(url)
        page.get_by_role("tab", name="Video").click()
        assert page.locator("#no-video").inner_text() == "video needs PyAV: pip install fusioncolor[video]."
        page.close()
