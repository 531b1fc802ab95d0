import urllib.error
import urllib.request

import pytest

from fusioncolor.config import AppConfig
from fusioncolor.errors import InputError

pytestmark = pytest.mark.keras
pytest.importorskip("gradio")


def status(url: str, **headers: str) -> int:
    try:
        return urllib.request.urlopen(urllib.request.Request(url, headers=headers), timeout=30).status
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
