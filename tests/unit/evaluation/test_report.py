"""The page of an evaluation, in a browser too where there is one."""

import html.parser
import os
import re
import shutil
import subprocess
import sys

import numpy as np
import pytest

from fusioncolor import images

CHROMIUM = next((path for path in map(shutil.which, ("chromium", "chromium-browser", "google-chrome")) if path), None)


@pytest.fixture(scope="module")
def evaluate(project):
    """Runs `fusioncolor evaluate`: (*arguments) -> CompletedProcess."""

    def run(*arguments):
        command = [sys.executable, "-m", "fusioncolor", "evaluate", *map(str, arguments)]
        return subprocess.run(command, cwd=project, capture_output=True, text=True, timeout=600)

    return run


@pytest.fixture(scope="module")
def photographs(scenes, tmp_path_factory):
    """Ten scenes, one of them gray, and a broken file."""
    folder = tmp_path_factory.mktemp("judged")
    for path in images.find_in(scenes)[:9]:
        shutil.copy(path, folder)
    gray = images.read(images.find_in(scenes)[9]).rgb.mean(axis=-1, keepdims=True).repeat(3, axis=-1)
    images.write(folder / "without-color.png", gray.astype(np.uint8))
    (folder / "broken<b>.jpg").write_text("no picture")
    return folder


@pytest.fixture(scope="module")
def report(evaluate, photographs, trained_run, tmp_path_factory):
    """The folder and the output of an evaluation."""
    output = tmp_path_factory.mktemp("evaluated") / "report"
    options = ["--models", trained_run / "best", "random", "--image-size", 48, "--examples", 2]
    done = evaluate(photographs, *options, "--refine", "segment", "--runs", trained_run, "--output", output)
    assert "Traceback" not in done.stderr
    return output, done


class Page(html.parser.HTMLParser):
    """Collects what a page would load from elsewhere."""

    def __init__(self):
        super().__init__()
        self.outside = []

    def handle_starttag(self, tag, attributes):
        for name, value in attributes:
            if name in ("src", "href") and value and not value.startswith(("data:", "#")):
                self.outside.append(value)


@pytest.fixture(scope="module")
def browser():
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    if CHROMIUM is None:
        pytest.skip("no Chromium is installed")
    with playwright.sync_playwright() as tool:
        chromium = tool.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"] * (os.getuid() == 0))
        yield chromium
        chromium.close()


@pytest.fixture
def page(browser, report):
    page = browser.new_page()
    page.problems = []
    page.on("pageerror", lambda error: page.problems.append(str(error)))
    page.on("console", lambda message: page.problems.append(message.text))
    page.on("request", lambda request: request.url.startswith(("data:", "file:")) or page.problems.append(request.url))
    page.goto((report[0] / "index.html").as_uri())
    yield page
    assert page.problems == []
    page.close()


def test_the_page_carries_everything_it_shows(report):
    text = (report[0] / "index.html").read_text()
    page = Page()
    page.feed(text)
    assert page.outside == []
    assert "{{" not in text
    assert "broken&lt;b&gt;.jpg" in text
    assert "broken<b>" not in text
    assert text.count("<figure>") == 4  # histograms, chroma, prior, learning curves


def test_in_a_browser_the_photographs_are_sorted_by_what_is_chosen(page):
    def values() -> list[float]:
        texts = page.locator(".card small").all_inner_texts()
        return [float(re.search(r"inconsistent coloring (-?[\d.]+)", text)[1]) for text in texts]

    page.locator("#measure").select_option(label="inconsistent coloring")
    worst_first = values()
    assert len(worst_first) >= 4
    assert worst_first == sorted(worst_first, reverse=True)
    page.locator("#order").select_option("best")
    assert values() == sorted(worst_first)


def test_in_a_browser_a_photograph_opens_and_closes_by_keyboard(page):
    page.locator(".card").first.focus()
    page.keyboard.press("Enter")
    assert page.locator("#viewer").is_visible()
    before = page.locator("#predicted").get_attribute("style")
    for _ in range(60):
        page.keyboard.press("ArrowRight")
    assert page.locator("#predicted").get_attribute("style") != before
    assert page.locator("#sides").inner_text() == "predicted"
    page.keyboard.press("Escape")
    assert not page.locator("#viewer").is_visible()


def test_in_a_browser_two_models_are_compared(page):
    page.locator("#one").select_option(label="oracle_mean")
    page.locator("#other").select_option(label="gray")
    first = page.locator("#comparison tbody tr").first.inner_text()
    assert first.startswith("PSNR (dB)")
    assert "+" in first
    page.locator("#one").select_option(label="gray")
    assert "0.00" in page.locator("#comparison tbody tr").first.inner_text()


def test_in_a_browser_the_page_fits_a_phone(page):
    page.set_viewport_size({"width": 390, "height": 800})
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_a_file_name_cannot_break_the_page(browser, evaluate, scenes, tmp_path):
    shutil.copy(images.find_in(scenes)[0], tmp_path / "<!--<script>.png")
    done = evaluate(tmp_path / "<!--<script>.png", "--models", "gray", "--image-size", 32, "--output", tmp_path / "out")
    assert done.returncode == 0, done.stderr
    page = browser.new_page()
    page.goto((tmp_path / "out" / "index.html").as_uri())
    assert "<!--<script>.png" in page.locator(".card").first.inner_text()
    page.close()
