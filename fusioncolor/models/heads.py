"""What a network's output means: its channels, training target, loss, and the way back to ab."""

import dataclasses
from dataclasses import dataclass

import keras
import numpy as np

from fusioncolor.bins import BINS, rebalancing_weights, soft_encode
from fusioncolor.color import AB_SCALE
from fusioncolor.errors import InputError
from fusioncolor.models import decoding, losses


@dataclass(frozen=True)
class RegressionHead:
    """Two channels: ab divided by `AB_SCALE`, as tanh gives it, or moved to (0, 1), as a sigmoid does.

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

    def encode(self, ab: np.ndarray) -> np.ndarray:
        """Lab ab `(..., 2)` -> training target `(..., 2)` in the activation's range."""
        scaled = ab / np.float32(AB_SCALE)
        return (scaled + 1) / 2 if self.activation == "sigmoid" else scaled

    def decode(self, output: np.ndarray) -> np.ndarray:
        """Network output `(B, h, w, 2)` -> ab `(B, h, w, 2)` in Lab units."""
        scaled = output * 2 - 1 if self.activation == "sigmoid" else output
        return scaled * np.float32(AB_SCALE * self.vividness)

    def confidence(self, output: np.ndarray) -> list[None]:
        """None for each photograph: a regression does not say how sure it is."""
        return [None] * len(output)

    def loss(self) -> keras.losses.Loss:
        """The loss to train with."""
        return losses.EuclideanLoss() if self.loss_name == "euclidean" else keras.losses.MeanSquaredError()

    def at_prediction(
        self,
        *,
        vividness: float | None = None,
        decode: str | None = None,
        temperature: float | None = None,
        seed: int | None = None,
    ) -> "RegressionHead":
        """This head with what is chosen at prediction time; None leaves it as it is.

        Raises:
            InputError: a decoder or its temperature was given, but there is no distribution to decode.
        """
        if decode is not None or temperature is not None:
            raise InputError("--decode and --temperature need a classification model; this one predicts ab directly")
        return self if vividness is None else dataclasses.replace(self, vividness=vividness)

    def config(self) -> dict:
        """What `make_head` needs to build this head again."""
        return {"name": self.name, "activation": self.activation, "loss_name": self.loss_name}


@dataclass(frozen=True)
class ClassificationHead:
    """313 channels: logits of a distribution over the bins of the ab plane.

    Attributes:
        prior: probability of each bin in the training set, `(313,)`; None before it was counted.
        rebalancing: weight the loss by 1 / ((1 - 0.5) prior + 0.5 / 313).
        decoder: a key of `DECODERS`.
        temperature: of the annealed mean.
        seed: of the sample.
        vividness: divides the temperature.

    Reference: Zhang, Isola, Efros, "Colorful Image Colorization", 2016.
    """

    prior: tuple[float, ...] | None = None
    rebalancing: bool = True
    decoder: str = "annealed_mean"
    temperature: float = decoding.TEMPERATURE
    seed: int = 0
    vividness: float = 1.0

    name = "classification"
    channels = len(BINS)
    activation = None

    def encode(self, ab: np.ndarray) -> np.ndarray:
        """Lab ab `(..., 2)` -> target `(..., 10)` float32: the five nearest bins' indices, then their weights."""
        bins, weights = soft_encode(ab)
        return np.concatenate([bins.astype(np.float32), weights], axis=-1)

    def decode(self, output: np.ndarray) -> np.ndarray:
        """Logits `(B, h, w, 313)` -> ab `(B, h, w, 2)` in Lab units."""
        if not self.vividness:
            return np.zeros((*output.shape[:-1], 2), np.float32)
        if self.decoder == "annealed_mean":
            return decoding.annealed_mean(output, self.temperature / self.vividness)
        if self.decoder == "sample":
            return decoding.sample(output, self.seed)
        return decoding.mode(output) if self.decoder == "mode" else decoding.mean(output)

    def confidence(self, output: np.ndarray) -> np.ndarray:
        """Logits `(B, h, w, 313)` -> probability of the strongest bin, `(B, h, w, 1)`."""
        return decoding.probabilities(output).max(axis=-1, keepdims=True)

    def loss(self) -> keras.losses.Loss:
        """The loss to train with.

        Raises:
            ValueError: rebalancing is wanted and the prior was not counted.
        """
        if not self.rebalancing:
            return losses.SoftCrossEntropy()
        if self.prior is None:
            raise ValueError("rebalancing needs the prior of the training set. Received: None")
        return losses.SoftCrossEntropy(rebalancing_weights(np.array(self.prior)))

    def at_prediction(
        self,
        *,
        vividness: float | None = None,
        decode: str | None = None,
        temperature: float | None = None,
        seed: int | None = None,
    ) -> "ClassificationHead":
        """This head with what is chosen at prediction time; None leaves it as it is.

        Raises:
            InputError: the vividness has nothing to act on.
        """
        chosen = {"vividness": vividness, "decoder": decode, "temperature": temperature, "seed": seed}
        head = dataclasses.replace(self, **{name: value for name, value in chosen.items() if value is not None})
        if head.vividness not in (0.0, 1.0) and head.decoder != "annealed_mean":
            raise InputError(
                f"--vividness acts on the annealed mean's temperature: leave it out with --decode {head.decoder}"
            )
        return head

    def config(self) -> dict:
        """What `make_head` needs to build this head again."""
        prior = None if self.prior is None else list(self.prior)
        return {"name": self.name, "prior": prior, "rebalancing": self.rebalancing, "temperature": self.temperature}


Head = RegressionHead | ClassificationHead
HEADS = {head.name: head for head in (RegressionHead, ClassificationHead)}


def make_head(config: dict) -> Head:
    """Builds a head from its `config()`.

    Raises:
        InputError: no head of that name, or with other entries than a head has.
    """
    options = dict(config)
    name = options.pop("name", None)
    if name not in HEADS:
        raise InputError(f"no head {name!r}; there are: {', '.join(HEADS)}")
    if options.get("prior") is not None:
        options["prior"] = tuple(float(share) for share in options["prior"])
        if len(options["prior"]) != ClassificationHead.channels:
            raise InputError(f"a prior has {ClassificationHead.channels} entries. Received: {len(options['prior'])}")
        if not all(0 <= share <= 1 for share in options["prior"]):
            raise InputError("a prior is made of probabilities, from 0 to 1")
    unknown = set(options) - set(HEADS[name]().config())
    if unknown:
        raise InputError(f"head {name!r} has no option {sorted(unknown)[0]!r}")
    for option, known in (("activation", ("tanh", "sigmoid")), ("loss_name", ("mse", "euclidean"))):
        if options.get(option, known[0]) not in known:
            raise InputError(f"{option} is one of {', '.join(known)}. Received: {options[option]!r:.50}")
    if not 0.001 <= options.get("temperature", 1) <= 100:
        raise InputError(f"a temperature is from 0.001 to 100. Received: {options['temperature']}")
    try:
        return HEADS[name](**options)
    except TypeError as error:
        raise InputError(f"head {name!r} cannot be built: {error}") from error
