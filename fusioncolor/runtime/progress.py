"""Progress bars for whatever takes longer than a moment."""

from collections.abc import Callable, Iterable
from functools import partial

from tqdm import tqdm


def bar(label: str, total: int) -> Callable[[Iterable], Iterable]:
    """Wraps an iterable of `total` photographs in a bar, which appears after a second and goes when it is done."""
    return partial(tqdm, total=total, unit="img", desc=label, leave=False, delay=1)
