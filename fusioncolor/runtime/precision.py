"""Arithmetic in float32, bfloat16 or float16."""

from collections.abc import Iterator
from contextlib import contextmanager

import keras

from fusioncolor.runtime.arithmetic import resolve


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
