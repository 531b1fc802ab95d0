"""Arrays in, Matplotlib figures out; nothing is shown or saved here."""

from collections.abc import Sequence

import numpy as np
from matplotlib.figure import Figure

_CELL = 2.4  # inches, as the next two
_CAPTION = 0.3
_TITLE = 0.3
_TALLEST = 2.0  # height / width of a row
_DPI = 110


def grid(rows: Sequence[Sequence[np.ndarray | None]], columns: Sequence[str], captions=None) -> Figure:
    """Pictures in rows under column titles, as in *grayscale / actual / predicted*.

    Args:
        rows: of pictures `(H, W, 3)` `uint8`, one per column; None leaves a cell empty. Sizes may differ.
        columns: titles.
        captions: text under each picture, in the shape of `rows`; None for none.
    """
    heights = [_CELL * min(max(_aspect(picture) for picture in row), _TALLEST) + _CAPTION for row in rows]
    figure = Figure(figsize=(_CELL * len(columns), sum(heights) + _TITLE), dpi=_DPI, layout="constrained")
    axes = figure.subplots(len(rows), len(columns), squeeze=False, height_ratios=heights)
    for title, axis in zip(columns, axes[0], strict=True):
        axis.set_title(title, fontsize=11, parse_math=False)
    for row_index, row in enumerate(rows):
        for column_index, picture in enumerate(row):
            axis = axes[row_index, column_index]
            axis.set_xticks([])
            axis.set_yticks([])
            axis.spines[:].set_visible(False)
            if picture is None:  # blank, of the row's shape, so that titles stay in line
                axis.imshow(np.full_like(next(one for one in row if one is not None), 255))
            else:
                axis.imshow(picture, interpolation="antialiased")
            if captions is not None:
                axis.set_xlabel(captions[row_index][column_index], fontsize=8, parse_math=False)
    return figure


def _aspect(picture: np.ndarray | None) -> float:
    return 0.1 if picture is None else max(picture.shape[0] / picture.shape[1], 0.1)


def learning_curves(log: dict[str, Sequence[float]]) -> Figure:
    """Training and validation loss (left) and learning rate (right), logarithmic, over epochs.

    Args:
        log: columns "epoch", "loss", "val_loss", "learning_rate".
    """
    figure = Figure(figsize=(7, 4), dpi=_DPI, layout="constrained")
    axis = figure.subplots()
    epochs = np.asarray(log["epoch"]) + 1
    axis.plot(epochs, log["loss"], marker=".", label="training")
    axis.plot(epochs, log["val_loss"], marker=".", label="validation")
    axis.set(xlabel="epoch", ylabel="loss", yscale="log")
    axis.xaxis.get_major_locator().set_params(integer=True)
    axis.grid(alpha=0.3, which="both")
    rate = axis.twinx()
    rate.plot(epochs, log["learning_rate"], color="gray", linestyle=":", label="learning rate")
    rate.set(ylabel="learning rate", yscale="log")
    figure.legend(loc="outside upper center", ncols=3)
    return figure
