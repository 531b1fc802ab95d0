"""Matplotlib figures of arrays; showing and saving them is left to the caller."""

from collections.abc import Sequence

import numpy as np
from matplotlib.figure import Figure

_CELL = 2.4  # inches
_CAPTION = 0.3  # inches
_TITLE = 0.3  # inches
_TITLE_LETTERS = 22  # that fit above a cell at full size
_TALLEST = 2.0  # height / width of a row
_DPI = 110
_PANELS = 3  # in a row
_FIGURES = {"val_gain": "gain over gray (dB)", "val_auc": "AuC (%)", "val_rmse": "RMSE ab (Lab)"}


def grid(rows: Sequence[Sequence[np.ndarray | None]], columns: Sequence[str], captions=None) -> Figure:
    """Draws pictures in rows under column titles such as *grayscale / actual / predicted*.

    Args:
        rows: rows of pictures `(H, W, 3)` `uint8`, one per column; None leaves a cell empty. Sizes may differ.
        columns: titles.
        captions: texts under the pictures, nested like `rows`; None for no captions.
    """
    heights = [_CELL * min(max(_aspect(picture) for picture in row), _TALLEST) + _CAPTION for row in rows]
    figure = Figure(figsize=(_CELL * len(columns), sum(heights) + _TITLE), dpi=_DPI, layout="constrained")
    axes = figure.subplots(len(rows), len(columns), squeeze=False, height_ratios=heights)
    for title, axis in zip(columns, axes[0], strict=True):
        axis.set_title(title, fontsize=11 if len(title) <= _TITLE_LETTERS else 7, parse_math=False)
    for row_index, row in enumerate(rows):
        for column_index, picture in enumerate(row):
            axis = axes[row_index, column_index]
            axis.set_xticks([])
            axis.set_yticks([])
            axis.spines[:].set_visible(False)
            if picture is None:  # a blank of the row's shape keeps the titles in line
                axis.imshow(np.full_like(next(one for one in row if one is not None), 255))
            else:
                axis.imshow(picture, interpolation="antialiased")
            if captions is not None:
                axis.set_xlabel(captions[row_index][column_index], fontsize=8, parse_math=False)
    return figure


def _aspect(picture: np.ndarray | None) -> float:
    return 0.1 if picture is None else max(picture.shape[0] / picture.shape[1], 0.1)


def learning_curves(log: dict[str, Sequence[float]]) -> Figure:
    """Plots training and validation loss (left axis) and learning rate (right axis), logarithmic, over epochs.

    Args:
        log: columns "epoch" (from 1), "loss", "val_loss", "learning_rate".
    """
    figure = Figure(figsize=(7, 4), dpi=_DPI, layout="constrained")
    axis = figure.subplots()
    epochs = log["epoch"]
    axis.plot(epochs, log["loss"], marker=".", label="training")
    axis.plot(epochs, log["val_loss"], marker=".", label="validation")
    axis.set(xlabel="epoch", ylabel="loss", yscale="log")
    axis.xaxis.get_major_locator().set_params(integer=True)
    axis.grid(alpha=0.3, which="both")
    rate = axis.twinx()
    rate.plot(epochs, log["learning_rate"], color="gray", linestyle=":", label="learning rate")
    rate.set(ylabel="learning rate", yscale="log" if np.min(log["learning_rate"]) > 0 else "linear")
    figure.legend(loc="outside upper center", ncols=3)
    return figure


def cumulative_histograms(per_pixel: dict[str, np.ndarray], per_image: dict[str, np.ndarray]) -> Figure:
    """Plots cumulative histograms of the ab error, over pixels (left) and photographs (right), for every model.

    Args:
        per_pixel: by model, pixels with an error in (t - 1, t], t = 0, 1, ...; the last entry holds the rest.
        per_image: by model, the RMS error of every photograph.
    """
    figure = Figure(figsize=(10, 4), dpi=_DPI, layout="constrained")
    left, right = figure.subplots(1, 2)
    for index, (name, counts) in enumerate(per_pixel.items()):
        style = {"color": f"C{index % 10}", "linestyle": ("-", "--", ":")[index // 10 % 3], "label": name}
        left.plot(np.cumsum(counts)[:-1] / counts.sum() * 100, **style)
        errors = np.sort(per_image[name][np.isfinite(per_image[name])])
        right.step(errors, np.arange(1, len(errors) + 1) / max(len(errors), 1) * 100, where="post", **style)
    left.set(xlabel="ab error of a pixel, at most (Lab)", ylabel="% of pixels", xlim=(0, 60))
    right.set(xlabel="RMS ab error of a photograph, at most (Lab)", ylabel="% of photographs", xlim=(0, None))
    for axis in (left, right):
        axis.grid(alpha=0.3)
        axis.set_ylim(0, 100)
    left.legend(fontsize=8)
    return figure


def chroma_distributions(densities: dict[str, np.ndarray], reach: float) -> Figure:
    """Draws the log density of chroma in the ab plane, one panel per model.

    Args:
        densities: by title, pixels per cell `(n, n)`, rows a, columns b, from -reach to reach.
        reach: Lab units.
    """
    columns = min(len(densities), 4)
    rows = -(-len(densities) // columns)
    figure = Figure(figsize=(2.6 * columns, 2.6 * rows + 0.4), dpi=_DPI, layout="constrained")
    panels = figure.subplots(rows, columns, squeeze=False, sharex=True, sharey=True).ravel()
    shares = {title: density / max(density.sum(), 1) for title, density in densities.items()}
    for panel in panels:
        panel.set_axis_off()
    for panel, (title, share) in zip(panels, shares.items(), strict=False):
        panel.set_axis_on()
        with np.errstate(divide="ignore"):
            logarithm = np.log10(share.T)
        drawn = panel.imshow(
            np.where(np.isfinite(logarithm), logarithm, np.nan),
            origin="lower", extent=(-reach, reach, -reach, reach), vmin=-7, vmax=-1, cmap="viridis",
        )  # fmt: skip
        panel.set_title(title, fontsize=9, parse_math=False)
        panel.set(xlabel="a", ylabel="b")
    figure.colorbar(drawn, ax=panels.tolist(), label="log10 of the share of pixels")
    return figure


def prior_map(bins: np.ndarray, prior: np.ndarray) -> Figure:
    """Draws the quantized ab plane with the log probability of each bin.

    Args:
        bins: centers `(Q, 2)` in Lab units.
        prior: `(Q,)`.
    """
    figure = Figure(figsize=(5, 4), dpi=_DPI, layout="constrained")
    axis = figure.subplots()
    drawn = axis.scatter(*bins.T, c=np.log10(np.maximum(prior, 1e-9)), marker="s", s=60, cmap="viridis")
    axis.set(xlabel="a", ylabel="b", aspect="equal")
    figure.colorbar(drawn, label="log10 of the prior")
    return figure


def compare_runs(logs: dict[str, dict[str, Sequence[float]]]) -> Figure:
    """Plots learning curves of several runs: a panel per quantity, a line per run.

    Args:
        logs: by run, columns as for `learning_curves`; those of the decoded colors are drawn if any run has them.
    """
    wanted = {"loss": "training loss", "val_loss": "validation loss", **_FIGURES}
    shown = {name: text for name, text in wanted.items() if any(name in log for log in logs.values())}
    columns = min(len(shown), _PANELS)
    lines = -(-len(shown) // columns)
    figure = Figure(figsize=(4 * columns, 3.6 * lines), dpi=_DPI, layout="constrained")
    axes = figure.subplots(lines, columns, squeeze=False).ravel()
    for axis in axes[len(shown) :]:
        axis.set_axis_off()
    for axis, (name, text) in zip(axes, shown.items(), strict=False):
        for run, log in logs.items():
            if name in log:
                axis.plot(log["epoch"], log[name], marker=".", label=run)
        axis.set(xlabel="epoch", ylabel=text, yscale="log" if "loss" in name else "linear")
        axis.grid(alpha=0.3, which="both")
    figure.axes[0].legend(fontsize=8)
    return figure
