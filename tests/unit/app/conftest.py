"""Networks for the page, and the page in Chromium; any request that leaves the machine fails the test."""

import re

import pytest

from fusioncolor.config import AppConfig

WIDTHS = {"desk": (1280, 900), "phone": (390, 844)}
NOISE = ("Method not implemented.",)  # Gradio's own


@pytest.fixture(scope="module")
def studio():
    from fusioncolor.app.studio import Studio

    return Studio("float32")


@pytest.fixture
def look(weights):
    from fusioncolor.app.studio import Look

    return Look(weights)


@pytest.fixture(scope="module")
def url(weights):
    from fusioncolor.app.server import serving

    with serving(AppConfig(weights=weights, port=0, browser=False, precision="float32")) as url:
        yield url


@pytest.fixture
def page(browser, url, request):
    """The page, at the width of a desk unless a test asks for others."""
    place = getattr(request, "param", "desk")
    width, height = WIDTHS[place]
    context = browser.new_context(
        viewport={"width": width, "height": height}, has_touch=place == "phone", accept_downloads=True
    )
    page = context.new_page()
    page.set_default_timeout(60_000)
    problems = []

    def watched(route):
        if not re.match(r"(http://127\.0\.0\.1:\d+/|data:|blob:)", route.request.url):
            problems.append(route.request.url)
            route.abort()
        else:
            route.continue_()

    context.route("**/*", watched)
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.on("console", lambda said: said.text in NOISE or said.type != "error" or problems.append(said.text))
    page.on("websocket", lambda socket: problems.append(socket.url))
    page.goto(url)
    page.wait_for_selector("#first input[type=file]", state="attached")
    yield page
    context.close()
    assert problems == []
