"""The page: its parts, and what happens when one of them is used."""

import html
import threading
from collections.abc import Callable, Iterator
from importlib.resources import files as resources
from pathlib import Path

import gradio as gr

from fusioncolor.app import strokes
from fusioncolor.app.desk import Desk, data_url
from fusioncolor.app.studio import Look, Studio
from fusioncolor.config.choices import DECODERS
from fusioncolor.errors import FusionColorError
from fusioncolor.models import presets
from fusioncolor.registries import REFINEMENTS

QUEUE = 32  # requests that wait at most
TITLE = "fusioncolor"
_INVITATION = "Black and white or faded, one or many, of any size. They are deleted when you close the page."
_DECODING = "How one color is chosen among probable ones"
_FIXED = "These weights predict one color; there is nothing to decode"
_FONT = ["system-ui", "-apple-system", "Segoe UI", "Roboto", "sans-serif"]
_MONO = ["ui-monospace", "Consolas", "monospace"]
_FOLLOW_THE_LINK = """() => {
  const link = document.querySelector('#link');
  if (link) (link.querySelector('a') || link).click();
}"""
CSS = """
.gradio-container { width: 100%; max-width: 1440px !important; margin: 0 auto !important; }
#head { display: flex; align-items: baseline; gap: 12px; flex-wrap: wrap; }
#head h1 { font-size: 22px; margin: 0; }
#head p { margin: 0; color: var(--body-text-color-subdued); }
#say { min-height: 0; }
#say p { margin: 0; padding: 9px 13px; border-radius: 8px; border-left: 4px solid #c0392b;
  background: color-mix(in srgb, #c0392b 12%, transparent); color: var(--body-text-color); overflow-wrap: anywhere; }
#say p + p { margin-top: 6px; }
#say p.busy, #say p.good { border-color: var(--color-accent);
  background: color-mix(in srgb, var(--color-accent) 12%, transparent); }
#say:not(:has(p)) { display: none; }
#first, #drop { border: 2px dashed var(--border-color-primary); border-radius: 12px; }
#hint { text-align: center; margin: 6px 0 0; color: var(--body-text-color-subdued); }
.offscreen { position: absolute !important; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
"""


def build(desk_of: Callable[[str], Desk], close: Callable[[str], None], studio: Studio, weights: str) -> gr.Blocks:
    """Builds the page.

    Args:
        desk_of: returns the desk of a visitor, whom Gradio's session hash stands for.
        close: clears the desk of a visitor who has left.
        studio: the networks.
        weights: preset, or folder of a saved colorizer, that is chosen at first.
    """
    with gr.Blocks(title=TITLE, analytics_enabled=False, delete_cache=(600, 3600)) as page:
        _Page(desk_of, studio, weights).connect(page)

        def left(request: gr.Request) -> None:
            close(request.session_hash)

        page.unload(left)
    page.queue(max_size=QUEUE, default_concurrency_limit=1, api_open=False)
    return page


class _Page:
    """The parts of the page, and what happens when one of them is used."""

    def __init__(self, desk_of: Callable[[str], Desk], studio: Studio, weights: str) -> None:
        """Lays out the parts, within `gr.Blocks`."""
        self._desk_of, self._studio = desk_of, studio
        gr.HTML(
            f"<div id='head'><h1>{TITLE}</h1><p>Color for grayscale photographs. Nothing leaves this machine.</p></div>"
        )
        self._say = gr.HTML("", elem_id="say")
        with gr.Row(equal_height=False):
            with gr.Column(scale=7, min_width=320):
                self._lay_out_pictures()
            with gr.Column(scale=3, min_width=300):
                self._lay_out_look(weights)
                self._lay_out_results()
        self._index = gr.State(0)

    def _lay_out_pictures(self) -> None:
        self._first = gr.File(show_label=False, file_count="multiple", height="52vh", elem_id="first")
        self._hint = gr.HTML(f"<p id='hint'>{_INVITATION}</p>")
        self._stage = _own("stage", {}, visible="hidden")
        self._strip = _own("strip", {}, visible="hidden")

    def _lay_out_look(self, weights: str) -> None:
        with gr.Group():
            self._preset = gr.Dropdown(
                list({weights: None} | presets.all_presets()), value=weights, label="Weights",
                info=_about(weights), elem_id="weights", filterable=False,
            )  # fmt: skip
            self._vividness = gr.Slider(
                0, 3, value=1, step=0.05, label="Vividness", elem_id="vividness",
                info="1 is the most probable color, 1.5 about as colorful as photographs are",
            )  # fmt: skip
        with gr.Accordion("Decoding and refinement", open=False, elem_id="more"):
            self._decode = gr.Dropdown(
                [("the model's own", ""), *((name.replace("_", " "), name) for name in DECODERS)],
                value="", label="Decoding", info=_DECODING, elem_id="decoding", filterable=False,
            )  # fmt: skip
            self._refine = gr.CheckboxGroup(
                [*REFINEMENTS], label="Refinement", info="Applied in this order", elem_id="refinement"
            )

    def _lay_out_results(self) -> None:
        self._one = gr.Button("Download", variant="primary", interactive=False, elem_id="download")
        self._every = gr.Button("Download all as .zip", visible="hidden", elem_id="download-all")
        self._remove = gr.Button("Remove this photograph", visible="hidden", size="sm", elem_id="remove")
        self._more = gr.File(show_label=False, file_count="multiple", height=120, visible="hidden", elem_id="drop")
        self._link = gr.DownloadButton("Result", elem_id="link", elem_classes=["offscreen"])

    def connect(self, page: gr.Blocks) -> None:
        """Says what is done when a part of the page is used; networks run one at a time."""
        look = [self._preset, self._vividness, self._decode, self._refine]
        state = [self._index, *look]
        everything = [
            *(self._say, self._stage, self._strip, self._first, self._hint),
            *(self._more, self._one, self._every, self._remove, self._index),
        ]
        queued = {"concurrency_limit": 1, "concurrency_id": "network", "show_progress": "hidden"}
        queued["api_visibility"] = "private"
        page.load(self._changed, state, everything, **queued)
        for drop in (self._first, self._more):
            drop.upload(self._added, [drop, *state], everything, **queued)
        affected = [*everything, self._preset, self._decode, self._refine]
        self._preset.input(self._weights_changed, state, affected, **queued)
        self._vividness.input(self._changed, state, everything, trigger_mode="always_last", **queued)
        for part in (self._decode, self._refine):
            part.input(self._changed, state, everything, **queued)
        self._strip.choose(self._selected, look, everything, **queued)
        self._stage.paint(self._painted, state, everything, trigger_mode="always_last", **queued)
        self._remove.click(self._removed, state, everything, **queued)
        for button, work, inputs in ((self._one, self._saved, state), (self._every, self._zipped, look)):
            done = button.click(work, inputs, [self._say, self._link], **queued)
            done.then(None, None, None, js=_FOLLOW_THE_LINK, api_visibility="private")

    def _shown(self, desk: Desk, chosen: int, look: Look, problems: list[str]) -> dict:
        """Everything on the page, with the picture of the chosen photograph."""
        some = bool(desk.prints)
        several = True if len(desk.prints) > 1 else "hidden"
        chosen = min(max(chosen, 0), len(desk.prints) - 1) if some else 0
        update = {
            self._strip: gr.HTML(visible=several),
            self._first: gr.File(visible="hidden" if some else True),
            self._hint: gr.HTML(visible="hidden" if some else True),
            self._more: gr.File(visible=True if some else "hidden"),
            self._one: gr.Button(interactive=some),
            self._every: gr.Button(visible=several),
            self._remove: gr.Button(visible=True if some else "hidden"),
            self._index: chosen,
        }
        if some:
            try:
                update[self._stage] = gr.HTML(_picture(desk, chosen, look), visible=True)
            except FusionColorError as error:
                problems = [*problems, _sentence(error)]
        else:
            update[self._stage] = gr.HTML({}, visible="hidden")
        update[self._say] = _problems(problems)
        return update

    def _added(self, request: gr.Request, dropped: list[str] | None, chosen: int, *options) -> Iterator[dict]:
        desk, problems, before = self._desk_of(request.session_hash), [], None
        given, total = [Path(path) for path in dropped or []], len(dropped or [])
        for number, path in enumerate(given, start=1):
            yield {self._say: _busy(f"Reading {path.name} ({number} of {total})")}
            try:
                desk.add(path, path.name)
                before = len(desk.prints) - 1 if before is None else before
            except FusionColorError as error:
                problems.append(_sentence(error))
        if before is not None:
            yield {self._say: _busy("Colorizing")}
        update = self._shown(desk, chosen if before is None else before, _look(*options), problems)
        emptied = {
            self._first: gr.File(None, visible=not desk.prints or "hidden"),
            self._more: gr.File(None, visible=bool(desk.prints) or "hidden"),
        }
        yield update | emptied | {self._strip: _strip(desk, update[self._index])}

    def _changed(self, request: gr.Request, chosen: int, *options) -> dict:
        return self._shown(self._desk_of(request.session_hash), chosen, _look(*options), [])

    def _weights_changed(self, request: gr.Request, chosen: int, *options) -> Iterator[dict]:
        desk, given = self._desk_of(request.session_hash), _look(*options)
        yield {self._say: _busy("Loading the weights")}
        try:
            able = self._studio.gives_confidence(given.weights)
        except FusionColorError as error:
            yield {self._say: _problems([_sentence(error)])}
            return
        names = [name for name in REFINEMENTS if able or name != "peaks"]
        refine = [name for name in given.refine if name in names]
        given = _look(given.weights, given.vividness, given.decode if able else "", refine)
        yield self._shown(desk, chosen, given, []) | {
            self._preset: gr.Dropdown(info=_about(given.weights)),
            self._decode: gr.Dropdown(interactive=able, value=given.decode or "", info=_DECODING if able else _FIXED),
            self._refine: gr.CheckboxGroup(names, value=list(given.refine)),
        }

    def _selected(self, request: gr.Request, event: gr.EventData, *options) -> dict:
        return self._shown(self._desk_of(request.session_hash), int(event.number), _look(*options), [])

    def _painted(self, request: gr.Request, event: gr.EventData, chosen: int, *options) -> dict:
        desk = self._desk_of(request.session_hash)
        try:
            given = strokes.parse(event.strokes)
            for number, candidate in enumerate(desk.prints):
                if str(candidate.key) == str(event.print):
                    candidate.strokes, chosen = given, number
        except FusionColorError as error:
            return {self._say: _problems([_sentence(error)])}
        return self._shown(desk, chosen, _look(*options), [])

    def _removed(self, request: gr.Request, chosen: int, *options) -> dict:
        desk = self._desk_of(request.session_hash)
        if desk.prints:
            desk.discard(min(chosen, len(desk.prints) - 1))
        update = self._shown(desk, chosen, _look(*options), [])
        return update | {self._strip: _strip(desk, update[self._index])}

    def _saved(self, request: gr.Request, chosen: int, *options) -> Iterator[dict]:
        yield {self._say: _busy("Writing the file")}
        try:
            result = self._desk_of(request.session_hash).result(chosen, _look(*options))
            yield {self._link: str(result), self._say: ""}
        except FusionColorError as error:
            yield {self._say: _problems([_sentence(error)]), self._link: None}

    def _zipped(self, request: gr.Request, *options) -> Iterator[dict]:
        desk = self._desk_of(request.session_hash)
        made: list[str] = []
        worker = _Working(lambda: made.append(str(desk.archive(_look(*options), worker.advance))))
        for done in worker.run():
            yield {self._say: _busy(f"Colorizing {min(done + 1, len(desk.prints))} of {len(desk.prints)}")}
        problem = {self._say: _problems([worker.problem]), self._link: None}
        yield {self._link: made[0], self._say: ""} if made else problem


class _Working:
    """Work in a thread that counts its steps, so that a page can show them."""

    def __init__(self, work: Callable[[], None]) -> None:
        self._work, self._step, self._done = work, threading.Semaphore(0), 0
        self.problem = ""

    def advance(self) -> None:
        self._done += 1
        self._step.release()

    def run(self) -> Iterator[int]:
        """Yields the number of finished steps, whenever it changes, until the work is done."""
        thread = threading.Thread(target=self._guarded, daemon=True)
        thread.start()
        while thread.is_alive():
            yield self._done
            self._step.acquire(timeout=1)
        thread.join()

    def _guarded(self) -> None:
        try:
            self._work()
        except FusionColorError as error:
            self.problem = _sentence(error)
        finally:
            self._step.release()


def _own(name: str, value: dict, **options) -> gr.HTML:
    """A part of the page that is written in HTML, CSS and JavaScript, in files of its name."""
    return gr.HTML(
        value,
        html_template=_part(f"{name}.html"),
        css_template=_part(f"{name}.css"),
        js_on_load=_part(f"{name}.js"),
        apply_default_css=False,
        elem_id=name,
        **options,
    )


def _part(name: str) -> str:
    return resources("fusioncolor.app").joinpath(name).read_text(encoding="utf-8")


def theme() -> gr.themes.Base:
    """Returns the colors and fonts, which all come from this machine."""
    return gr.themes.Soft(primary_hue="teal", neutral_hue="stone", font=_FONT, font_mono=_MONO).set(
        block_title_background_fill="none",
        block_title_text_color="*body_text_color",
        block_title_text_weight="600",
        block_title_padding="0",
    )


def _about(weights: str) -> str:
    preset = presets.find(weights)
    return preset.summary[:1].upper() + preset.summary[1:] if preset else "A folder of saved weights"


def _look(weights: str, vividness: float, decode: str | None, refine: list[str] | tuple[str, ...]) -> Look:
    look = Look(weights, float(vividness), decode or None, tuple(name for name in REFINEMENTS if name in refine))
    look.check()
    return look


def _picture(desk: Desk, chosen: int, look: Look) -> dict:
    one = desk.prints[chosen]
    marks = [{"points": stroke.points, "color": stroke.color, "width": stroke.width} for stroke in one.strokes]
    after = data_url(desk.preview(chosen, look))
    return {"before": data_url(desk.before(chosen)), "after": after, "strokes": marks, "id": one.key, "name": one.name}


def _strip(desk: Desk, chosen: int) -> gr.HTML:
    pictures = [{"url": data_url(desk.thumbnail(number)), "name": one.name} for number, one in enumerate(desk.prints)]
    visible = True if len(pictures) > 1 else "hidden"
    return gr.HTML({"pictures": pictures, "chosen": chosen}, visible=visible)


def _sentence(error: FusionColorError) -> str:
    """Returns a message without backticks around options, which the page does not call by their names."""
    text = str(error).replace("`", "")
    return text if text.endswith(".") else f"{text}."


def _problems(sentences: list[str]) -> str:
    return "".join(f"<p role='alert'>{html.escape(sentence)}</p>" for sentence in sentences)


def _busy(text: str) -> str:
    return f"<p role='status' class='busy'>{html.escape(text)} ...</p>"
