"""The page: its tabs, its colors and fonts."""

from collections.abc import Callable

import gradio as gr

from fusioncolor.app.desk import Desk
from fusioncolor.app.photographs_tab import PhotographsTab
from fusioncolor.app.studio import Studio
from fusioncolor.app.video_tab import VideoTab

QUEUE = 32  # requests that wait at most
TITLE = "fusioncolor"
_PROMISE = "Color for grayscale photographs and film. Nothing leaves this machine."
_FONT = ["system-ui", "-apple-system", "Segoe UI", "Roboto", "sans-serif"]
_MONO = ["ui-monospace", "Consolas", "monospace"]
CSS = """
.gradio-container { width: 100%; max-width: 1440px !important; margin: 0 auto !important;
  overflow: clip !important; }  /* "hidden" would keep messages from staying in sight */
#head { display: flex; align-items: baseline; gap: 12px; flex-wrap: wrap; }
#head h1 { font-size: 22px; margin: 0; }
#head p { margin: 0; color: var(--body-text-color-subdued); }
#say { min-height: 0; position: sticky !important; top: 8px; z-index: 20; overflow: visible !important; }
#say p { margin: 0; padding: 9px 13px; border-radius: 8px; border-left: 4px solid #c0392b;
  background: color-mix(in srgb, #c0392b 12%, var(--body-background-fill)); color: var(--body-text-color);
  overflow-wrap: anywhere; }
#say p + p { margin-top: 6px; }
#say p.busy, #say p.good { border-color: var(--color-accent);
  background: color-mix(in srgb, var(--color-accent) 12%, var(--body-background-fill)); }
#say progress { display: block; width: 100%; height: 8px; margin-top: 8px; border: 0; border-radius: 4px;
  appearance: none; background: var(--border-color-primary); overflow: hidden; }
#say progress::-webkit-progress-bar { background: var(--border-color-primary); }
#say progress::-webkit-progress-value { background: var(--color-accent); transition: width .25s; }
#say progress::-moz-progress-bar { background: var(--color-accent); }
#say:not(:has(p)) { display: none; }
#first, #drop, #clip { border: 2px dashed var(--border-color-primary); border-radius: 12px; }
#hint, #clip-hint { text-align: center; margin: 6px 0 0; color: var(--body-text-color-subdued); }
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
        gr.HTML(f"<div id='head'><h1>{TITLE}</h1><p>{_PROMISE}</p></div>")
        say = gr.HTML("", elem_id="say")
        with gr.Tab("Photographs", id="photographs"):
            photographs = PhotographsTab(desk_of, studio, weights, say)
        with gr.Tab("Video", id="video"):
            video = VideoTab(desk_of, studio, weights, say)
        photographs.connect(page)
        video.connect()

        def left(request: gr.Request) -> None:
            close(request.session_hash)

        page.unload(left)
    page.queue(max_size=QUEUE, default_concurrency_limit=1, api_open=False)
    return page


def theme() -> gr.themes.Base:
    """Returns the colors and fonts, which all come from this machine."""
    return gr.themes.Soft(primary_hue="teal", neutral_hue="stone", font=_FONT, font_mono=_MONO).set(
        block_title_background_fill="none",
        block_title_text_color="*body_text_color",
        block_title_text_weight="600",
        block_title_padding="0",
    )
