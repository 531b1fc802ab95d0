"""The server of the page: on this machine only, without traces in the network or, afterwards, on the disk."""

import os
import secrets
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from fusioncolor import files
from fusioncolor.app.desk import Desk
from fusioncolor.app.studio import Studio
from fusioncolor.config import AppConfig
from fusioncolor.errors import InputError
from fusioncolor.models import saving
from fusioncolor.runtime.reporting import SILENT, Reporter

HOST = "127.0.0.1"
_HOSTS = [HOST, "localhost"]
_SETTINGS = {  # of Gradio and what it uses; read when they are imported
    "GRADIO_ANALYTICS_ENABLED": "False",
    "GRADIO_SHARE": "False",
    "GRADIO_MCP_SERVER": "False",
    "GRADIO_SSR_MODE": "False",
    "HF_HUB_OFFLINE": "1",
    "HF_HUB_DISABLE_TELEMETRY": "1",
}


class _Desks:
    """Desks by visitor."""

    def __init__(self, folder: Path, studio: Studio, config: AppConfig) -> None:
        self._folder, self._studio, self._config = folder, studio, config
        self._desks: dict[str, Desk] = {}
        self._lock = threading.Lock()

    def of(self, visitor: str) -> Desk:
        with self._lock:
            if visitor not in self._desks:
                folder = self._folder / f"desk-{secrets.token_hex(16)}"
                most, pixels = self._config.max_photographs, int(self._config.max_megapixels * 1e6)
                self._desks[visitor] = Desk(folder, self._studio, most=most, max_pixels=pixels)
            return self._desks[visitor]

    def close(self, visitor: str) -> None:
        with self._lock:
            desk = self._desks.pop(visitor, None)
        if desk is not None:
            desk.clear()

    def close_all(self) -> None:
        for visitor in list(self._desks):
            self.close(visitor)


@contextmanager
def serving(config: AppConfig, *, reporter: Reporter = SILENT) -> Iterator[str]:
    """Serves the page during the block, and removes all uploads after it.

    Args:
        config: the options.
        reporter: receives messages.

    Yields:
        The address of the page.

    Raises:
        InputError: Gradio is not installed, the weights cannot be loaded, or the port is taken.
    """
    saving.read_description(saving.find_folder(config.weights, reporter))
    with files.temporary_folder() as folder:
        os.environ.update(_SETTINGS, GRADIO_TEMP_DIR=str(folder))
        try:
            from fusioncolor.app import page
        except ImportError as error:
            raise InputError(f"the page needs Gradio: pip install fusioncolor[app] ({error})") from error
        from starlette.middleware import Middleware
        from starlette.middleware.trustedhost import TrustedHostMiddleware

        studio = Studio(config.precision)
        desks = _Desks(folder, studio, config)
        blocks = page.build(desks.of, desks.close, studio, config.weights)
        threading.Thread(target=_warm_up, args=(studio, config.weights), daemon=True).start()
        try:
            _, url, _ = blocks.launch(
                server_name=HOST,
                server_port=config.port or _free_port(),
                share=False,
                quiet=True,
                inbrowser=False,
                prevent_thread_lock=True,
                show_error=False,
                footer_links=[],
                max_file_size=config.max_upload << 20,
                strict_cors=True,
                enable_monitoring=False,
                ssr_mode=False,
                pwa=False,
                mcp_server=False,
                theme=page.theme(),
                css=page.CSS,
                app_kwargs={"middleware": [Middleware(TrustedHostMiddleware, allowed_hosts=_HOSTS)]},
            )
        except OSError as error:
            raise InputError(f"port {config.port} is taken: close the other page, or give another `port`") from error
        try:
            yield url
        finally:
            with suppress(Exception):  # a connection that will not end must not keep the uploads
                blocks.close(verbose=False)
            desks.close_all()


def _warm_up(studio: Studio, weights: str) -> None:
    with suppress(InputError):  # the page will say so
        studio.warm_up(weights)


def _free_port() -> int:
    """Returns a port that is free at the moment."""
    with socket.socket() as found:
        found.bind((HOST, 0))
        return found.getsockname()[1]
