"""What happens besides the steps of a training: progress, saving, pictures."""

import csv
import sys
import time
from collections.abc import Callable
from pathlib import Path

import keras
import numpy as np
from tqdm import tqdm

from fusioncolor import files, images, metrics, plotting
from fusioncolor.color import rgb_to_lightness
from fusioncolor.compose import finish, gray_picture
from fusioncolor.config import MONITORS
from fusioncolor.errors import FusionColorError
from fusioncolor.models.colorizer import Colorizer
from fusioncolor.models.predictor import Source

_PREVIEWED = 8


class Judge(keras.callbacks.Callback):
    """Adds to the log how far the decoded colors of the validation photographs are from the truth.

    `val_auc` (percent) and `val_rmse` (Lab units) are taken over all pixels at the size of the network's output. At the
    start, those of no color and of the photographs' own mean color are printed, unless it is to be quiet.

    Attributes:
        dataset: without augmentation, its targets are ab in Lab units; to be set before the training.
        quiet: whether the flat colors were printed before.
    """

    def __init__(self, colorizer: Colorizer) -> None:
        super().__init__()
        self.colorizer = colorizer
        self.dataset: keras.utils.PyDataset | None = None
        self.quiet = False

    def on_train_begin(self, logs=None):  # noqa: D102
        if self.quiet:
            return
        truths = (self.dataset[index][1].reshape(-1, 2) for index in range(len(self.dataset)))
        means, pixels = zip(*((ab.mean(axis=0), len(ab)) for ab in truths), strict=True)
        flat = {"gray": np.zeros(2), "mean": np.average(means, axis=0, weights=pixels)}
        measured = {
            name: self._measure(lambda inputs, ab, tint=tint: np.broadcast_to(tint, ab.shape))
            for name, tint in flat.items()
        }
        print("; ".join(f"{name}: AuC {auc:.2f}, RMSE {rmse:.2f}" for name, (auc, rmse) in measured.items()))

    def on_epoch_end(self, epoch, logs=None):  # noqa: D102
        logs["val_auc"], logs["val_rmse"] = self._measure(
            lambda inputs, ab: self.colorizer.head.decode(np.asarray(self.model.predict_on_batch(inputs)))
        )

    def _measure(self, predict: Callable) -> tuple[float, float]:
        """AuC and RMSE of what `predict` makes of (inputs, true ab), batch by batch; nan if that is not finite."""
        counts, squares, entries = 0, 0.0, 0
        for index in range(len(self.dataset)):
            inputs, ab = self.dataset[index]
            predicted = predict(inputs, ab)
            if not np.isfinite(predicted).all():
                return np.nan, np.nan
            counts = counts + metrics.error_counts(metrics.chroma_error(predicted, ab))
            squares, entries = squares + metrics.mse(predicted, ab) * ab.size, entries + ab.size
        return float(metrics.area_under(counts)), (squares / entries) ** 0.5


class AverageWeights(keras.callbacks.Callback):
    """Puts the moving average of the weights into the network while it is validated and saved, to the last bit.

    Keras's own callback swaps by adding and subtracting, which rounds the weights anew every epoch.
    """

    def __init__(self) -> None:
        super().__init__()
        self.swapped = False

    def on_test_begin(self, logs=None):  # noqa: D102
        if not self.swapped:
            self._swap()

    def on_epoch_begin(self, epoch, logs=None):  # noqa: D102
        if self.swapped:
            self._swap()

    def on_train_end(self, logs=None):  # noqa: D102
        if self.swapped:
            self._swap()

    def _swap(self) -> None:
        optimizer = getattr(self.model.optimizer, "inner_optimizer", self.model.optimizer)  # inside loss scaling
        for variable, average in optimizer.averages:
            trained = keras.ops.convert_to_numpy(variable).copy()
            variable.assign(average)
            average.assign(trained)
        self.swapped = not self.swapped


class LogLearningRate(keras.callbacks.Callback):
    """Adds the learning rate of the optimizer's own schedule to the log."""

    def on_epoch_end(self, epoch, logs=None):  # noqa: D102
        logs["learning_rate"] = float(self.model.optimizer.learning_rate)


class Log(keras.callbacks.Callback):
    """Writes `log.csv`, a row per epoch, counted from 1; `rows` are kept over an interruption."""

    def __init__(self, run: Path) -> None:
        super().__init__()
        self.run = run
        self.rows: list[dict[str, float]] = []

    def on_epoch_end(self, epoch, logs=None):  # noqa: D102
        self.rows.append({"epoch": epoch + 1, **{name: float(value) for name, value in logs.items()}})
        with files.replacing(self.run / "log.csv") as temporary, open(temporary, "w", newline="") as file:
            writer = csv.DictWriter(file, fieldnames=list(self.rows[0]))
            writer.writeheader()
            writer.writerows(self.rows)


class Progress(keras.callbacks.Callback):
    """A progress bar per epoch, with images per second and time left, and one line per finished epoch."""

    def __init__(self, batch_size: int, epochs: int) -> None:
        super().__init__()
        self.batch_size, self.epochs = batch_size, epochs

    def on_epoch_begin(self, epoch, logs=None):  # noqa: D102
        total = self.params["steps"] * self.batch_size  # of an epoch that goes on, what is left of it
        self.start = time.perf_counter()
        self.bar = tqdm(total=total, unit="img", desc=f"epoch {epoch + 1}/{self.epochs}", leave=False)

    def on_train_batch_end(self, batch, logs=None):  # noqa: D102
        self.bar.set_postfix(loss=f"{logs['loss']:.5f}", refresh=False)
        self.bar.update(self.batch_size)

    def on_test_begin(self, logs=None):  # noqa: D102
        self.rate = self.bar.total / (time.perf_counter() - self.start)
        self.bar.set_description("validating")

    def on_epoch_end(self, epoch, logs=None):  # noqa: D102
        self.bar.close()
        seconds = time.perf_counter() - self.start
        print(
            f"epoch {epoch + 1}/{self.epochs}: loss {logs['loss']:.5f}, validation {logs['val_loss']:.5f}, "
            + "".join(f"{name[4:]} {logs[name]:.2f}, " for name in ("val_auc", "val_rmse") if name in logs)
            + f"{self.rate:.0f} img/s, {seconds:.0f} s",
            flush=True,
        )


class Save(keras.callbacks.Callback):
    """Saves `last/` after every epoch, and `best/` whenever the monitored value was never better."""

    def __init__(self, colorizer: Colorizer, run: Path, facts: dict, *, monitor: str) -> None:
        super().__init__()
        self.colorizer, self.run, self.facts = colorizer, run, facts
        self.monitor, self.sign = monitor, 1 if MONITORS[monitor] == "min" else -1
        self.best: float | None = None

    def on_epoch_end(self, epoch, logs=None):  # noqa: D102
        facts = {**self.facts, "metrics": {"epoch": epoch + 1, **{name: float(logs[name]) for name in logs}}}
        facts["card"] = self._card(epoch + 1, logs)
        value = self.sign * logs[self.monitor]
        if np.isfinite(value) and (self.best is None or value < self.best):
            self.best = value
            self.colorizer.save(self.run / "best", **facts)
        if np.isfinite(logs["val_loss"]):
            self.colorizer.save(self.run / "last", **facts)

    def _card(self, epoch: int, logs: dict) -> str:
        training, counts = self.facts["training"], self.facts["photographs"]
        return (
            f"# {training['run'] or training['model']}\n\nModel `{training['model']}`, trained on {counts['train']} "
            f"photographs of `{training['folder']}`: epoch {epoch} of {training['epochs']}, loss {logs['loss']:.5f}, "
            f"on {counts['validation']} others {logs['val_loss']:.5f}. Options: see colorizer.json.\n"
        )


class Pictures(keras.callbacks.Callback):
    """Draws the learning curves after every epoch, and every few epochs a grid of the same validation photographs."""

    def __init__(
        self, colorizer: Colorizer, paths: list[Path], run: Path, log: Log, *, every: int, epochs: int
    ) -> None:
        super().__init__()
        self.colorizer, self.run, self.log, self.every, self.epochs = colorizer, run, log, every, epochs
        chosen = np.linspace(0, len(paths) - 1, min(_PREVIEWED, len(paths))).round().astype(int)
        self.paths = [paths[index] for index in chosen]

    def on_epoch_end(self, epoch, logs=None):  # noqa: D102
        columns = {name: [row[name] for row in self.log.rows] for name in self.log.rows[0]}
        self._draw(plotting.learning_curves(columns), "curves.png")
        if self.every and np.isfinite(logs["val_loss"]) and ((epoch + 1) % self.every == 0 or epoch + 1 == self.epochs):
            self._draw(self._grid(), f"previews/epoch-{epoch + 1:03}.png")

    def _draw(self, figure, name: str) -> None:
        """Saves a figure; one that cannot be written is no reason to end a training."""
        try:
            with files.replacing(self.run / name) as temporary:
                figure.savefig(temporary)
        except FusionColorError as error:
            tqdm.write(f"warning: {error}", file=sys.stderr)

    def _grid(self):
        actual = [images.read_resized(path, self.colorizer.size) for path in self.paths]
        lightness = [rgb_to_lightness(rgb) for rgb in actual]
        ab = self.colorizer.predict_ab(np.stack([self.colorizer.prepare(Source(light)) for light in lightness]))
        predicted = [finish(light, chroma) for light, chroma in zip(lightness, ab, strict=True)]
        gray = [gray_picture(light) for light in lightness]
        rows = list(zip(gray, actual, predicted, strict=True))
        captions = [["", "", f"{metrics.psnr(row[2], row[1]):.1f} dB"] for row in rows]
        return plotting.grid(rows, ["grayscale", "actual", "predicted"], captions)
