import io
import json
import urllib.error
import urllib.request

import numpy as np
import pytest
from PIL import Image

from fusioncolor.config import QuizConfig
from fusioncolor.quiz import answers
from fusioncolor.quiz.pairs import Pair
from fusioncolor.quiz.server import Quiz, serving


def png(level: int) -> bytes:
    stream = io.BytesIO()
    Image.fromarray(np.full((40, 60, 3), level, np.uint8)).save(stream, "PNG")
    return stream.getvalue()


PAIRS = [Pair(f"{index}.jpg", "photographs", png(200 + index), png(index)) for index in range(5)]


@pytest.fixture
def quiz(tmp_path) -> Quiz:
    config = QuizConfig(
        photographs=[tmp_path], output=tmp_path / "quiz", questions=3, port=0, seconds=0.3, browser=False
    )
    return Quiz(config, PAIRS)


def take(quiz: Quiz, right: bool) -> dict:
    """A person who always, or never, knows the true colors."""
    person = quiz.new_person()
    while not (asked := quiz.ask(person))["done"]:
        left = quiz.picture(asked["question"], "left")
        true = "left" if left in [pair.true for pair in PAIRS] else "right"
        wrong = {"left": "right", "right": "left"}[true]
        assert quiz.answer(asked["question"], true if right else wrong) == {"true": true}
    return asked


def test_people_are_fooled_or_not_and_every_answer_is_on_the_disk(quiz):
    assert take(quiz, True)["fooled"] == 0
    assert take(quiz, False)["fooled"] == 3
    stored = answers.read(quiz.config.output)
    assert [answer.person for answer in stored] == [1, 1, 1, 2, 2, 2]
    assert len({answer.photograph for answer in stored[:3]}) == 3
    assert "| photographs | 2 | 6 | 3 | 50.0 % |" in (quiz.config.output / "table.md").read_text()


def test_a_later_quiz_goes_on_with_the_next_person(quiz):
    take(quiz, True)
    later = Quiz(quiz.config, PAIRS)
    assert later.new_person() == 2
    assert len(later.answers) == 3


def test_the_order_follows_from_the_seed_and_differs_between_people(tmp_path):
    config = QuizConfig(photographs=[tmp_path], output=tmp_path / "quiz", questions=5)
    orders = []
    for _ in range(2):
        quiz = Quiz(config, PAIRS)
        quiz.new_person(), quiz.new_person()
        orders.append([[(pair.name, side) for pair, side in quiz._orders[person]] for person in (1, 2)])
    assert orders[0] == orders[1]
    assert orders[0][0] != orders[0][1]


def test_a_question_is_answered_once(quiz):
    asked = quiz.ask(quiz.new_person())
    quiz.answer(asked["question"], "left")
    with pytest.raises(KeyError):
        quiz.answer(asked["question"], "right")


def request(url: str, body: dict | None = None, **headers: str) -> tuple[int, bytes]:
    data = None if body is None else json.dumps(body).encode()
    try:
        with urllib.request.urlopen(urllib.request.Request(url, data, headers), timeout=30) as answer:
            return answer.status, answer.read()
    except urllib.error.HTTPError as error:
        return error.code, b""


def test_the_page_is_served_and_hostile_requests_are_refused(quiz):
    with serving(quiz) as url:
        assert url.startswith("http://127.0.0.1:")
        status, page = request(url)
        assert status == 200 and b"300" in page
        person = json.loads(request(f"{url}start", {})[1])["person"]
        asked = json.loads(request(f"{url}ask", {"person": person})[1])
        assert request(f"{url}picture/{asked['question']}/left")[1].startswith(b"\x89PNG")
        assert b"true" not in json.dumps(asked).encode()  # the page does not know the answer
        for path in ("picture/../../etc/passwd", "etc", "picture/x/left", "picture//"):
            assert request(url + path)[0] == 404
        for path, body in (("ask", {"person": 99}), ("ask", {}), ("answer", {"question": 1, "side": 2}), ("x", {})):
            assert request(url + path, body)[0] == 404
        assert request(url, Host="rebound.example:80")[0] == 403
        assert request(f"{url}start", {}, Origin="https://elsewhere.example")[0] == 403
    assert not quiz.answers


@pytest.mark.browser
@pytest.mark.parametrize("width", [1280, 390])
def test_in_a_browser_with_the_keyboard(quiz, browser, width):
    with serving(quiz) as url:
        page = browser.new_page(viewport={"width": width, "height": 800})
        problems = []
        page.on("pageerror", lambda error: problems.append(str(error)))
        page.on("request", lambda asked: asked.url.startswith((url, "data:")) or problems.append(asked.url))
        page.goto(url)
        page.get_by_role("button", name="Start").focus()
        page.keyboard.press("Enter")
        for number in (1, 2, 3):
            page.get_by_text(f"{number} of 3").wait_for()
            page.locator(".pair img.over").first.wait_for(state="attached")  # it was shown for a moment only
            page.keyboard.press("ArrowLeft")
        page.get_by_text("95% interval").wait_for()
        assert page.locator("#end .big").inner_text().endswith("of 3")
        assert page.locator("main").bounding_box()["width"] <= width
        page.close()
    assert problems == []
    assert len(quiz.answers) == 3
