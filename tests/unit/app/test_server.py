import json
import os
import threading
import urllib.error
import urllib.request
from pathlib import Path

import pytest

from fusioncolor.config import AppConfig
from fusioncolor.errors import InputError

pytestmark = pytest.mark.keras
pytest.importorskip("gradio")


def status(url: str, content: bytes | None = None, **headers: str) -> int:
    request = urllib.request.Request(url, content, headers={name.replace("_", "-"): headers[name] for name in headers})
    try:
        return urllib.request.urlopen(request, timeout=30).status
    except urllib.error.HTTPError as error:
        return error.code


def test_the_page_is_served_on_this_machine_only(url):
    assert url.startswith("http://127.0.0.1:")
    assert status(url) == 200


def test_another_name_of_this_machine_is_refused(url):
    """Against pages elsewhere whose name resolves to 127.0.0.1."""
    assert status(url, Host="rebound.example") == 400


@pytest.mark.parametrize("path", ["/etc/passwd", "../../etc/passwd", "pyproject.toml", "http://127.0.0.1:9/"])
def test_no_file_of_this_machine_and_no_other_server_is_reached(url, path):
    assert status(f"{url}gradio_api/file={path}") in (403, 404)


def test_a_port_that_is_taken_is_named(url, weights):
    from fusioncolor.app.server import serving

    port = int(url.rstrip("/").rpartition(":")[2])
    with pytest.raises(InputError, match=f"port {port} is taken"), serving(AppConfig(weights=weights, port=port)):
        pass


def uploaded(url: str, size: int) -> int:
    head = b'--x\r\nContent-Disposition: form-data; name="files"; filename="a.jpg"\r\n\r\n'
    kind = "multipart/form-data; boundary=x"
    return status(f"{url}gradio_api/upload", head + bytes(size) + b"\r\n--x--\r\n", Content_Type=kind)


def test_larger_files_than_allowed_are_refused_and_not_kept(weights):
    """By the server too, whatever the page does."""
    from fusioncolor.app.server import serving

    with serving(AppConfig(weights=weights, port=0, browser=False, precision="float32", max_upload=1)) as url:
        assert uploaded(url, 1 << 20) == 200
        assert uploaded(url, (1 << 20) + 1) == 413
        kept = [path.stat().st_size for path in Path(os.environ["GRADIO_TEMP_DIR"]).rglob("*") if path.is_file()]
        assert kept == [1 << 20]


def test_more_requests_than_the_queue_holds_are_refused(url, weights, monkeypatch):
    from fusioncolor.app.page import QUEUE
    from fusioncolor.app.photographs_tab import PhotographsTab

    going = threading.Event()
    monkeypatch.setattr(PhotographsTab, "_shown", lambda *arguments, **options: {} if going.wait(60) else None)
    with urllib.request.urlopen(f"{url}config") as answer:
        dependencies = json.load(answer)["dependencies"]
    [load] = [one["id"] for one in dependencies if [name for _, name in one["targets"]] == ["load"]]
    asked = {"data": [0, weights, 1, "", []], "fn_index": load, "session_hash": "visitor"}
    try:
        codes = [
            status(f"{url}gradio_api/queue/join", json.dumps(asked).encode(), Content_Type="application/json")
            for _ in range(QUEUE + 3)
        ]
    finally:
        going.set()
    assert codes[:QUEUE] == [200] * QUEUE
    assert codes[-1] == 503  # one request is under way, and perhaps another about to be
