"""The page of an evaluation, in a browser too where there is one."""

import html.parser
import re
from pathlib import Path

import numpy as np
import pytest

from fusioncolor.evaluation import page as evaluation_page
from fusioncolor.evaluation import report
from fusioncolor.evaluation.catalog import columns
from fusioncolor.evaluation.gallery import Gallery
from fusioncolor.evaluation.scores import Scores


def written(folder: Path, names: list[str], **options) -> Path:
    """The page of an evaluation with random figures, whose examples are the photographs of these names."""
    rng = np.random.default_rng(0)
    models = ["mine", "gray", "mean", "oracle_mean"]
    values = rng.uniform(1, 50, (len(models), len(names), len(columns()))).astype(np.float32)
    values[3] += 1  # so that it gains on gray
    paths = [Path(name) for name in names]
    densities = rng.integers(0, 9, (len(models) + 1, 110, 110))
    truth = {name: rng.uniform(20, 40, len(names)) for name in ("colorfulness", "accuracy")}
    protocol = {"size": "resized to 48x48", "prior of the rebalanced AuC": "that of these photographs"}
    errors = rng.integers(0, 9, (len(models), 152))
    scores = Scores(models, paths, values, truth, errors, densities, np.full(313, 1 / 313), protocol, **options)
    pictures = rng.integers(0, 256, (len(names), 1 + len(models), 24, 32, 3), dtype=np.uint8)
    curves = {"epoch": [1, 2], "loss": [2.0, 1.0], "val_loss": [2.0, 1.5]}
    gallery = Gallery(models, len(names))
    for index, (path, shown) in enumerate(zip(paths, pictures, strict=True)):
        gallery.add(path, values[:, index], list(shown))
    return report.write(folder, scores, gallery.examples(), {"tiny": curves}, title="Evaluation")


@pytest.fixture(scope="module")
def path(tmp_path_factory) -> Path:
    """The page of an evaluation of six photographs, and a file that could not be read."""
    names = [f"{index}.png" for index in range(6)]
    return written(tmp_path_factory.mktemp("report"), names, problems=["broken<b>.jpg: not an image"])


class Page(html.parser.HTMLParser):
    """Collects what a page would load from elsewhere."""

    def __init__(self):
        super().__init__()
        self.outside = []

    def handle_starttag(self, tag, attributes):
        for name, value in attributes:
            if name in ("src", "href") and value and not value.startswith(("data:", "#")):
                self.outside.append(value)


@pytest.fixture
def page(browser, path):
    page = browser.new_page()
    page.problems = []
    page.on("pageerror", lambda error: page.problems.append(str(error)))
    page.on("console", lambda message: page.problems.append(message.text))
    page.on("request", lambda request: request.url.startswith(("data:", "file:")) or page.problems.append(request.url))
    page.goto(path.as_uri())
    yield page
    assert page.problems == []
    page.close()


def test_the_page_carries_everything_it_shows(path):
    text = path.read_text()
    page = Page()
    page.feed(text)
    assert page.outside == []
    assert "{{" not in text
    assert "broken&lt;b&gt;.jpg" in text
    assert "broken<b>" not in text
    assert text.count("<figure") == 4  # histograms, chroma, prior, learning curves


def test_gains_and_losses_without_doubt_are_in_color():
    cells = ["28.27 (+2.78 [+0.81, +4.57])", "25.25 (-0.25 [-0.35, -0.14])", "24.20 (-1.30 [-3.10, +0.37])"]
    kinds = [re.search(r'class="(\w+)"', evaluation_page._html_cell(cell))[1] for cell in cells]
    assert kinds == ["gain", "loss", "even"]
    assert evaluation_page._html_cell("26.01 (+3.33)").endswith('<small class="even">(+3.33)</small></td>')
    assert evaluation_page._html_cell("80.00 (without 1 photographs)") == "<td>80.00 (without 1 photographs)</td>"


def test_in_a_browser_differences_are_in_color_where_better_is_known(page):
    page.locator("#one").select_option(label="oracle_mean")
    page.locator("#other").select_option(label="gray")
    for row in page.locator("#comparison tbody tr").all():
        name, difference, interval = row.locator("td").all_inner_texts()
        kind = row.locator("td").nth(1).get_attribute("class")
        low, high = (float(one.replace("\u2013", "nan")) for one in interval.split(" to "))
        if low <= 0 <= high or name == "colorfulness":
            assert not kind
        elif name.endswith("\u2191"):
            assert kind == ("gain" if float(difference) > 0 else "loss")
        elif name.endswith("\u2193"):
            assert kind == ("gain" if float(difference) < 0 else "loss")


def test_in_a_browser_the_page_uses_a_wide_screen(page):
    page.set_viewport_size({"width": 1800, "height": 900})
    box = page.locator("#cards").bounding_box()
    assert box["width"] > 1600
    assert len({card.bounding_box()["y"] for card in page.locator(".card").all()[:4]}) == 1  # four in a row


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


def test_a_file_name_cannot_break_the_page(browser, tmp_path):
    path = written(tmp_path, ["<!--<script>.png"])
    page = browser.new_page()
    page.goto(path.as_uri())
    assert "<!--<script>.png" in page.locator(".card").first.inner_text()
    page.close()
