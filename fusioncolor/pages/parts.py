"""Parts that pages share: templates, pictures as text, and the viewer that slides between versions of a picture."""

import base64
import io
from collections.abc import Mapping
from importlib import resources

import numpy as np
from PIL import Image


def filled(package: str, name: str, parts: Mapping[str, str]) -> str:
    """Returns a template of a package with `{{name}}` replaced by the parts; texts in them must be escaped already.

    Args:
        package: such as "fusioncolor.evaluation".
        name: file of the template.
        parts: by name; "title" may be used more than once, the others once.
    """
    text = resources.files(package).joinpath(name).read_text(encoding="utf-8")
    parts = dict(parts)
    text = text.replace("{{title}}", parts.pop("title", ""))
    for key, part in parts.items():
        text = text.replace("{{" + key + "}}", part, 1)
    return text


def viewer() -> dict[str, str]:
    """Returns the viewer's parts: "viewer_style", "viewer" (a dialog), and "viewer_script".

    The script defines `openViewer(name, layers, facts, turn)`: layers are pairs of a label and the address of a
    picture, from left to right on the slider; `turn(step)` is called by the buttons for the next and previous picture.
    """
    here = resources.files("fusioncolor.pages")
    names = {"viewer_style": "viewer.css", "viewer": "viewer.html", "viewer_script": "viewer.js"}
    return {part: here.joinpath(name).read_text(encoding="utf-8").rstrip("\n") for part, name in names.items()}


def jpeg(picture: np.ndarray, *, quality: int = 82) -> bytes:
    """Encodes a picture `(H, W, 3)` `uint8` for a page."""
    file = io.BytesIO()
    Image.fromarray(picture).save(file, "JPEG", quality=quality, subsampling=0)
    return file.getvalue()


def data_uri(picture: bytes) -> str:
    """Returns an address that contains a picture, encoded by `jpeg`."""
    return "data:image/jpeg;base64," + base64.b64encode(picture).decode()


def shown(name: str) -> str:
    """Returns a file name as text, as it may be any bytes."""
    return name.encode("utf-8", "backslashreplace").decode()
