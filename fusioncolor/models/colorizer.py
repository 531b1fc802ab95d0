"""The one interface: a colorizer takes lightness and gives ab, whatever network and head are inside."""

import copy
import json
import os
from collections.abc import Callable, Sequence
from pathlib import Path

import keras
import numpy as np

from fusioncolor import color, files, images
from fusioncolor.compose import Refinement, finish
from fusioncolor.models import saving
from fusioncolor.models.heads import Head


def same(lightness: np.ndarray) -> np.ndarray:
    """The preprocessing of networks that take lightness itself."""
    return lightness


class Colorizer:
    """A network and what its output means.

    Attributes:
        network: Keras model from inputs `(B, h, w, C)` to `(B, h', w', head.channels)`.
        head: decodes the network's output to ab.
        size: (height, width) at which the network sees a photograph.
        config: what was built, and everything else to be saved in `colorizer.json`.
        preprocess: lightness `(h, w, 1)` in 0..100 -> the network's input `(h, w, C)`.
        refine: applied in order at the photograph's size.
    """

    def __init__(
        self,
        network: keras.Model,
        head: Head,
        size: tuple[int, int],
        config: dict,
        preprocess: Callable[[np.ndarray], np.ndarray] = same,
    ) -> None:
        self.network = network
        self.head = head
        self.size = tuple(size)
        self.config = config
        self.preprocess = preprocess
        self.refine: tuple[Refinement, ...] = ()
        # XLA compiles convolutions slower than oneDNN runs them on CPU: 94 against 80 pictures a second at 128x128.
        self.network.jit_compile = keras.backend.backend() == "jax"

    def with_options(self, *, refine: Sequence[Refinement] | None = None, **options) -> "Colorizer":
        """The same colorizer with what is chosen at prediction time; the network is shared.

        What is left out, or None, stays as it is.

        Args:
            refine: applied in order, at full size.
            **options: of the head: `vividness`, and for classification `decode`, `temperature`, `seed`.

        Raises:
            InputError: the head has no use for an option.
        """
        other = copy.copy(self)
        other.head = self.head.at_prediction(**options)
        other.refine = self.refine if refine is None else tuple(refine)
        return other

    def colorize(self, photograph: np.ndarray | str | os.PathLike, **options) -> np.ndarray:
        """Colorizes one photograph at its own full size, keeping its lightness.

        Args:
            photograph: `(H, W, 3)` or `(H, W)`, `uint8`, `uint16` or float in [0, 1], or the path of an image file.
                Colors in it are ignored.
            **options: as for `with_options`, such as `vividness=1.3`.

        Returns:
            `(H, W, 3)` `uint8` sRGB.

        Raises:
            InputError: the file cannot be read, or an option does not fit.
            ValueError: the array is no photograph.
        """
        if options:
            return self.with_options(**options).colorize(photograph)
        if isinstance(photograph, str | os.PathLike):
            photograph = images.read(photograph).rgb
        elif photograph.ndim == 2:
            photograph = np.stack([photograph] * 3, axis=-1)
        if np.issubdtype(photograph.dtype, np.floating) and not 0 <= photograph.min() <= photograph.max() <= 1:
            raise ValueError(f"expected floats in [0, 1]. Received: {photograph.min()} to {photograph.max()}")
        lightness = color.rgb_to_lightness(photograph)
        [(ab, confidence)] = self.predict(self.prepare(lightness)[None])
        return finish(lightness, ab, confidence, self.refine)

    def output_size(self) -> tuple[int, int]:
        """(height, width) of the network's output."""
        return tuple(self.network.compute_output_shape((1, *self.size, self.network.input.shape[-1]))[1:3])

    def prepare(self, lightness: np.ndarray, truth: np.ndarray | None = None, source: Path | None = None) -> np.ndarray:
        """Lightness `(H, W, 1)` at full size -> the network's input `(*size, C)`.

        The true picture and the file it comes from are for baselines only.
        """
        return self.preprocess(np.clip(images.resize(lightness, self.size), 0, 100))

    def predict_ab(self, inputs: np.ndarray, *, batch_size: int | None = None) -> np.ndarray:
        """Predicts chroma alone, `(B, h', w', 2)`; otherwise as `predict`."""
        return np.stack([ab for ab, _ in self.predict(inputs, batch_size=batch_size)])

    def predict(
        self, inputs: np.ndarray, *, batch_size: int | None = None
    ) -> list[tuple[np.ndarray, np.ndarray | None]]:
        """Predicts chroma and, with a classification head, how sure it is.

        Args:
            inputs: `(B, h, w, C)`, as `prepare` gives them.
            batch_size: pad every batch to this many photographs, so that a photograph's result does not depend, to
                the last bit, on how many others it came with. None: all at once.

        Returns:
            For each input ab `(h', w', 2)` float32 in Lab units, and the confidence `(h', w', 1)` or None.
        """
        count = len(inputs)
        batch_size = batch_size or count
        padded = np.pad(inputs, [(0, -count % batch_size), (0, 0), (0, 0), (0, 0)])
        results = []
        for start in range(0, len(padded), batch_size):
            output = np.asarray(self.network.predict_on_batch(padded[start : start + batch_size]))
            results += zip(self.head.decode(output), self.head.confidence(output), strict=True)
        return results[:count]

    def description(self) -> dict:
        """What `models.build` builds the same colorizer from, without its weights, as JSON takes it."""
        return {**self.config, "head": self.head.config(), "size": list(self.size)}

    def save(self, folder: str | os.PathLike, *, dtype: str = "float16", card: str = "", **facts) -> None:
        """Saves to `folder`, replacing a colorizer there only when the new one is complete.

        Args:
            folder: gets `colorizer.json`, `network.weights.h5` and `README.md`.
            dtype: of the stored weights, "float16" or "float32".
            card: text of the model card; an existing card stays if this is empty.
            **facts: further entries of `colorizer.json`, such as `training` and `metrics`.

        Raises:
            InputError: the folder cannot be written to.
        """
        folder = Path(folder)
        card = card or saving.read_card(folder) or f"# {self.config['model']}\n"
        files.require_space(folder, 8 * self.network.count_params())  # float32, and again as `dtype`
        with files.replacing_folder(folder, marker=saving.CONFIG_FILE) as new:
            wide, path = new / f"wide-{saving.WEIGHTS_FILE}", new / saving.WEIGHTS_FILE
            self.network.save_weights(wide)
            saving.narrow(wide, path, dtype)
            files.remove(wide)
            weights = {"dtype": dtype, "sha256": files.sha256(path)}
            config = {**self.description(), "weights": weights, **facts}
            files.write_text(new / saving.CONFIG_FILE, json.dumps(config, indent=2) + "\n")
            files.write_text(new / saving.CARD_FILE, card)
