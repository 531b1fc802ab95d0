"""Loading by name, and predicting with several colorizers at once."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from fusioncolor.errors import InputError
from fusioncolor.models import registry
from fusioncolor.models.baselines import create_baseline
from fusioncolor.models.colorizer import Colorizer
from fusioncolor.registries import BASELINES


def load(name: str, references: Sequence[Path] = (), **options) -> Colorizer:
    """A saved colorizer or a baseline, with the options chosen at prediction time.

    Args:
        name: a folder, or a key of `BASELINES`.
        references: photographs that baselines take colors from.
        **options: as for `Colorizer.with_options`; baselines take of them what they can.

    Raises:
        InputError: it cannot be loaded, or has no use for an option.
    """
    if name in BASELINES:
        return create_baseline(name, references).with_options(vividness=options.get("vividness", 1.0))
    try:
        return registry.load(name).with_options(**options)
    except InputError as error:
        raise InputError(f"{error} ({name})" if name not in str(error) else str(error)) from error


def check_refinements(name: str, colorizer: Colorizer, refinements: Sequence[str]) -> None:
    """Refuses refinements that a colorizer has nothing for.

    Raises:
        InputError: peaks are wanted of a model without confidence.
    """
    if "peaks" in refinements and colorizer.head.name != "classification":
        raise InputError(f"--refine peaks needs a classification model, which {name} is not")


def title_of(name: str) -> str:
    """The heading of a column: the folder's name, with its run's for `best` and `last`."""
    path = Path(name)
    return f"{path.parent.name}/{path.name}" if path.name in ("best", "last") else path.name


def predict_all(
    colorizers: Sequence[Colorizer], inputs: Sequence[Sequence[np.ndarray] | None], batch_size: int
) -> list[tuple | None]:
    """For each photograph, each colorizer's (ab, confidence).

    Args:
        colorizers: C of them.
        inputs: of each photograph C, as each colorizer prepares it; None, not for all of them, leaves a place empty.
        batch_size: batches are padded to it.
    """
    some = next(one for one in inputs if one is not None)
    filled = [[np.zeros_like(each) for each in some] if one is None else one for one in inputs]
    by_colorizer = [
        colorizer.predict(np.stack(prepared), batch_size=batch_size)
        for colorizer, prepared in zip(colorizers, zip(*filled, strict=True), strict=True)
    ]
    answers = list(zip(*by_colorizer, strict=True))
    return [None if one is None else answer for one, answer in zip(inputs, answers, strict=True)]
