"""The tab of photographs: its parts, and what happens when one of them is used."""

from collections.abc import Callable, Iterator
from pathlib import Path

import gradio as gr

from fusioncolor.app import parts, strokes
from fusioncolor.app.desk import Desk
from fusioncolor.app.studio import Look, Studio
from fusioncolor.config.choices import DECODERS
from fusioncolor.errors import FusionColorError
from fusioncolor.registries import REFINEMENTS

_INVITATION = "Black and white or faded, one or many, of any size. They are deleted when you close the page."
_DECODING = "How one color is chosen among probable ones"
_FIXED = "These weights predict one color; there is nothing to decode"
_FOLLOW_THE_LINK = """() => {
  const link = document.querySelector('#link');
  if (link) (link.querySelector('a') || link).click();
}"""


class PhotographsTab:
    """The parts of the tab, and what happens when one of them is used."""

    def __init__(self, desk_of: Callable[[str], Desk], studio: Studio, weights: str, say: gr.HTML) -> None:
        """Lays out the parts, within `gr.Tab`.

        Args:
            desk_of: returns the desk of a visitor, whom Gradio's session hash stands for.
            studio: the networks.
            weights: preset, or folder of a saved colorizer, that is chosen at first.
            say: the part of the page for messages.
        """
        self._desk_of, self._studio, self._say = desk_of, studio, say
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
        self._stage = parts.own("stage", {}, visible="hidden")
        self._strip = parts.own("strip", {}, visible="hidden")

    def _lay_out_look(self, weights: str) -> None:
        with gr.Group():
            self._preset = parts.weights_choice(weights, "weights")
            self._vividness = parts.vividness_choice("vividness")
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
        page.load(self._changed, state, everything, **parts.NETWORK)
        for drop in (self._first, self._more):
            drop.upload(self._added, [drop, *state], everything, **parts.NETWORK)
        affected = [*everything, self._preset, self._decode, self._refine]
        self._preset.input(self._weights_changed, state, affected, **parts.NETWORK)
        self._vividness.input(self._changed, state, everything, trigger_mode="always_last", **parts.NETWORK)
        for part in (self._decode, self._refine):
            part.input(self._changed, state, everything, **parts.NETWORK)
        self._strip.choose(self._selected, look, everything, **parts.NETWORK)
        self._stage.paint(self._painted, state, everything, trigger_mode="always_last", **parts.NETWORK)
        self._remove.click(self._removed, state, everything, **parts.NETWORK)
        for button, work, inputs in ((self._one, self._saved, state), (self._every, self._zipped, look)):
            done = button.click(work, inputs, [self._say, self._link], **parts.NETWORK)
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
                problems = [*problems, parts.sentence(error)]
        else:
            update[self._stage] = gr.HTML({}, visible="hidden")
        update[self._say] = parts.alerts(problems)
        return update

    def _added(self, request: gr.Request, dropped: list[str] | None, chosen: int, *options) -> Iterator[dict]:
        desk, problems, before = self._desk_of(request.session_hash), [], None
        given, total = [Path(path) for path in dropped or []], len(dropped or [])
        for number, path in enumerate(given, start=1):
            yield {self._say: parts.busy(f"Reading {path.name} ({number} of {total})")}
            try:
                desk.add(path, path.name)
                before = len(desk.prints) - 1 if before is None else before
            except FusionColorError as error:
                problems.append(parts.sentence(error))
        if before is not None:
            yield {self._say: parts.busy("Colorizing")}
        update = self._shown(desk, chosen if before is None else before, parts.look_of(*options), problems)
        emptied = {
            self._first: gr.File(None, visible=not desk.prints or "hidden"),
            self._more: gr.File(None, visible=bool(desk.prints) or "hidden"),
        }
        yield update | emptied | {self._strip: _strip(desk, update[self._index])}

    def _changed(self, request: gr.Request, chosen: int, *options) -> dict:
        return self._shown(self._desk_of(request.session_hash), chosen, parts.look_of(*options), [])

    def _weights_changed(self, request: gr.Request, chosen: int, *options) -> Iterator[dict]:
        desk, given = self._desk_of(request.session_hash), parts.look_of(*options)
        yield {self._say: parts.busy("Loading the weights")}
        try:
            able = self._studio.gives_confidence(given.weights)
        except FusionColorError as error:
            yield {self._say: parts.alerts([parts.sentence(error)])}
            return
        names = [name for name in REFINEMENTS if able or name != "peaks"]
        refine = [name for name in given.refine if name in names]
        given = parts.look_of(given.weights, given.vividness, given.decode if able else "", refine)
        yield self._shown(desk, chosen, given, []) | {
            self._preset: gr.Dropdown(info=parts.about(given.weights)),
            self._decode: gr.Dropdown(interactive=able, value=given.decode or "", info=_DECODING if able else _FIXED),
            self._refine: gr.CheckboxGroup(names, value=list(given.refine)),
        }

    def _selected(self, request: gr.Request, event: gr.EventData, *options) -> dict:
        return self._shown(self._desk_of(request.session_hash), int(event.number), parts.look_of(*options), [])

    def _painted(self, request: gr.Request, event: gr.EventData, chosen: int, *options) -> dict:
        desk = self._desk_of(request.session_hash)
        try:
            given = strokes.parse(event.strokes)
            for number, candidate in enumerate(desk.prints):
                if str(candidate.key) == str(event.print):
                    candidate.strokes, chosen = given, number
        except FusionColorError as error:
            return {self._say: parts.alerts([parts.sentence(error)])}
        return self._shown(desk, chosen, parts.look_of(*options), [])

    def _removed(self, request: gr.Request, chosen: int, *options) -> dict:
        desk = self._desk_of(request.session_hash)
        if desk.prints:
            desk.discard(min(chosen, len(desk.prints) - 1))
        update = self._shown(desk, chosen, parts.look_of(*options), [])
        return update | {self._strip: _strip(desk, update[self._index])}

    def _saved(self, request: gr.Request, chosen: int, *options) -> Iterator[dict]:
        yield {self._say: parts.busy("Writing the file")}
        try:
            result = self._desk_of(request.session_hash).result(chosen, parts.look_of(*options))
            yield {self._link: str(result), self._say: ""}
        except FusionColorError as error:
            yield {self._say: parts.alerts([parts.sentence(error)]), self._link: None}

    def _zipped(self, request: gr.Request, *options) -> Iterator[dict]:
        desk = self._desk_of(request.session_hash)
        made: list[str] = []
        worker = parts.Working(lambda: made.append(str(desk.archive(parts.look_of(*options), worker.advance))))
        for done in worker.run():
            yield {self._say: parts.busy(f"Colorizing {min(done + 1, len(desk.prints))} of {len(desk.prints)}")}
        problem = {self._say: parts.alerts([worker.problem]), self._link: None}
        yield {self._link: made[0], self._say: ""} if made else problem


def _picture(desk: Desk, chosen: int, look: Look) -> dict:
    one = desk.prints[chosen]
    marks = [{"points": stroke.points, "color": stroke.color, "width": stroke.width} for stroke in one.strokes]
    after = parts.picture(desk.preview(chosen, look))
    return {
        "before": parts.picture(desk.before(chosen)),
        "after": after,
        "strokes": marks,
        "id": one.key,
        "name": one.name,
    }


def _strip(desk: Desk, chosen: int) -> gr.HTML:
    pictures = [
        {"url": parts.picture(desk.thumbnail(number)), "name": one.name} for number, one in enumerate(desk.prints)
    ]
    visible = True if len(pictures) > 1 else "hidden"
    return gr.HTML({"pictures": pictures, "chosen": chosen}, visible=visible)
