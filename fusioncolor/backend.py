"""Which Keras backend to run on; settled before Keras is imported."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from importlib.util import find_spec

from fusioncolor.errors import InputError

BACKENDS = ("tensorflow", "jax", "torch")


def choose_backend() -> None:
    """Keeps the user's choice in `KERAS_BACKEND`, else takes the first backend that is installed.

    Raises:
        InputError: the chosen backend is none, or none is installed.
    """
    if "keras" in sys.modules:
        return
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    chosen = os.environ.get("KERAS_BACKEND") or next((name for name in BACKENDS if find_spec(name)), None)
    if chosen is None:
        raise InputError(f"Keras needs one of {', '.join(BACKENDS)}, and none is installed: pip install tensorflow")
    if chosen not in BACKENDS:
        raise InputError(f"KERAS_BACKEND must be one of {', '.join(BACKENDS)}. Received: {chosen!r}")
    if not find_spec(chosen):
        raise InputError(f"the Keras backend {chosen} is not installed: pip install {chosen}")
    os.environ["KERAS_BACKEND"] = chosen


def import_quietly() -> None:
    """Imports Keras and its backend without the lines that TensorFlow's libraries print whatever its log level."""
    if "keras" not in sys.modules:
        with _stderr_silenced():
            import_module("keras")


@contextmanager
def _stderr_silenced() -> Iterator[None]:
    """What compiled code writes to standard error inside goes nowhere; exceptions pass."""
    sys.stderr.flush()
    kept = os.dup(2)
    try:
        with open(os.devnull, "wb") as nowhere:
            os.dup2(nowhere.fileno(), 2)
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
