"""What happens besides the steps of a training: progress, saving, pictures."""

import sys
import time
from pathlib import Path

import keras
import numpy as np
from tqdm import tqdm

from fusioncolor import data, images, metrics, plotting
from fusioncolor.color import rgb_to_lightness
from fusioncolor.colorizer import Colorizer, finish, gray_picture
from fusioncolor.errors import InputError

_PREVIEWED = 8


class Progress(keras.callbacks.Callback):
    """A progress bar per epoch, with images per second and time left, and one line per finished epoch."""

    def __init__(self, dataset: data.PhotographDataset) -> None:
        super().__init__()
        self.dataset = dataset

    def on_epoch_begin(self, epoch, logs=None):  # noqa: D102
        total = self.dataset.steps_per_epoch * self.dataset.batch_size
        self.start = time.perf_counter()
        self.bar = tqdm(total=total, unit="img", desc=f"epoch {epoch + 1}/{self.params['epochs']}", leave=False)

    def on_train_batch_end(self, batch, logs=None):  # noqa: D102
        self.bar.set_postfix(loss=f"{logs['loss']:.5f}", refresh=False)
        self.bar.update(self.dataset.batch_size)

    def on_test_begin(self, logs=None):  # noqa: D102
        self.rate = self.bar.total / (time.perf_counter() - self.start)
        self.bar.set_description("validating")

    def on_epoch_end(self, epoch, logs=None):  # noqa: D102
        self.bar.close()
        seconds = time.perf_counter() - self.start
        print(
            f"epoch {epoch + 1}/{self.params['epochs']}: loss {logs['loss']:.5f}, validation {logs['val_loss']:.5f}, "
            f"{self.rate:.0f} img/s, {seconds:.0f} s",
            flush=True,
        )


class Save(keras.callbacks.Callback):
    """Saves `last/` after every epoch, and `best/` whenever the validation loss was never lower."""

    def __init__(self, colorizer: Colorizer, run: Path, facts: dict) -> None:
        super().__init__()
        self.colorizer, self.run, self.facts = colorizer, run, facts
        self.best = np.inf

    def on_epoch_end(self, epoch, logs=None):  # noqa: D102
        facts = {**self.facts, "metrics": {"epoch": epoch + 1, **{name: float(logs[name]) for name in logs}}}
        facts["card"] = self._card(epoch + 1, logs)
        if logs["val_loss"] < self.best:
            self.best = logs["val_loss"]
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

    def __init__(self, colorizer: Colorizer, paths: list[Path], run: Path, *, every: int, epochs: int) -> None:
        super().__init__()
        self.colorizer, self.run, self.every, self.epochs = colorizer, run, every, epochs
        chosen = np.linspace(0, len(paths) - 1, min(_PREVIEWED, len(paths))).round().astype(int)
        self.actual = [images.read_resized(paths[index], colorizer.size) for index in chosen]
        self.log: dict[str, list[float]] = {"epoch": [], "loss": [], "val_loss": [], "learning_rate": []}

    def on_epoch_end(self, epoch, logs=None):  # noqa: D102
        for name, value in {"epoch": epoch, **logs}.items():
            if name in self.log:
                self.log[name].append(value)
        self._draw(plotting.learning_curves(self.log), "curves.png")
        if self.every and ((epoch + 1) % self.every == 0 or epoch + 1 == self.epochs):
            self._draw(self._grid(), f"previews/epoch-{epoch + 1:03}.png")

    def _draw(self, figure, name: str) -> None:
        """Saves a figure; one that cannot be written is no reason to end a training."""
        try:
            with images.replacing(self.run / name) as temporary:
                figure.savefig(temporary)
        except InputError as error:
            tqdm.write(f"warning: {error}", file=sys.stderr)

    def _grid(self):
        lightness = [rgb_to_lightness(rgb) for rgb in self.actual]
        ab = self.colorizer.predict_ab(np.stack([self.colorizer.prepare(light) for light in lightness]))
        predicted = [finish(light, chroma) for light, chroma in zip(lightness, ab, strict=True)]
        gray = [gray_picture(light) for light in lightness]
        rows = list(zip(gray, self.actual, predicted, strict=True))
        captions = [["", "", f"{metrics.psnr(row[2], row[1]):.1f} dB"] for row in rows]
        return plotting.grid(rows, ["grayscale", "actual", "predicted"], captions)
