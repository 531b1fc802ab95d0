"""Choice of the Keras backend, before Keras is imported."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from importlib.util import find_spec
from types import ModuleType

from fusioncolor.errors import InputError, not_installed
from fusioncolor.runtime.reporting import SILENT, Reporter

_LABELS = {"tensorflow": "TensorFlow", "jax": "JAX", "torch": "PyTorch"}
BACKENDS = tuple(_LABELS)  # in the order of preference
_FOUND = "FUSIONCOLOR_FOUND_BACKEND"  # environment variable: the backend that was chosen here, not by the user


def choose_backend() -> None:
    """Keeps the user's choice in the variable `KERAS_BACKEND`, or chooses the first backend that is installed.

    Raises:
        InputError: the chosen backend is unknown, or none is installed.
    """
    if "keras" in sys.modules:
        return
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    chosen = os.environ.get("KERAS_BACKEND") or next((name for name in BACKENDS if find_spec(name)), None)
    if chosen is None:
        raise InputError(f"Keras needs one of {', '.join(BACKENDS)}; TensorFlow is {not_installed(BACKENDS[0])}")
    if chosen not in BACKENDS:
        raise InputError(f"KERAS_BACKEND must be one of {', '.join(BACKENDS)}. Received: {chosen!r}")
    if not find_spec(chosen):
        raise InputError(f"the Keras backend {chosen} is {not_installed(chosen)}")
    if not find_spec("keras"):
        raise InputError(f"Keras is {not_installed(chosen)}")
    if not os.environ.get("KERAS_BACKEND"):
        os.environ["KERAS_BACKEND"] = os.environ[_FOUND] = chosen


def is_chosen() -> bool:
    """Returns whether the user has chosen a backend with the variable `KERAS_BACKEND`."""
    return bool(os.environ.get("KERAS_BACKEND")) and os.environ["KERAS_BACKEND"] != os.environ.get(_FOUND)


def is_installed() -> bool:
    """Returns whether Keras and one of its backends are installed."""
    return "keras" in sys.modules or bool(find_spec("keras") and any(map(find_spec, BACKENDS)))


def backend_name() -> str:
    """Returns the name of the backend that Keras has, or will have once it is imported.

    Raises:
        InputError: the chosen backend is unknown, or none is installed.
    """
    if "keras" in sys.modules:
        return sys.modules["keras"].config.backend()
    choose_backend()
    return os.environ["KERAS_BACKEND"]


def make_deterministic() -> None:
    """Makes results reproducible to the last bit; call it before the backend is imported.

    TensorFlow on a CPU must run one operation at a time (each on all cores): the order of parallel operations affects
    how cores share the work, and with it the rounding of sums.
    """
    choose_backend()
    os.environ["TF_DETERMINISTIC_OPS"] = "1"
    os.environ["TF_NUM_INTEROP_THREADS"] = "1"
    flags = os.environ.get("XLA_FLAGS", "")
    if os.environ.get("KERAS_BACKEND") == "jax" and "deterministic_ops" not in flags:
        os.environ["XLA_FLAGS"] = f"{flags} --xla_gpu_deterministic_ops=true".strip()
    if os.environ.get("KERAS_BACKEND") == "torch":
        os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")
        torch = import_module("torch")
        torch.use_deterministic_algorithms(True, warn_only=True)
        torch.backends.cudnn.benchmark = False


def import_quietly(reporter: Reporter = SILENT) -> ModuleType:
    """Imports Keras and its backend without the lines that TensorFlow's libraries print at any log level.

    Args:
        reporter: shows that this takes a while.

    Raises:
        InputError: the chosen backend is unknown, or none is installed.
    """
    if "keras" not in sys.modules:
        with reporter.bar(f"loading {_LABELS[backend_name()]}", 1), stderr_silenced():
            import_module("keras")
    return sys.modules["keras"]


@contextmanager
def stderr_silenced() -> Iterator[None]:
    """Discards everything written to standard error in the block, even by compiled code; exceptions pass."""
    sys.stderr.flush()
    kept = os.dup(2)
    try:
        with open(os.devnull, "wb") as nowhere:
            os.dup2(nowhere.fileno(), 2)
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
