"""The contents of `colorizer.json`: the colorizer to build, its weights file, and its history."""

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass, field

from fusioncolor.errors import InputError
from fusioncolor.version import __version__

FORMAT = 1
CONFIG_FILE = "colorizer.json"
WEIGHTS_FILE = "network.weights.h5"
CARD_FILE = "README.md"


@dataclass(frozen=True)
class Weights:
    """The weights file.

    Attributes:
        dtype: dtype of the stored arrays, "float16" or "float32".
        sha256: hexadecimal digest of the file.
        extractor: digest of the file that holds the extractor's weights, which several colorizers share; None where
            they are in the weights file too.
    """

    dtype: str
    sha256: str
    extractor: str | None = None

    def as_json(self) -> dict:
        """Returns the entries, without an extractor that is not shared."""
        return {name: value for name, value in dataclasses.asdict(self).items() if value is not None}


@dataclass(frozen=True)
class Description:
    """Everything needed to build a colorizer, and its history.

    Attributes:
        model: a name in `MODELS`.
        options: options of the model's builder: numbers, True or False.
        head: configuration of the head, as `make_head` takes it.
        size: (height, width) at which the network sees photographs.
        weights: the weights file; None before the colorizer is saved.
        networks: SHA-256 of the exported networks in its folder, by format; see `skeletons`.
        training: options of the training.
        photographs: number of photographs by part: "train", "validation", "test".
        metrics: metrics of the saved epoch.
        fusioncolor: version of the package that wrote the file.
        format: version of the file's layout.
    """

    model: str
    options: Mapping[str, bool | int | float]
    head: Mapping[str, object]
    size: tuple[int, int]
    weights: Weights | None = None
    networks: Mapping[str, str] = field(default_factory=dict)
    training: Mapping[str, object] = field(default_factory=dict)
    photographs: Mapping[str, int] = field(default_factory=dict)
    metrics: Mapping[str, float] = field(default_factory=dict)
    fusioncolor: str = __version__
    format: int = FORMAT

    def as_json(self) -> dict:
        """Returns the entries of `colorizer.json`, without empty ones."""
        entries = {entry.name: getattr(self, entry.name) for entry in dataclasses.fields(self)}
        entries = {"format": entries.pop("format"), "fusioncolor": entries.pop("fusioncolor"), **entries}
        entries["size"] = list(self.size)
        entries["weights"] = self.weights and self.weights.as_json()
        return {name: value for name, value in entries.items() if value or name in ("options", "head")}

    @classmethod
    def from_json(cls, entries: dict) -> "Description":
        """Reads the entries of `colorizer.json`.

        Raises:
            InputError: an entry is missing or has the wrong type, or the format is not supported.
        """
        if not isinstance(entries, dict):
            raise InputError(f"holds a {type(entries).__name__} where a description is expected")
        if entries.get("format") != FORMAT:
            raise InputError(f"format {entries.get('format')!r:.50}, this version of fusioncolor reads format {FORMAT}")
        known = {name: entries[name] for name in (entry.name for entry in dataclasses.fields(cls)) if name in entries}
        try:
            height, width = known["size"]
            weights = known.get("weights")
            if weights:
                extractor = weights.get("extractor")
                weights = Weights(
                    str(weights["dtype"]), str(weights["sha256"]), None if extractor is None else str(extractor)
                )
            return cls(**{**known, "size": (height, width), "weights": weights or None})
        except (KeyError, TypeError, ValueError) as error:
            reason = " ".join(f"{type(error).__name__}: {error}".split())[:200]
            raise InputError(f"an entry is missing or wrong ({reason})") from error
