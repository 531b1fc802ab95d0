"""The examples of docs/python.md that outlive a call: a web service, and threads."""

import io
import re
import threading
import urllib.error
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from http.server import ThreadingHTTPServer
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import fusioncolor
from fusioncolor import images

GUIDE = (Path(__file__).parents[2] / "docs" / "python.md").read_text(encoding="utf-8")


def test_everything_public_is_listed():
    assert set(fusioncolor.__all__) <= set(dir(fusioncolor))
    assert {"Hint", "read", "save", "compare", "colorize_folder", "preview_hints"} <= set(dir(fusioncolor))


@pytest.fixture
def service(weights, monkeypatch):
    """The address of the guide's service, with tiny weights."""
    load = fusioncolor.load
    monkeypatch.setattr(fusioncolor, "load", lambda name: load(weights))
    [block] = [block for block in re.findall(r"^```python\n(.*?)^```$", GUIDE, re.M | re.S) if "do_POST" in block]
    namespace = {}
    exec(compile(block, "docs/python.md", "exec"), namespace)
    namespace["Service"].log_message = lambda *_: None
    server = ThreadingHTTPServer(("127.0.0.1", 0), namespace["Service"])
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def test_the_web_service_answers_several_at_once_and_says_what_is_wrong(service, scenes):
    contents = [path.read_bytes() for path in images.find_in(scenes)[:6]]

    def posted(content: bytes) -> np.ndarray:
        with urllib.request.urlopen(urllib.request.Request(service, data=content)) as answer:
            return np.asarray(Image.open(io.BytesIO(answer.read())))

    alone = [posted(content) for content in contents]
    assert not images.is_gray(alone[0])
    with ThreadPoolExecutor(6) as pool:
        for one, together in zip(alone, pool.map(posted, contents), strict=True):
            np.testing.assert_array_equal(one, together)
    with pytest.raises(urllib.error.HTTPError) as failed:
        posted(b"no picture")
    assert failed.value.code == 400
    assert "the upload: not an image" in failed.value.read().decode()
