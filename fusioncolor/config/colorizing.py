"""Options shared by everything that colorizes."""

from dataclasses import dataclass
from pathlib import Path

from fusioncolor.config.choices import DECODERS, RUNTIMES
from fusioncolor.config.fields import check_options, convert_options, option
from fusioncolor.errors import InputError
from fusioncolor.registries import BASELINES, REFINEMENTS

COLORS, MACHINE = "colors", "machine"  # groups in the help


@dataclass(frozen=True)
class ColorizeOptions:
    """Options of prediction, for any predictor; each is described by the help text of its field."""

    vividness: float = option(
        1.0,
        "Colorfulness: factor on the chroma or, with decoding by annealed_mean, divisor of the temperature",
        group=COLORS,
        minimum=0,
        maximum=10,
    )
    decode: str | None = option(
        None,
        "Decoding of a classification model's color distribution to one color (default: the model's own)",
        group=COLORS,
        choices=DECODERS,
    )
    temperature: float | None = option(
        None,
        "Temperature of the annealed mean, from near 0 (the mode) to 1 (the mean) (default: 0.38)",
        group=COLORS,
        minimum=0.001,
        maximum=100,
    )
    refine: list[str] = option(
        [],
        "Refinements of the predicted chroma, applied in the order given. segment: one color per region of similar "
        "lightness; chrominance: the refinement published with sift; peaks: spread the colors of the most confident "
        "pixels (classification models only)",
        group=COLORS,
        choices=REFINEMENTS,
    )
    reference: list[Path] = option(
        [],
        "Photographs or folders from which the baselines mean, random and welsh take their colors",
        group=COLORS,
        metavar="PATH",
    )
    seed: int = option(0, "Random seed", group=MACHINE, minimum=0, maximum=2**32 - 1)
    batch_size: int = option(8, "Photographs per step of the network", group=MACHINE, minimum=1)
    runtime: str = option(
        "auto",
        "Program that runs the network; auto: the first of OpenVINO, ONNX Runtime, LiteRT and Keras that is installed "
        "and for which the weights folder has a network. Results differ by rounding",
        group=MACHINE,
        choices=RUNTIMES,
    )
    precision: str = option(
        "auto",
        "Arithmetic of the network; auto: bfloat16 if the processor supports it (no visible difference), else float32",
        group=MACHINE,
        choices=("auto", "float32", "bfloat16"),
    )
    workers: int | None = option(
        None, "Threads for reading and writing photographs (default: one per core)", group=MACHINE, minimum=1
    )

    def __post_init__(self) -> None:
        """Checks everything that can be checked without loading a network.

        Raises:
            InputError: an option is out of range, two contradict each other, or a path does not exist.
        """
        convert_options(self)
        check_options(self)
        if self.temperature is not None and self.decode not in (None, "annealed_mean"):
            raise InputError(f"`temperature` is for the annealed mean: leave it out with `decode` {self.decode}")
        for path in self.reference:
            if not path.exists():
                raise InputError(f"no such file or folder: {path} (`reference`)")

    def check_models(self, names: list[str]) -> None:
        """Refuses options of decoding if all models are baselines.

        Args:
            names: folders of saved colorizers, and names of baselines.

        Raises:
            InputError: `decode` or `temperature` is given, but no model could use it.
        """
        if (self.decode or self.temperature is not None) and all(name in BASELINES for name in names):
            raise InputError(f"`decode` and `temperature` need a classification model, which {names[0]} is not")
