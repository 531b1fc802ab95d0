"""What the tabs of the page share: messages, work in the background, and parts in HTML, CSS and JavaScript."""

import html
import threading
from collections.abc import Callable, Iterable, Iterator
from importlib.resources import files as resources

import gradio as gr
import numpy as np

from fusioncolor import pages
from fusioncolor.app.studio import Look
from fusioncolor.errors import FusionColorError
from fusioncolor.models import presets
from fusioncolor.registries import REFINEMENTS

NETWORK = {  # of events that run a network, one at a time
    "concurrency_limit": 1,
    "concurrency_id": "network",
    "show_progress": "hidden",
    "api_visibility": "private",
}
_POLL = 0.25  # seconds


class Working:
    """Work in a thread that counts its steps, so that a page can show them.

    Attributes:
        problem: what went wrong, in a sentence; "" if nothing did.
    """

    def __init__(self, work: Callable[[], None]) -> None:
        """Prepares the work, which calls `advance`; `run` does it."""
        self._work, self._done = work, 0
        self.problem = ""

    def advance(self, count: int = 1) -> None:
        """Counts finished steps."""
        self._done += count

    def run(self) -> Iterator[int]:
        """Yields the number of finished steps, at first and whenever it changes, until the work is done."""
        thread = threading.Thread(target=self._guarded, daemon=True)
        thread.start()
        told = -1
        while thread.is_alive():
            if self._done != told:
                told = self._done
                yield told
            thread.join(_POLL)

    def _guarded(self) -> None:
        try:
            self._work()
        except FusionColorError as error:
            self.problem = sentence(error)


def own(name: str, value: dict, **options) -> gr.HTML:
    """Returns a part of the page that is written in HTML, CSS and JavaScript, in files of its name."""
    return gr.HTML(
        value,
        html_template=_part(f"{name}.html"),
        css_template=_part(f"{name}.css"),
        js_on_load=_part(f"{name}.js"),
        apply_default_css=False,
        **{"elem_id": name} | options,
    )


def weights_choice(weights: str, elem_id: str) -> gr.Dropdown:
    """Returns the choice among the presets and the weights that the page was opened with."""
    choices = list({weights: None} | presets.all_presets())
    return gr.Dropdown(choices, value=weights, label="Weights", info=about(weights), elem_id=elem_id, filterable=False)


def vividness_choice(elem_id: str) -> gr.Slider:
    """Returns the slider of vividness, from 0 to 3."""
    info = "1 is the most probable color, 1.5 about as colorful as photographs are"
    return gr.Slider(0, 3, value=1, step=0.05, label="Vividness", info=info, elem_id=elem_id)


def _part(name: str) -> str:
    return resources("fusioncolor.app").joinpath(name).read_text(encoding="utf-8")


def picture(rgb: np.ndarray) -> str:
    """Returns the address of a picture `(h, w, 3)` `uint8`, which travels in it."""
    return pages.data_uri(pages.jpeg(rgb, quality=92))


def about(weights: str) -> str:
    """Returns a line on some weights."""
    preset = presets.find(weights)
    return preset.summary[:1].upper() + preset.summary[1:] if preset else "A folder of saved weights"


def look_of(weights: str, vividness: float, decode: str | None = None, refine: Iterable[str] = ()) -> Look:
    """Returns what the parts of the page are set to.

    Raises:
        InputError: a value is out of range, whoever sent it.
    """
    look = Look(weights, float(vividness), decode or None, tuple(name for name in REFINEMENTS if name in refine))
    look.check()
    return look


def sentence(error: FusionColorError) -> str:
    """Returns a message without backticks around options, which the page does not call by their names."""
    text = str(error).replace("`", "")
    return text if text.endswith(".") else f"{text}."


def alerts(sentences: list[str]) -> str:
    """Returns sentences on what went wrong, each in a paragraph; they may hold any text."""
    return "".join(f"<p role='alert'>{html.escape(text)}</p>" for text in sentences)


def busy(text: str, *, share: float | None = None) -> str:
    """Returns a paragraph on what is being done, with a bar where the finished share, 0 to 1, is known."""
    bar = f"<progress value='{share:.4f}' aria-label='progress'></progress>" if share is not None else ""
    return f"<p role='status' class='busy'>{html.escape(text)} ...{bar}</p>"


def good(text: str) -> str:
    """Returns a paragraph on something that went as it was wanted."""
    return f"<p role='status' class='good'>{html.escape(text)}</p>"
