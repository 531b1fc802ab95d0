"""The one interface: a colorizer takes lightness and gives ab, whatever network and head are inside."""

import json
import os
from pathlib import Path

import keras
import numpy as np

from fusioncolor import color, images, storage
from fusioncolor.heads import RegressionHead


class Colorizer:
    """A network and what its output means.

    Attributes:
        network: Keras model from lightness `(B, h, w, 1)` in 0..100 to `(B, h, w, head.channels)`.
        head: decodes the network's output to ab.
        size: (height, width) at which the network sees a photograph.
        config: everything needed to build the network again, as saved in `colorizer.json`.
    """

    def __init__(self, network: keras.Model, head: RegressionHead, size: tuple[int, int], config: dict) -> None:
        self.network = network
        self.head = head
        self.size = tuple(size)
        self.config = config
        # XLA compiles convolutions slower than oneDNN runs them on CPU: 94 against 80 pictures a second at 128x128.
        self.network.jit_compile = keras.backend.backend() == "jax"

    def colorize(self, photograph: np.ndarray | str | os.PathLike, *, vividness: float = 1.0) -> np.ndarray:
        """Colorizes one photograph at its own full size, keeping its lightness.

        Args:
            photograph: `(H, W, 3)` or `(H, W)`, `uint8` or `uint16`, or the path of an image file. Colors in it are
                ignored.
            vividness: factor on the predicted chroma.

        Returns:
            `(H, W, 3)` `uint8` sRGB.

        Raises:
            InputError: the file cannot be read.
        """
        if isinstance(photograph, str | os.PathLike):
            photograph = images.read(photograph).rgb
        elif photograph.ndim == 2:
            photograph = np.stack([photograph] * 3, axis=-1)
        lightness = color.rgb_to_lightness(photograph)
        ab = self.predict_ab(self.prepare(lightness)[None])[0]
        return finish(lightness, ab, vividness=vividness)

    def prepare(self, lightness: np.ndarray) -> np.ndarray:
        """Lightness `(H, W, 1)` at full size -> `(*size, 1)` as the network takes it."""
        return np.clip(images.resize(lightness, self.size), 0, 100)

    def predict_ab(self, lightness: np.ndarray, *, batch_size: int | None = None) -> np.ndarray:
        """Predicts chroma.

        Args:
            lightness: `(B, h, w, 1)` in 0..100, as `prepare` gives it.
            batch_size: pad every batch to this many photographs, so that a photograph's result does not depend, to
                the last bit, on how many others it came with. None: all at once.

        Returns:
            `(B, h, w, 2)` float32 in Lab units.
        """
        count = len(lightness)
        batch_size = batch_size or count
        padded = np.pad(lightness, [(0, -count % batch_size), (0, 0), (0, 0), (0, 0)])
        batches = [
            self.head.decode(np.asarray(self.network.predict_on_batch(padded[start : start + batch_size])))
            for start in range(0, len(padded), batch_size)
        ]
        return np.concatenate(batches)[:count]

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
        card = card or storage.read_card(folder) or f"# {self.config['model']}\n"
        with storage.replacing_folder(folder) as new:
            wide, path = new / f"wide-{storage.WEIGHTS_FILE}", new / storage.WEIGHTS_FILE
            self.network.save_weights(wide)
            storage.narrow(wide, path, dtype)
            wide.unlink()
            weights = {"dtype": dtype, "sha256": storage.sha256(path)}
            config = {**self.config, "size": list(self.size), "weights": weights, **facts}
            storage.write_text(new / storage.CONFIG_FILE, json.dumps(config, indent=2) + "\n")
            storage.write_text(new / storage.CARD_FILE, card)


def finish(lightness: np.ndarray, ab: np.ndarray, *, vividness: float = 1.0) -> np.ndarray:
    """Predicted chroma and the photograph's own lightness -> picture.

    Args:
        lightness: `(H, W, 1)`, 0..100, at full size.
        ab: `(h, w, 2)` Lab units, at the network's size; brought to (H, W) by cubic interpolation.
        vividness: factor on the chroma.

    Returns:
        `(H, W, 3)` `uint8` sRGB; colors outside sRGB lose chroma, never lightness.
    """
    full = images.resize(ab * np.float32(vividness), lightness.shape[:2])
    return color.join_in_gamut(lightness, full)
