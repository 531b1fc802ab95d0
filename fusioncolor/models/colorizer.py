"""A network with its head: lightness in, chroma out."""

import copy
import dataclasses
import json
import os
import threading
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image

from fusioncolor import color, files, images
from fusioncolor.compose import Refinement, finish
from fusioncolor.config.colorizing import ColorizeOptions
from fusioncolor.errors import InputError
from fusioncolor.hints import Given, parse_hints
from fusioncolor.hints import apply as apply_hints
from fusioncolor.models import saving
from fusioncolor.models.description import Description, Weights
from fusioncolor.models.engines import Engine
from fusioncolor.models.families import MODELS, Preprocessing, same
from fusioncolor.models.heads import Decoding, Head
from fusioncolor.models.predictor import Chroma, Source
from fusioncolor.registries import REFINEMENTS

if TYPE_CHECKING:
    import keras


class Colorizer:
    """A network and the head that decodes its output; a `Predictor`.

    Attributes:
        network: Keras model, or an exported network in its runtime, from inputs `(B, h, w, C)` to
            `(B, h', w', head.channels)`.
        head: decodes the network's output to ab.
        size: (height, width) at which the network sees a photograph.
        origin: description it was built or loaded from; `description()` adds the present head and size.
        preprocess: function from lightness `(h, w, 1)` in 0..100 to the network's input `(h, w, C)`.
        refine: refinements that `colorize` applies, in order, at the photograph's size.
    """

    needs_truth = False

    def __init__(
        self, network: "keras.Model | Engine", head: Head, description: Description, preprocess: Preprocessing = same
    ) -> None:
        self.network = network
        self.head = head
        self.size = description.size
        self.origin = description
        self.preprocess = preprocess
        self.refine: tuple[Refinement, ...] = ()
        self._turn = threading.Lock()  # threads take turns at the network, which copies with other options share

    @property
    def gives_confidence(self) -> bool:
        """True if the head gives a confidence."""
        return self.head.gives_confidence

    @property
    def has_extractor(self) -> bool:
        """True if the network contains InceptionV3."""
        return MODELS.find(self.origin.model).extractor and bool(self.origin.options.get("inception", True))

    @property
    def prior(self) -> tuple[float, ...] | None:
        """Probability of each color bin in the training set, `(313,)`; None if the head does not need it."""
        return self.head.prior

    def with_options(
        self,
        *,
        vividness: float | None = None,
        decode: str | None = None,
        temperature: float | None = None,
        seed: int | None = None,
        refine: Sequence[str | Refinement] | None = None,
    ) -> "Colorizer":
        """Returns a copy with other prediction options, which shares the network. None leaves an option unchanged.

        Args:
            vividness: colorfulness, from 0; above 1 is more colorful.
            decode: method by which a classification head picks one color: a name in `DECODERS`.
            temperature: temperature of the annealed mean.
            seed: random seed of `decode="sample"`.
            refine: refinements, by name or as functions, applied in order at full size.

        Raises:
            InputError: an option does not apply to the head.
        """
        given = {"vividness": vividness, "decode": decode, "temperature": temperature, "seed": seed}
        ColorizeOptions(**{name: value for name, value in given.items() if value is not None})  # checks their ranges
        other = copy.copy(self)
        other.head = self.head.at_prediction(Decoding(vividness, decode, temperature, seed))
        if refine is not None:
            other.refine = tuple(REFINEMENTS.find(one) if isinstance(one, str) else one for one in refine)
        return other

    def colorize(
        self,
        photograph: np.ndarray | Image.Image | str | os.PathLike,
        *,
        vividness: float | None = None,
        decode: str | None = None,
        temperature: float | None = None,
        seed: int | None = None,
        refine: Sequence[str | Refinement] | None = None,
        hints: Given | Sequence[Given] = (),
        max_megapixels: float = images.MAX_PIXELS / 1e6,
    ) -> np.ndarray:
        """Colorizes one photograph at its own full size, keeping its lightness.

        Args:
            photograph: the path of an image file; a Pillow image, which stays turned as it is; or an array `(H, W)`,
                `(H, W, 1)`, `(H, W, 3)` or `(H, W, 4)`, `uint8`, `uint16` or float in [0, 1]. Colors and transparency
                in it are ignored.
            vividness: see `with_options`.
            decode: see `with_options`.
            temperature: see `with_options`.
            seed: see `with_options`.
            refine: see `with_options`.
            hints: colors at pixels of the photograph, each a `Hint` or text such as "120,80,terracotta", blended in
                after all refinements.
            max_megapixels: larger files are rejected, which protects against decompression bombs.

        Returns:
            `(H, W, 3)` `uint8` sRGB.

        Raises:
            InputError: the file cannot be read, an option does not apply, or a hint lies outside the photograph.
            TypeError: the photograph or a hint is of none of these types.
            ValueError: the array is not a photograph.
        """
        given = parse_hints(hints)
        chosen = self.with_options(
            vividness=vividness, decode=decode, temperature=temperature, seed=seed, refine=refine
        )
        lightness = color.rgb_to_lightness(images.as_rgb(photograph, max_pixels=round(max_megapixels * 1e6)))
        [chroma] = chosen.predict(chosen.prepare(Source(lightness))[None])
        by_hand = (partial(apply_hints, hints=given),) if given else ()
        return finish(lightness, chroma.ab, chroma.confidence, (*chosen.refine, *by_hand))

    def output_size(self) -> tuple[int, int]:
        """Returns (height, width) of the network's output."""
        return tuple(self.network.compute_output_shape((1, *self.size, self.network.input.shape[-1]))[1:3])

    def prepare(self, source: Source) -> np.ndarray:
        """Returns the network's input `(*size, C)` for the lightness of a photograph."""
        return self.preprocess(np.clip(images.resize(source.lightness, self.size), 0, 100))

    def predict_ab(self, inputs: np.ndarray, *, batch_size: int | None = None) -> np.ndarray:
        """Predicts chroma without confidence, `(B, h', w', 2)`; see `predict`."""
        return np.stack([chroma.ab for chroma in self.predict(inputs, batch_size=batch_size)])

    def predict(self, inputs: np.ndarray, *, batch_size: int | None = None) -> list[Chroma]:
        """Predicts chroma and, with a classification head, its confidence.

        Args:
            inputs: `(B, h, w, C)`, as `prepare` returns them.
            batch_size: number of photographs to which every batch is padded, so that the result of a photograph does
                not depend, to the last bit, on the rest of its batch; None for one batch of all. An exported network
                sees one photograph at a time instead.

        Returns:
            Chroma for each input, at the size of the network's output.
        """
        count = len(inputs)
        batch_size = 1 if isinstance(self.network, Engine) else batch_size or count
        padded = np.pad(inputs, [(0, -count % batch_size), (0, 0), (0, 0), (0, 0)])
        gain = self.network.chroma_gain if isinstance(self.network, Engine) else 1.0
        results: list[Chroma] = []
        for start in range(0, len(padded), batch_size):
            with self._turn:
                output = np.asarray(self.network.predict_on_batch(padded[start : start + batch_size]))
            output = output[:batch_size]  # on several devices, TensorFlow predicts as often as there are devices
            ab = gain * self.head.decode(output)
            parts = zip(ab, self.head.confidence(output), self.head.doubt(output), strict=True)
            results += [Chroma(*each) for each in parts]
        return results[:count]

    def summary(self) -> str:
        """Returns one line: model, head, size, decoding, and the SHA-256 of the weights."""
        size = "x".join(map(str, self.size))
        digest = self.origin.weights.sha256 if self.origin.weights else "none"
        return (
            f"{self.origin.model}, {self.head.name}, sees {size}, {self.head.decoding_summary()}, "
            f"weights' SHA-256 {digest}"
        )

    def description(self) -> Description:
        """Returns everything that `build` needs to build the same colorizer, without the weights."""
        return dataclasses.replace(self.origin, head=self.head.config(), size=tuple(self.size))

    def save(
        self,
        folder: str | os.PathLike,
        *,
        dtype: str = "float16",
        share_extractor: bool = False,
        card: str = "",
        training: Mapping[str, object] | None = None,
        photographs: Mapping[str, int] | None = None,
        metrics: Mapping[str, float] | None = None,
    ) -> None:
        """Saves to a folder; replaces a colorizer there only once the new one is complete.

        Args:
            folder: receives `colorizer.json`, `network.weights.h5` and `README.md`.
            dtype: dtype of the stored weights, "float16" or "float32".
            share_extractor: store the weights of InceptionV3 in a file beside the folder, named after their digest, for
                all colorizers there that have the same.
            card: text of the model card; if empty, an existing card is kept.
            training: options of the training; None keeps those in the description.
            photographs: number of photographs by part; None keeps those in the description.
            metrics: metrics of the saved epoch; None keeps those in the description.

        Raises:
            InputError: the folder cannot be written to, or the network is not Keras's.
            ResourceError: the disk is full.
        """
        if isinstance(self.network, Engine):
            raise InputError('only a Keras network can be saved: load the colorizer with `runtime="keras"`')
        from fusioncolor.models.networks import inception

        folder = Path(folder)
        card = card or saving.read_card(folder) or f"# {self.origin.model}\n"
        files.require_space(folder, 8 * self.network.count_params())  # float32, and again as `dtype`
        origin = self.origin
        with files.replacing_folder(folder, marker=saving.CONFIG_FILE) as new:
            path = new / saving.WEIGHTS_FILE
            extractor = None
            if share_extractor:
                extractor = self._share_extractor(folder.parent, dtype)
                _write_weights(inception.without_extractor(self.network), path, dtype)
            else:
                _write_weights(self.network, path, dtype)
            description = dataclasses.replace(
                self.description(),
                weights=Weights(dtype, files.sha256(path), extractor),
                networks={},
                training=origin.training if training is None else training,
                photographs=origin.photographs if photographs is None else photographs,
                metrics=origin.metrics if metrics is None else metrics,
            )
            files.write_text(new / saving.CONFIG_FILE, json.dumps(description.as_json(), indent=2) + "\n")
            files.write_text(new / saving.CARD_FILE, card)

    def _share_extractor(self, parent: Path, dtype: str) -> str:
        """Writes the weights of InceptionV3 to the folder of its colorizers; returns the file's digest."""
        from fusioncolor.models.networks import inception

        with files.working_folder(parent) as new:
            path = new / saving.WEIGHTS_FILE
            _write_weights(self.network.get_layer(inception.NAME).get_layer("inception_v3"), path, dtype, names=False)
            digest = files.sha256(path)
            files.move(path, saving.shared_extractor(parent, digest))
        return digest


def _write_weights(network: "keras.Model", path: Path, dtype: str, *, names: bool = True) -> None:
    wide = path.with_name(f"wide-{path.name}")
    network.save_weights(wide)
    saving.narrow(wide, path, dtype, names=names)
    files.remove(wide)
