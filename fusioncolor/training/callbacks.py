"""Callbacks of a training: validation, averaged weights, log, progress, saving, pictures."""

import csv
import io
import time
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path

import keras
import numpy as np

from fusioncolor import files, images, metrics, plotting
from fusioncolor.color import rgb_to_lightness
from fusioncolor.compose import finish, gray_picture
from fusioncolor.config import MONITORS, TrainConfig
from fusioncolor.data.splits import Split
from fusioncolor.errors import FusionColorError
from fusioncolor.models.colorizer import Colorizer
from fusioncolor.models.predictor import Source
from fusioncolor.run_folder import RunFolder, as_json
from fusioncolor.runtime.distribution import ALONE, Group
from fusioncolor.runtime.reporting import SILENT, Reporter

_PREVIEWED = 8  # photographs
_MOST_DECIBELS = 100.0  # stands in for the infinite PSNR of identical pictures


class Validate(keras.callbacks.Callback):
    """Validates after every epoch, in one pass: adds the loss and the figures of the decoded colors to the log.

    `val_gain` (dB) is the mean over photographs of the PSNR of 8-bit sRGB minus that of the gray photograph; `val_auc`
    (percent) and `val_rmse` (Lab units) are taken over all pixels. Pictures have the size of the network's output. At
    the start, reports the scores of gray, unless `quiet`.

    Attributes:
        dataset: validation photographs with their true colors; must be set before the training.
        quiet: whether the scores of gray were reported before.
    """

    def __init__(self, colorizer: Colorizer, reporter: Reporter = SILENT, *, group: Group = ALONE) -> None:
        super().__init__()
        self.group = group
        self.colorizer = colorizer
        self.reporter = reporter
        self.dataset: keras.utils.PyDataset | None = None
        self.quiet = False

    def on_epoch_end(self, epoch, logs=None):  # noqa: D102
        loss = 0.0
        count = 0
        gains: list[float] = []
        colors, gray = _Errors(), _Errors()
        for index in range(len(self.dataset)):
            inputs, target, lab = self.dataset[index]
            output = np.asarray(self.model.predict_on_batch(inputs))[: len(target)]  # see Colorizer.predict
            if not np.isfinite(output).all():
                logs.update(dict.fromkeys(("val_loss", "val_gain", "val_auc", "val_rmse"), np.nan))
                return
            loss += len(output) * float(
                self.model.compute_loss(inputs, *map(keras.ops.convert_to_tensor, (target, output)))
            )
            count += len(output)
            ab = self.colorizer.head.decode(output)
            gains += map(_gain, lab, ab)
            colors.add(ab, lab[..., 1:])
            if not self.quiet:
                gray.add(np.zeros_like(ab), lab[..., 1:])
        logs["val_loss"] = loss * self.group.replicas / count
        logs["val_gain"] = float(np.mean(gains))
        logs["val_auc"], logs["val_rmse"] = colors.auc(), colors.rmse()
        if not self.quiet:
            self.reporter.info(f"the validation photographs left gray: AuC {gray.auc():.2f}, RMSE {gray.rmse():.2f}")
            self.quiet = True


def _gain(lab: np.ndarray, ab: np.ndarray) -> float:
    """Returns the PSNR of a picture with predicted ab `(h, w, 2)` minus that of the gray one, in dB."""
    lightness = lab[..., :1]
    truth = finish(lightness, lab[..., 1:])
    predicted, gray = (
        min(metrics.psnr(picture, truth), _MOST_DECIBELS)
        for picture in (finish(lightness, ab), gray_picture(lightness))
    )
    return predicted - gray


class _Errors:
    """Errors of ab, added up batch by batch."""

    def __init__(self) -> None:
        self.counts = 0
        self.squares = 0.0
        self.entries = 0

    def add(self, predicted: np.ndarray, ab: np.ndarray) -> None:
        """Adds those of a batch, `(B, h, w, 2)` in Lab units."""
        self.counts = self.counts + metrics.error_counts(metrics.chroma_error(predicted, ab))
        self.squares += metrics.mse(predicted, ab) * ab.size
        self.entries += ab.size

    def auc(self) -> float:
        """Returns the AuC in percent."""
        return float(metrics.area_under(self.counts))

    def rmse(self) -> float:
        """Returns the root mean squared error of a and b."""
        return (self.squares / self.entries) ** 0.5


class AverageWeights(keras.callbacks.Callback):
    """Swaps the moving averages of the weights into the network while it is validated and saved, bit by bit.

    Keras's own callback swaps by adding and subtracting, which rounds the weights again in every epoch.
    """

    def __init__(self) -> None:
        super().__init__()
        self.swapped = False

    def on_epoch_end(self, epoch, logs=None):  # noqa: D102
        if not self.swapped:
            self._swap()

    def on_epoch_begin(self, epoch, logs=None):  # noqa: D102
        if self.swapped:
            self._swap()

    def on_train_end(self, logs=None):  # noqa: D102
        if self.swapped:
            self._swap()

    def _swap(self) -> None:
        optimizer = getattr(self.model.optimizer, "inner_optimizer", self.model.optimizer)  # under loss scaling
        for variable, average in optimizer.averages:
            trained = keras.ops.convert_to_numpy(variable).copy()
            variable.assign(average)
            average.assign(trained)
        self.swapped = not self.swapped


class LogLearningRate(keras.callbacks.Callback):
    """Adds the learning rate of the optimizer's schedule to the log."""

    def on_epoch_end(self, epoch, logs=None):  # noqa: D102
        logs["learning_rate"] = float(self.model.optimizer.learning_rate)


class Log(keras.callbacks.Callback):
    """Writes the log: a row per epoch, counted from 1; `rows` are restored after an interruption.

    Of several processes that train together, only the first writes; the others keep the rows.
    """

    def __init__(self, run: RunFolder, *, group: Group = ALONE) -> None:
        super().__init__()
        self.run = run
        self.group = group
        self.rows: list[dict[str, float]] = []

    def on_epoch_end(self, epoch, logs=None):  # noqa: D102
        self.rows.append({"epoch": epoch + 1, **{name: float(value) for name, value in logs.items()}})
        if not self.group.leads:
            return
        table = io.StringIO()
        names = dict.fromkeys(name for row in self.rows for name in row)  # a run of an earlier version had fewer
        writer = csv.DictWriter(table, fieldnames=list(names), restval="nan", lineterminator="\n")
        writer.writeheader()
        writer.writerows(self.rows)
        with files.replacing(self.run.log) as temporary:
            files.write_text(temporary, table.getvalue())


class Progress(keras.callbacks.Callback):
    """Draws a progress bar per epoch, with the loss, and reports one line per finished epoch."""

    def __init__(self, config: TrainConfig, reporter: Reporter = SILENT) -> None:
        super().__init__()
        self.batch_size = config.batch_size
        self.epochs = config.total_epochs
        self.monitor = config.monitor
        self.reporter = reporter
        self.drawn = ExitStack()

    def on_epoch_begin(self, epoch, logs=None):  # noqa: D102
        self.total = self.params["steps"] * self.batch_size  # after an interruption, the rest of the epoch
        self.start = time.perf_counter()
        self.rate = 0.0  # of an epoch that is broken off
        self.bar = self.drawn.enter_context(self.reporter.bar(f"epoch {epoch + 1}/{self.epochs}", self.total))

    def on_train_batch_end(self, batch, logs=None):  # noqa: D102
        self.bar.note(f"loss={logs['loss']:.5f}")
        self.bar.advance(self.batch_size)
        if batch + 1 == self.params["steps"]:
            self.rate = self.total / (time.perf_counter() - self.start)
            self.bar.rename("validating")

    def on_epoch_end(self, epoch, logs=None):  # noqa: D102
        self.drawn.close()
        seconds = time.perf_counter() - self.start
        judged = f"{self.monitor[4:]} {logs[self.monitor]:.2f}, " if self.monitor in ("val_auc", "val_rmse") else ""
        self.reporter.info(
            f"epoch {epoch + 1}/{self.epochs}: loss {logs['loss']:.5f}, validation {logs['val_loss']:.5f} "
            f"({metrics.beside_gray(logs['val_gain'])}), {judged}{self.rate:.0f} img/s, {seconds:.0f} s"
        )

    def on_train_end(self, logs=None):  # noqa: D102
        self.drawn.close()


class Save(keras.callbacks.Callback):
    """Saves the last colorizer after every epoch, and the best one whenever the monitored value improves."""

    def __init__(
        self, colorizer: Colorizer, run: RunFolder, config: TrainConfig, split: Split, *, group: Group = ALONE
    ) -> None:
        super().__init__()
        self.group = group
        self.colorizer = colorizer
        self.run = run
        self.config = config
        self.counts = split.counts()
        self.sign = 1 if MONITORS[config.monitor] == "min" else -1
        self.best: float | None = None

    def on_epoch_end(self, epoch, logs=None):  # noqa: D102
        value = self.sign * logs[self.config.monitor]
        if np.isfinite(value) and (self.best is None or value < self.best):
            self.best = value
            self._save(self.run.best, epoch + 1, logs)
        if np.isfinite(logs["val_loss"]):
            self._save(self.run.last, epoch + 1, logs)

    def _save(self, folder: Path, epoch: int, logs: dict) -> None:
        if not self.group.leads:
            return
        with self.group.locally():
            self.colorizer.save(
                folder,
                card=self._card(epoch, logs),
                training={**as_json(self.config, names_only=True), "epochs": self.config.total_epochs},
                photographs=self.counts,
                metrics={"epoch": epoch, **{name: float(logs[name]) for name in logs}},
            )

    def _card(self, epoch: int, logs: dict) -> str:
        config = self.config
        return (
            f"# {config.run.name if config.run else config.model}\n\nModel `{config.model}`, trained on "
            f"{self.counts['train']} photographs from `{config.folder.name}`. Epoch {epoch} of {config.total_epochs}: "
            f"loss {logs['loss']:.5f}; validation loss {logs['val_loss']:.5f} on {self.counts['validation']} other "
            f"photographs, whose PSNR is {logs['val_gain']:+.2f} dB above gray. Options: see colorizer.json.\n"
        )


class Pictures(keras.callbacks.Callback):
    """Draws the learning curves after every epoch, and sometimes a grid of the same validation photographs."""

    def __init__(
        self,
        colorizer: Colorizer,
        paths: Sequence[Path],
        run: RunFolder,
        log: Log,
        config: TrainConfig,
        reporter: Reporter = SILENT,
        *,
        group: Group = ALONE,
    ) -> None:
        """Chooses the photographs of the grid, evenly spaced.

        Args:
            colorizer: colorizer that is trained.
            paths: validation photographs.
            run: run folder.
            log: gives the learning curves.
            config: tells how often to draw the grid: every `preview_every` epochs, and after the last.
            reporter: warned of pictures that cannot be written.
            group: processes that train together, which must predict together; the first writes.
        """
        super().__init__()
        self.group = group
        self.colorizer = colorizer
        self.run = run
        self.log = log
        self.every = config.preview_every
        self.epochs = config.total_epochs
        self.reporter = reporter
        chosen = np.linspace(0, len(paths) - 1, min(_PREVIEWED, len(paths))).round().astype(int)
        self.paths = [paths[index] for index in chosen]

    def on_epoch_end(self, epoch, logs=None):  # noqa: D102
        columns = {name: [row[name] for row in self.log.rows] for name in self.log.rows[0]}
        self._draw(plotting.learning_curves(columns), self.run.curves)
        if self.every and np.isfinite(logs["val_loss"]) and ((epoch + 1) % self.every == 0 or epoch + 1 == self.epochs):
            self._draw(self._grid(), self.run.preview(epoch + 1))

    def _draw(self, figure, path: Path) -> None:
        """Saves a figure; one that cannot be written does not end the training."""
        if not self.group.leads:
            return
        try:
            with files.replacing(path) as temporary:
                figure.savefig(temporary)
        except FusionColorError as error:
            self.reporter.warning(str(error))

    def _grid(self):
        actual = [images.read_resized(path, self.colorizer.size) for path in self.paths]
        lightness = [rgb_to_lightness(rgb) for rgb in actual]
        ab = self.colorizer.predict_ab(np.stack([self.colorizer.prepare(Source(light)) for light in lightness]))
        predicted = [finish(light, chroma) for light, chroma in zip(lightness, ab, strict=True)]
        gray = [gray_picture(light) for light in lightness]
        rows = list(zip(gray, actual, predicted, strict=True))
        captions = [["", "", f"{metrics.psnr(row[2], row[1]):.1f} dB"] for row in rows]
        return plotting.grid(rows, ["grayscale", "actual", "predicted"], captions)
