"""The networks behind the page: loaded once, run once per photograph, decoded as often as options change."""

import threading
from dataclasses import dataclass, field
from functools import partial

import numpy as np

from fusioncolor import color
from fusioncolor.compose import Refinement
from fusioncolor.config.colorizing import ColorizeOptions
from fusioncolor.hints import Hint
from fusioncolor.hints import apply as apply_hints
from fusioncolor.models.predictor import Chroma, Source
from fusioncolor.models.session import Session
from fusioncolor.registries import REFINEMENTS


@dataclass(frozen=True)
class Look:
    """What a visitor has chosen for the colors.

    Attributes:
        weights: preset, or folder of a saved colorizer.
        vividness: colorfulness; 1 is the preset's own.
        decode: a name in `DECODERS`; None for the model's own.
        refine: names of refinements, in order.
    """

    weights: str
    vividness: float = 1.0
    decode: str | None = None
    refine: tuple[str, ...] = ()

    def check(self) -> None:
        """Refuses values out of range, whoever sent them.

        Raises:
            InputError: one is.
        """
        ColorizeOptions(vividness=self.vividness, decode=self.decode, refine=list(self.refine))


@dataclass
class Seen:
    """A photograph as the networks see it, and what they said.

    Attributes:
        inputs: prepared input by weights.
        outputs: output of the network `(h, w, C)` by weights.
    """

    inputs: dict[str, np.ndarray] = field(default_factory=dict)
    outputs: dict[str, np.ndarray] = field(default_factory=dict)


class _Remembered:
    """A network whose only answer is known."""

    def __init__(self, output: np.ndarray) -> None:
        self._output = output

    def predict_on_batch(self, inputs: np.ndarray) -> np.ndarray:
        return self._output[None]


class Studio:
    """Sessions by weights. Networks run one at a time, whatever the number of visitors.

    Attributes:
        precision: arithmetic of the networks, as in `AppConfig`.
    """

    def __init__(self, precision: str = "auto") -> None:
        self.precision = precision
        self._options = ColorizeOptions(precision=precision)
        self._sessions: dict[str, Session] = {}
        self._lock = threading.RLock()

    def session(self, weights: str) -> Session:
        """Returns the session of some weights, which are loaded on first use.

        Raises:
            InputError: they cannot be loaded.
        """
        with self._lock:
            if weights not in self._sessions:
                self._sessions[weights] = Session([weights], self._options)
            return self._sessions[weights]

    def warm_up(self, weights: str) -> None:
        """Loads weights and runs them once, which later calls need not wait for."""
        self.see(np.zeros((8, 8, 3), np.uint8), Seen(), weights)

    def gives_confidence(self, weights: str) -> bool:
        """Returns whether some weights give a distribution to decode, and so a confidence."""
        return self.session(weights).predictors[0].gives_confidence

    def see(self, rgb: np.ndarray, seen: Seen, weights: str) -> None:
        """Runs a network on a photograph.

        Args:
            rgb: the photograph at full size, `(H, W, 3)`, of which only the lightness is used.
            seen: receives the network's output.
            weights: preset, or folder of a saved colorizer.

        Raises:
            InputError: the weights cannot be loaded.
        """
        session = self.session(weights)
        inputs = session.prepare(Source(color.rgb_to_lightness(rgb)))[0]
        with self._lock:
            output = np.asarray(session.predictors[0].network.predict_on_batch(inputs[None]))[0]
        seen.inputs[weights], seen.outputs[weights] = inputs, output

    def chroma(self, seen: Seen, look: Look) -> Chroma:
        """Decodes what `see` stored.

        Raises:
            InputError: an option does not apply to the weights.
        """
        [colorizer] = self.session(look.weights).predictors
        chosen = colorizer.with_options(vividness=look.vividness * colorizer.head.vividness, decode=look.decode)
        chosen.network = _Remembered(seen.outputs[look.weights])
        [chroma] = chosen.predict(seen.inputs[look.weights][None])
        return chroma

    def picture(
        self, rgb: np.ndarray, seen: Seen, look: Look, hints: list[Hint], *, dtype: type = np.uint8
    ) -> np.ndarray:
        """Returns a photograph in color.

        Args:
            rgb: `(H, W, 3)` `uint8` or `uint16`, of any size.
            seen: filled by `see` with these weights.
            look: the chosen weights and options.
            hints: colors at pixels of `rgb`.
            dtype: `np.uint8` or `np.uint16`.

        Returns:
            `(H, W, 3)` sRGB of that dtype.

        Raises:
            InputError: an option does not apply to the weights.
        """
        refine: list[Refinement] = [REFINEMENTS.find(name) for name in look.refine]
        if hints:
            refine.append(partial(apply_hints, hints=hints))
        lightness = color.rgb_to_lightness(rgb)
        return self.session(look.weights).finish(lightness, self.chroma(seen, look), refine, dtype=dtype)
