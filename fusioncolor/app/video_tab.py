"""The tab of video: its parts, and what happens when one of them is used."""

import html
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import gradio as gr

from fusioncolor.app import parts
from fusioncolor.app.desk import Desk
from fusioncolor.app.film import Film
from fusioncolor.app.studio import Look, Studio
from fusioncolor.errors import FusionColorError, InputError
from fusioncolor.video import ffmpeg

_INVITATION = "One clip, with its sound. It is deleted when you close the page."
_EVERY = [("every frame", 1), ("every fourth: two to three times as fast", 4)]
_SETTLED = 2  # seconds after which the time that is left can be told


class VideoTab:
    """The parts of the tab, and what happens when one of them is used."""

    def __init__(self, desk_of: Callable[[str], Desk], studio: Studio, weights: str, say: gr.HTML) -> None:
        """Lays out the parts, within `gr.Tab`; without PyAV, a sentence.

        Args:
            desk_of: returns the desk of a visitor, whom Gradio's session hash stands for.
            studio: the networks.
            weights: preset, or folder of a saved colorizer, that is chosen at first.
            say: the part of the page for messages.
        """
        self._desk_of, self._studio, self._say = desk_of, studio, say
        try:
            ffmpeg.require()
        except InputError as error:
            self._able = False
            gr.HTML(f"<p id='no-video'>{html.escape(parts.sentence(error))}</p>")
            return
        self._able = True
        with gr.Row(equal_height=False):
            with gr.Column(scale=7, min_width=320):
                self._clip = gr.File(show_label=False, height="52vh", elem_id="clip")
                self._hint = gr.HTML(f"<p id='clip-hint'>{_INVITATION}</p>")
                self._still = parts.own("stage", {}, elem_id="still", visible="hidden")
                self._beside = gr.Video(
                    show_label=False, interactive=False, buttons=[], visible="hidden", elem_id="beside"
                )
                self._facts = gr.HTML("", elem_id="facts", visible="hidden")
            with gr.Column(scale=3, min_width=300):
                self._lay_out_options(weights)
                self._go = gr.Button("Colorize", variant="primary", interactive=False, elem_id="colorize")
                self._stop = gr.Button("Stop", visible="hidden", elem_id="stop")
                self._download = gr.DownloadButton(
                    "Download", variant="primary", visible="hidden", elem_id="download-video"
                )
                self._remove = gr.Button("Remove this video", visible="hidden", size="sm", elem_id="remove-video")

    def _lay_out_options(self, weights: str) -> None:
        with gr.Group():
            self._preset = parts.weights_choice(weights, "video-weights")
            self._vividness = parts.vividness_choice("video-vividness")
            self._keyframes = gr.Radio(
                _EVERY, value=1, label="The network sees", elem_id="keyframes",
                info="Colors are carried to the frames between",
            )  # fmt: skip
            self._deinterlace = gr.Checkbox(
                label="Deinterlace", elem_id="deinterlace", info="Make whole frames of those of old television"
            )

    def connect(self) -> None:
        """Says what is done when a part is used; one video is colorized at a time."""
        if not self._able:
            return
        look = [self._preset, self._vividness]
        everything = [
            *(self._say, self._clip, self._hint, self._still, self._beside, self._facts),
            *(self._go, self._stop, self._download, self._remove),
        ]
        self._clip.upload(self._dropped, [self._clip, *look, self._deinterlace], everything, **parts.NETWORK)
        self._preset.input(self._weights_changed, look, [*everything, self._preset], **parts.NETWORK)
        self._vividness.input(self._changed, look, everything, trigger_mode="always_last", **parts.NETWORK)
        alone = parts.NETWORK | {"concurrency_id": "video"}
        inputs = [*look, self._keyframes, self._deinterlace]
        self._go.click(self._started, inputs, everything, **alone)
        aside = parts.NETWORK | {"concurrency_id": "stop", "concurrency_limit": None}
        self._stop.click(self._stopped, None, [self._stop], **aside)
        self._remove.click(self._removed, None, everything, **aside)

    def _film(self, request: gr.Request) -> Film:
        return self._desk_of(request.session_hash).film

    def _shown(self, film: Film, look: Look, problems: list[str], *, finished: bool = False) -> dict:
        """Everything on the tab: the invitation, a frame before and after, or the finished video."""
        some, done = bool(film.name), film.result is not None
        update = {
            self._clip: gr.File(None, visible="hidden" if some else True),
            self._hint: gr.HTML(visible="hidden" if some else True),
            self._facts: gr.HTML(f"<p>{html.escape(f'{film.name}: {film.facts}')}</p>", visible=some or "hidden"),
            self._go: gr.Button("Colorize", interactive=some, variant="secondary" if done else "primary", visible=True),
            self._stop: gr.Button(visible="hidden"),
            self._download: gr.DownloadButton(value=str(film.result) if done else None, visible=done or "hidden"),
            self._remove: gr.Button(visible=some or "hidden", interactive=True),
            self._beside: gr.Video(str(film.beside) if finished else None, visible=finished or "hidden"),
            self._still: gr.HTML({}, visible="hidden"),
        }
        if some and not finished:
            try:
                before, after = (parts.picture(picture) for picture in film.still(look))
                value = {"before": before, "after": after, "strokes": [], "id": film.key, "plain": True}
                update[self._still] = gr.HTML(value, visible=True)
            except FusionColorError as error:
                problems = [*problems, parts.sentence(error)]
        return update | {self._say: parts.alerts(problems)}

    def _dropped(
        self, request: gr.Request, dropped: str | None, weights: str, vividness: float, deinterlace: bool
    ) -> Iterator[dict]:
        film, problems = self._film(request), []
        if dropped:
            path = Path(dropped)
            yield {self._say: parts.busy(f"Reading {path.name}")}
            try:
                film.put(path, path.name, deinterlace=bool(deinterlace))
            except FusionColorError as error:
                problems.append(parts.sentence(error))
        yield self._shown(film, parts.look_of(weights, vividness), problems)

    def _changed(self, request: gr.Request, weights: str, vividness: float) -> dict:
        return self._shown(self._film(request), parts.look_of(weights, vividness), [])

    def _weights_changed(self, request: gr.Request, weights: str, vividness: float) -> Iterator[dict]:
        yield {self._say: parts.busy("Loading the weights")}
        shown = self._changed(request, weights, vividness)
        yield shown | {self._preset: gr.Dropdown(info=parts.about(weights))}

    def _started(
        self, request: gr.Request, weights: str, vividness: float, keyframes: int, deinterlace: bool
    ) -> Iterator[dict]:
        film, look = self._film(request), parts.look_of(weights, vividness)
        complete: list[bool] = []
        options = {"keyframes": int(keyframes), "deinterlace": bool(deinterlace)}
        worker = parts.Working(lambda: complete.append(film.colorize(look, **options, advance=worker.advance)))
        running = {self._go: gr.Button(visible="hidden"), self._stop: gr.Button("Stop", visible=True, interactive=True)}
        running |= {self._remove: gr.Button(interactive=False), self._download: gr.DownloadButton(visible="hidden")}
        start = None
        for done in worker.run():
            start = start or ((time.monotonic(), done) if done else None)
            yield running | {self._say: _progress(done, film.frames, start)}
            running = {}
        finished = complete == [True]
        update = self._shown(film, look, [worker.problem] if worker.problem else [], finished=finished)
        if finished:
            update[self._say] = parts.alerts([f"{note}." for note in film.notes])
        elif not worker.problem and film.name:
            update[self._say] = parts.good("Stopped. Colorize goes on from there.")
        yield update

    def _stopped(self, request: gr.Request) -> dict:
        self._film(request).stop()
        return {self._stop: gr.Button("Stopping", interactive=False)}  # a sentence could overtake that of `_started`

    def _removed(self, request: gr.Request) -> dict:
        film = self._film(request)
        film.clear()
        return self._shown(film, Look(""), [])


def _progress(done: int, total: int, start: tuple[float, int] | None) -> str:
    """Returns a paragraph that tells how many frames are finished, and how long the others will take."""
    if not done:
        return parts.busy("Loading the network")
    if total and done >= total:
        return parts.busy("Writing the file")
    text = f"Colorizing: {done} of {total} frames" if total else f"Colorizing: {done} frames"
    seconds = time.monotonic() - start[0]
    if total and seconds > _SETTLED and done > start[1]:
        left = seconds * (total - done) / (done - start[1])
        text += f", about {_length(left)} left"
    return parts.busy(text, share=done / total if total else None)


def _length(seconds: float) -> str:
    return f"{seconds / 60:.0f} min" if seconds >= 90 else f"{seconds:.0f} s"
