"""The page of a quiz, served on this machine only by the standard library."""

import json
import random
import secrets
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib.resources import files as resources
from urllib.parse import urlsplit

from fusioncolor.config import QuizConfig
from fusioncolor.errors import InputError
from fusioncolor.quiz import answers
from fusioncolor.quiz.answers import Answer
from fusioncolor.quiz.pairs import Pair

HOST = "127.0.0.1"
_LARGEST = 10_000  # bytes of a request's body
_POLICY = (
    "default-src 'none'; img-src 'self'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; connect-src 'self'"
)


@dataclass
class _Question:
    pair: Pair
    true_side: str
    person: int
    asked: float


class Quiz:
    """The questions and answers of a quiz. People are numbered; each sees the pairs in an order of their own."""

    def __init__(self, config: QuizConfig, pairs: Sequence[Pair]) -> None:
        """Continues a quiz with the answers of earlier people in the output folder.

        Raises:
            InputError: their file is damaged.
        """
        self.config, self._pairs = config, list(pairs)
        self.answers = answers.read(config.output)
        self._people = max((answer.person for answer in self.answers), default=0)
        self._lock = threading.Lock()
        self._orders: dict[int, list[tuple[Pair, str]]] = {}
        self._open: dict[str, _Question] = {}

    @property
    def length(self) -> int:
        """Number of questions for each person."""
        return min(self.config.questions, len(self._pairs))

    def new_person(self) -> int:
        """Returns the number of a new person, whose order is drawn."""
        with self._lock:
            self._people += 1
            drawn = random.Random(f"{self.config.seed} {self._people}")
            chosen = drawn.sample(self._pairs, self.length)
            self._orders[self._people] = [(pair, drawn.choice(("left", "right"))) for pair in chosen]
            return self._people

    def ask(self, person: int) -> dict:
        """Returns the next question of a person, or the result."""
        with self._lock:
            order = self._orders[person]
            own = [answer for answer in self.answers if answer.person == person]
            if len(own) == len(order):
                fooled = sum(answer.fooled for answer in own)
                low, high = answers.wilson(fooled, len(own))
                return {"done": True, "fooled": fooled, "total": len(own), "low": low, "high": high}
            pair, side = order[len(own)]
            token = secrets.token_hex(12)
            self._open = {key: one for key, one in self._open.items() if one.person != person}
            self._open[token] = _Question(pair, side, person, time.monotonic())
            return {"done": False, "number": len(own) + 1, "total": len(order), "question": token}

    def picture(self, token: str, side: str) -> bytes:
        """Returns the picture on a side of an open question."""
        with self._lock:
            question = self._open[token]
        return question.pair.true if side == question.true_side else question.pair.predicted

    def answer(self, token: str, side: str) -> dict:
        """Stores an answer, which is then on the disk, and returns the true side."""
        if side not in ("left", "right"):
            raise KeyError(side)
        with self._lock:
            question = self._open.pop(token)
            seconds = round(time.monotonic() - question.asked, 2)
            pair = question.pair
            given = Answer(question.person, pair.name, pair.weights, question.true_side, side, seconds)
            self.answers.append(given)
            answers.write(self.config.output, self.answers)
        return {"true": question.true_side}


@contextmanager
def serving(quiz: Quiz) -> Iterator[str]:
    """Serves the page during the block.

    Yields:
        The address of the page.

    Raises:
        InputError: the port is taken.
    """
    try:
        server = ThreadingHTTPServer((HOST, quiz.config.port), _handler(quiz))
    except OSError as error:
        raise InputError(f"port {quiz.config.port} is taken: give another `port`") from error
    server.daemon_threads = True
    with server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://{HOST}:{server.server_port}/"
        server.shutdown()


def _handler(quiz: Quiz) -> type[BaseHTTPRequestHandler]:
    page = resources("fusioncolor.quiz").joinpath("page.html").read_text(encoding="utf-8")
    page = page.replace("{{milliseconds}}", str(round(1000 * quiz.config.seconds)))

    class Handler(BaseHTTPRequestHandler):
        server_version = sys_version = ""

        def do_GET(self) -> None:
            parts = urlsplit(self.path).path.strip("/").split("/")
            self._respond(lambda: self._got(parts))

        def do_POST(self) -> None:
            size = int(self.headers.get("Content-Length") or 0)
            body = self.rfile.read(min(size, _LARGEST))
            self._respond(lambda: self._posted(self.path.strip("/"), json.loads(body or b"{}")))

        def _got(self, parts: list[str]) -> tuple[str, bytes]:
            if parts == [""]:
                return "text/html; charset=utf-8", page.encode()
            kind, token, side = parts
            if kind != "picture":
                raise KeyError(kind)
            return "image/png", quiz.picture(token, side)

        def _posted(self, path: str, given: dict) -> tuple[str, bytes]:
            if path == "start":
                answered = {"person": quiz.new_person(), "total": quiz.length}
            elif path == "ask":
                answered = quiz.ask(int(given["person"]))
            elif path == "answer":
                answered = quiz.answer(str(given["question"]), str(given["side"]))
            else:
                raise KeyError(path)
            return "application/json", json.dumps(answered).encode()

        def _respond(self, work) -> None:
            host = (self.headers.get("Host") or "").rpartition(":")[0]
            origin = urlsplit(self.headers.get("Origin") or f"http://{HOST}").hostname
            if host not in (HOST, "localhost") or origin not in (HOST, "localhost"):
                self.send_error(403)
                return
            try:
                kind, content = work()
            except (KeyError, ValueError, TypeError, AttributeError):
                self.send_error(404)
                return
            self.send_response(200)
            for name, value in (
                ("Content-Type", kind), ("Content-Length", str(len(content))), ("Cache-Control", "no-store"),
                ("Content-Security-Policy", _POLICY), ("X-Content-Type-Options", "nosniff"),
            ):  # fmt: skip
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *arguments) -> None:
            """Nothing is logged: answers belong to those who give them."""

    return Handler
