import base64
import io

import numpy as np
from PIL import Image

from fusioncolor import pages


def test_a_picture_in_an_address_is_the_picture():
    rgb = np.zeros((20, 60, 3), np.uint8)
    rgb[:, 30:] = (200, 30, 30)
    address = pages.data_uri(pages.jpeg(rgb, quality=95))
    head, _, content = address.partition(",")
    picture = Image.open(io.BytesIO(base64.b64decode(content)))
    assert head == "data:image/jpeg;base64"
    assert picture.size == (60, 20)
    assert np.abs(np.subtract(picture.getpixel((50, 10)), (200, 30, 30))).max() < 12  # JPEG


def test_the_parts_of_the_viewer_have_no_places_left():
    found = pages.viewer()
    assert set(found) == {"viewer_style", "viewer", "viewer_script"}
    assert not any("{{" in text for text in found.values())


def test_a_template_is_filled():
    parts = {"title": "A & B", "summary": "s", "data": "{}", **pages.viewer()}
    text = pages.filled("fusioncolor.prediction", "gallery.html", parts)
    assert text.count("A & B") == 2
    assert "{{" not in text


def test_names_of_any_bytes_become_text():
    assert pages.shown("caf\udce9.png") == "caf\\udce9.png"
