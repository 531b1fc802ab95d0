"""Heads define a network's output: its channels, training target, loss, and decoding to ab."""

import dataclasses
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple, Protocol

import numpy as np

from fusioncolor import bins
from fusioncolor.color import AB_SCALE
from fusioncolor.errors import InputError
from fusioncolor.models.decoding import DECODERS, TEMPERATURE, probabilities
from fusioncolor.registries import HEADS

if TYPE_CHECKING:
    import keras


class Decoding(NamedTuple):
    """Options chosen at prediction time; None leaves the head's value unchanged.

    Attributes:
        vividness: colorfulness, from 0 (gray); above 1 is more colorful.
        decode: a name in `DECODERS`.
        temperature: temperature of the annealed mean, 0.001 to 100.
        seed: random seed of the sample.
    """

    vividness: float | None = None
    decode: str | None = None
    temperature: float | None = None
    seed: int | None = None


class Head(Protocol):
    """Interface of heads.

    Attributes:
        name: name in `HEADS`.
        channels: number of channels of the network's output.
        activation: activation of the network's output.
        gives_confidence: whether `confidence` returns arrays.
        prior: probability of each color bin in the training set, `(313,)`; None if it is unknown or not needed.
        counts_prior: whether training has to count the prior first.
        vividness: colorfulness, chosen at prediction time.
    """

    name: str
    channels: int
    activation: str | None
    gives_confidence: bool
    prior: tuple[float, ...] | None
    counts_prior: bool
    vividness: float

    def encode(self, ab: np.ndarray) -> np.ndarray:
        """Encodes ab `(..., 2)` in Lab units as training target `(..., C)`."""

    def decode(self, output: np.ndarray) -> np.ndarray:
        """Decodes network output `(B, h, w, channels)` to ab `(B, h, w, 2)` float32 in Lab units."""

    def confidence(self, output: np.ndarray) -> "np.ndarray | list[None]":
        """Returns the confidence of network output, `(B, h, w, 1)` in [0, 1], or a None for each photograph."""

    def doubt(self, output: np.ndarray) -> "list[float] | list[None]":
        """Returns the error that each photograph's output makes expect, in Lab units, or None where it tells none."""

    def loss(self) -> "keras.losses.Loss":
        """Returns the training loss."""

    def with_prior(self, prior: tuple[float, ...], rebalancing: bool | None = None) -> "Head":
        """Returns this head with a prior `(313,)`, if `counts_prior`; None leaves rebalancing as it is."""

    def at_prediction(self, decoding: Decoding) -> "Head":
        """Returns a copy with options chosen at prediction time."""

    def decoding_summary(self) -> str:
        """Returns a description of the decoding, for people."""

    def config(self) -> dict:
        """Returns the entries from which `make_head` builds the same head."""


@dataclass(frozen=True)
class RegressionHead:
    """Two channels: ab divided by `AB_SCALE`, in (-1, 1) for tanh, or shifted to (0, 1) for a sigmoid.

    Attributes:
        activation: "tanh" or "sigmoid".
        loss_name: "mse", C = 1/(2HW) sum (predicted - true)^2 of the scaled ab, or "euclidean", C = 1/2 sum.
        vividness: factor on the predicted chroma.

    Reference: Baldassarre, Moron, Rodes-Guirao, "Deep Koalarization", 2017.
    """

    activation: str = "tanh"
    loss_name: str = "mse"
    vividness: float = 1.0

    name = "regression"
    channels = 2
    gives_confidence = False
    prior = None
    counts_prior = False

    def __post_init__(self) -> None:
        """Checks the options.

        Raises:
            InputError: an option has an unknown value.
        """
        for option, known in (("activation", ("tanh", "sigmoid")), ("loss_name", ("mse", "euclidean"))):
            if getattr(self, option) not in known:
                raise InputError(f"{option} must be one of {', '.join(known)}. Received: {getattr(self, option)!r:.50}")

    def encode(self, ab: np.ndarray) -> np.ndarray:
        """Encodes ab `(..., 2)` in Lab units as training target `(..., 2)` in the activation's range."""
        scaled = ab / np.float32(AB_SCALE)
        return (scaled + 1) / 2 if self.activation == "sigmoid" else scaled

    def decode(self, output: np.ndarray) -> np.ndarray:
        """Decodes network output `(B, h, w, 2)` to ab `(B, h, w, 2)` in Lab units."""
        scaled = output * 2 - 1 if self.activation == "sigmoid" else output
        return scaled * np.float32(AB_SCALE * self.vividness)

    def decode_tensor(self, output):
        """As `decode`, in Keras operations, so that an exported network gives ab by itself."""
        scaled = output * 2 - 1 if self.activation == "sigmoid" else output
        return scaled * (AB_SCALE * self.vividness)

    def confidence(self, output: np.ndarray) -> list[None]:
        """Returns None for each photograph: a regression has no confidence."""
        return [None] * len(output)

    def doubt(self, output: np.ndarray) -> list[None]:
        """Returns None for each photograph: a regression does not tell how far it may be off."""
        return [None] * len(output)

    def loss(self) -> "keras.losses.Loss":
        """Returns the training loss."""
        import keras

        from fusioncolor.models import losses

        return losses.EuclideanLoss() if self.loss_name == "euclidean" else keras.losses.MeanSquaredError()

    def at_prediction(self, decoding: Decoding) -> "RegressionHead":
        """Returns a copy with the vividness chosen at prediction time.

        Raises:
            InputError: a decoder or its temperature is given, but there is no distribution to decode.
        """
        if decoding.decode is not None or decoding.temperature is not None:
            raise InputError(
                "`decode` and `temperature` need a classification model, and this one predicts ab directly: leave them "
                "out"
            )
        return self if decoding.vividness is None else dataclasses.replace(self, vividness=decoding.vividness)

    def decoding_summary(self) -> str:
        """Returns a description of the decoding, for people."""
        return f"vividness {self.vividness:g}"

    def config(self) -> dict:
        """Returns the entries from which `make_head` builds the same head."""
        return {"name": self.name, "activation": self.activation, "loss_name": self.loss_name}


@dataclass(frozen=True)
class ClassificationHead:
    """313 channels: logits of a distribution over the bins of the ab plane.

    Attributes:
        prior: probability of each bin in the training set, `(313,)`; None until it is counted.
        rebalancing: whether to weight the loss by 1 / ((1 - 0.5) prior + 0.5 / 313).
        error_weight: weight of each photograph's error in the loss, per decibel; see `losses.SoftCrossEntropy`.
        decoder: a name in `DECODERS`.
        temperature: temperature of the annealed mean, 0.001 to 100.
        seed: random seed of the sample.
        vividness: colorfulness; divides the temperature of the annealed mean, and is a factor on the chroma of other
            decoders.

    Reference: Zhang, Isola, Efros, "Colorful Image Colorization", 2016.
    """

    prior: tuple[float, ...] | None = None
    rebalancing: bool = True
    error_weight: float = 0.0
    decoder: str = "annealed_mean"
    temperature: float = TEMPERATURE
    seed: int = 0
    vividness: float = 1.0

    name = "classification"
    channels = len(bins.BINS)
    activation = None
    gives_confidence = True
    counts_prior = True

    def __post_init__(self) -> None:
        """Checks the options.

        Raises:
            InputError: an option is out of range.
        """
        if not 0 <= self.error_weight <= 100:
            raise InputError(f"`error_weight` must be from 0 to 100. Received: {self.error_weight}")
        if self.decoder not in DECODERS:
            raise InputError(f"`decode` must be one of {', '.join(DECODERS)}. Received: {self.decoder!r}")
        if not 0.001 <= self.temperature <= 100:
            raise InputError(f"`temperature` must be from 0.001 to 100. Received: {self.temperature}")
        if self.prior is not None and len(self.prior) != self.channels:
            raise InputError(f"a prior has {self.channels} entries. Received: {len(self.prior)}")
        if self.prior is not None and not all(0 <= share <= 1 for share in self.prior):
            raise InputError("a prior must consist of probabilities from 0 to 1")

    def encode(self, ab: np.ndarray) -> np.ndarray:
        """Encodes ab `(..., 2)` as target `(..., 10)` float32: indices of the five nearest bins, then their weights."""
        nearest, weights = bins.soft_encode(ab)
        return np.concatenate([nearest.astype(np.float32), weights], axis=-1)

    def decode(self, output: np.ndarray) -> np.ndarray:
        """Decodes logits `(B, h, w, 313)` to ab `(B, h, w, 2)` in Lab units."""
        if not self.vividness:
            return np.zeros((*output.shape[:-1], 2), np.float32)
        if self.decoder == "annealed_mean":
            return DECODERS[self.decoder](output, temperature=self.temperature / self.vividness, seed=self.seed)
        ab = DECODERS[self.decoder](output, temperature=self.temperature, seed=self.seed)
        return ab * np.float32(self.vividness)

    def decode_tensor(self, output):
        """As `decode`, in Keras operations, so that an exported network gives ab by itself.

        Raises:
            InputError: the decoder is "sample", which draws random numbers.
        """
        if self.decoder == "sample":
            raise InputError("`decode` sample cannot be part of an exported network: choose another")
        import keras

        if not self.vividness:
            return output[..., :2] * 0
        if self.decoder == "annealed_mean":
            shares = keras.ops.softmax(output * (self.vividness / self.temperature))
            return _mean_color(shares)
        if self.decoder == "mode":
            shares = keras.ops.one_hot(keras.ops.argmax(output, axis=-1), self.channels, dtype="float32")
        else:
            shares = keras.ops.softmax(output)
        return _mean_color(shares) * self.vividness

    def confidence(self, output: np.ndarray) -> np.ndarray:
        """Returns the probability of the most probable bin, `(B, h, w, 1)`, from logits `(B, h, w, 313)`."""
        return probabilities(output).max(axis=-1, keepdims=True)

    def doubt(self, output: np.ndarray) -> list[float]:
        """Returns the standard deviation of ab, in Lab units, of the distribution of each photograph's pixels.

        That is the root mean square error of its mean, if the probabilities of logits `(B, h, w, 313)` are right.
        """
        shares = probabilities(output)
        variance = shares @ (bins.BINS**2).sum(axis=-1) - ((shares @ bins.BINS) ** 2).sum(axis=-1)
        return np.sqrt(np.maximum(variance, 0).mean(axis=(1, 2))).tolist()

    def loss(self) -> "keras.losses.Loss":
        """Returns the training loss.

        Raises:
            ValueError: rebalancing is on, but the prior is not known yet.
        """
        from fusioncolor.models import losses

        if not self.rebalancing:
            return losses.SoftCrossEntropy(error_weight=self.error_weight)
        if self.prior is None:
            raise ValueError("rebalancing needs the prior of the training set. Received: None")
        return losses.SoftCrossEntropy(bins.rebalancing_weights(np.array(self.prior)), self.error_weight)

    def with_prior(self, prior: tuple[float, ...], rebalancing: bool | None = None) -> "ClassificationHead":
        """Returns this head with the prior of a training set `(313,)`; None leaves rebalancing as it is."""
        rebalancing = self.rebalancing if rebalancing is None else rebalancing
        return dataclasses.replace(self, prior=prior, rebalancing=rebalancing)

    def at_prediction(self, decoding: Decoding) -> "ClassificationHead":
        """Returns a copy with options chosen at prediction time.

        Raises:
            InputError: the decoder is unknown.
        """
        return dataclasses.replace(
            self,
            vividness=self.vividness if decoding.vividness is None else decoding.vividness,
            decoder=self.decoder if decoding.decode is None else decoding.decode,
            temperature=self.temperature if decoding.temperature is None else decoding.temperature,
            seed=self.seed if decoding.seed is None else decoding.seed,
        )

    def decoding_summary(self) -> str:
        """Returns a description of the decoding, for people."""
        temperature = f" at T = {self.temperature:g}" if self.decoder == "annealed_mean" else ""
        return f"decoded by {self.decoder}{temperature}, vividness {self.vividness:g}"

    def config(self) -> dict:
        """Returns the entries from which `make_head` builds the same head."""
        prior = None if self.prior is None else list(self.prior)
        return {
            "name": self.name,
            "prior": prior,
            "rebalancing": self.rebalancing,
            "error_weight": self.error_weight,
            "temperature": self.temperature,
            "decoder": self.decoder,
        }


def _mean_color(shares):
    """Returns ab `(..., 2)` of shares of the bins `(..., 313)`, by a layer: converters lose other constants."""
    import keras

    layer = keras.layers.Dense(2, use_bias=False, trainable=False, dtype="float32", name="colors_of_bins")
    layer.build(shares.shape)
    layer.set_weights([bins.BINS])
    return layer(shares)


def make_head(config: dict) -> Head:
    """Builds a head from its `config()`.

    Raises:
        InputError: there is no head of that name, or an entry is unknown or out of range.
    """
    options = dict(config)
    kind = HEADS.find(str(options.pop("name", None)))
    unknown = set(options) - set(kind().config())
    if unknown:
        raise InputError(f"head {kind.name!r} has no option {sorted(unknown)[0]!r}")
    try:
        if options.get("prior") is not None:
            options["prior"] = tuple(float(share) for share in options["prior"])
        return kind(**options)
    except TypeError as error:
        raise InputError(f"head {kind.name!r} cannot be built: {error}") from error
