"""A session: loads predictors by name, then turns arrays into full-size pictures."""

import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
from PIL import Image

from fusioncolor import color, images
from fusioncolor.compose import Refinement, finish, finish_in_bands
from fusioncolor.config.colorizing import ColorizeOptions
from fusioncolor.errors import InputError
from fusioncolor.hints import Given, parse_hints
from fusioncolor.hints import apply as apply_hints
from fusioncolor.models import presets, runtimes, saving
from fusioncolor.models.colorizer import Colorizer
from fusioncolor.models.identity import identity_of
from fusioncolor.models.predictor import Chroma, Predictor, Source
from fusioncolor.models.runtimes import Choice
from fusioncolor.models.saving import title_of
from fusioncolor.registries import BASELINES, REFINEMENTS
from fusioncolor.runtime.reporting import SILENT, Reporter

_BATCH_SIZES = (1, 2, 4)  # besides the chosen one; few, because each size compiles another graph


@dataclass(frozen=True)
class Column:
    """A kind of picture that a session makes of each photograph.

    Attributes:
        title: heading in tables and grids.
        predictor: index of the predictor that gives the chroma.
        refine: refinements, applied in order at full size.
    """

    title: str
    predictor: int
    refine: tuple[Refinement, ...] = ()


class Session:
    """Predictors that are loaded once and colorize any number of photographs.

        session = Session(["photographs"], ColorizeOptions(vividness=1.2))
        [picture] = session.colorize([photograph])

    Attributes:
        names: names of the models, as given.
        predictors: the loaded models, in the same order.
        options: the chosen options.
        runtimes: what runs each model's network, and its arithmetic; None for a baseline.
        refine: the chosen refinements.
    """

    def __init__(
        self,
        models: Sequence[str | os.PathLike],
        options: ColorizeOptions | None = None,
        *,
        references: Sequence[Path] | None = None,
        engine: Path | None = None,
        reporter: Reporter = SILENT,
    ) -> None:
        """Loads the predictors.

        Args:
            models: names of presets and of baselines, and folders of saved colorizers.
            options: options of prediction; None for the defaults.
            references: photographs that baselines take colors from; None for those in `options.reference`.
            engine: file of an exported network to run in place of the model's own; requires a single model.
            reporter: shows which model is being loaded.

        Raises:
            InputError: a model cannot be loaded, or an option does not apply to it.
        """
        self.options = options or ColorizeOptions()
        self.names = [os.fspath(name) for name in models]
        if references is None:
            references = [found.path for found in images.find(self.options.reference)]
        self._engine_file = engine
        self.predictors = []
        for name in self.names:
            with reporter.bar(f"loading model {name}", 1):
                self.predictors.append(_load(name, references, self.options, engine))
        self.runtimes = [_runtime_of(predictor) for predictor in self.predictors]
        self.refine = tuple(REFINEMENTS[name] for name in self.options.refine)

    @property
    def titles(self) -> list[str]:
        """Titles of the models: the folder's name, or the whole path if the name is ambiguous."""
        short = [name if name in BASELINES else title_of(name) for name in self.names]
        taken = {"truth", *BASELINES}
        return [
            name if name not in BASELINES and (title in taken or short.count(title) > 1) else title
            for name, title in zip(self.names, short, strict=True)
        ]

    @property
    def needs_truth(self) -> bool:
        """True if a predictor needs the true picture."""
        return any(predictor.needs_truth for predictor in self.predictors)

    def saved(self) -> list[int]:
        """Returns the indices of the predictors that are saved colorizers, not baselines."""
        return [index for index, name in enumerate(self.names) if name not in BASELINES]

    def prepare(self, source: Source) -> list[np.ndarray]:
        """Returns the input of each predictor for a photograph; may be called from several threads at once."""
        return [predictor.prepare(source) for predictor in self.predictors]

    def padded_size(self, count: int) -> int:
        """Returns the size to which a batch of so many photographs is padded: the smallest that fits."""
        return min((size for size in (*_BATCH_SIZES, self.options.batch_size) if size >= count), default=count)

    def predict(
        self,
        prepared: Sequence[list[np.ndarray] | None],
        *,
        batch_size: int | None = None,
        among: Sequence[int] | None = None,
    ) -> list[list[Chroma] | None]:
        """Predicts chroma for several photographs with every predictor.

        Args:
            prepared: result of `prepare` for each photograph. None leaves a slot empty; not all may be None.
            batch_size: number of photographs to which the batch is padded; None for the smallest that fits of 1, 2, 4
                and `options.batch_size`.
            among: indices of the predictors to use, whose inputs alone are in `prepared`; None for all.

        Returns:
            For each photograph, the chroma from each predictor used; None in empty slots.
        """
        predictors = self.predictors if among is None else [self.predictors[index] for index in among]
        batch_size = batch_size or self.padded_size(len(prepared))
        some = next(one for one in prepared if one is not None)
        filled = [[np.zeros_like(each) for each in some] if one is None else one for one in prepared]
        answers: list[list[Chroma]] = [[] for _ in prepared]
        for index, predictor in enumerate(predictors):
            inputs = np.stack([one[index] for one in filled])
            for answer, chroma in zip(answers, predictor.predict(inputs, batch_size=batch_size), strict=True):
                answer.append(chroma)
        return [None if one is None else answer for one, answer in zip(prepared, answers, strict=True)]

    def finish(
        self,
        lightness: np.ndarray,
        chroma: Chroma,
        refine: Sequence[Refinement] = (),
        *,
        dtype: type = np.uint8,
    ) -> np.ndarray:
        """Combines the lightness of a photograph and its predicted chroma into a full-size picture.

        Args:
            lightness: `(H, W, 1)`, 0..100.
            chroma: predicted chroma.
            refine: refinements, applied in order at full size.
            dtype: dtype of the result, `np.uint8` or `np.uint16`.

        Returns:
            `(H, W, 3)` sRGB.

        Raises:
            InputError: the chroma is not finite.
        """
        if not refine:
            return finish_in_bands(lightness, chroma.ab, dtype)
        return finish(lightness, chroma.ab, chroma.confidence, refine, dtype)

    def colorize(
        self,
        photographs: Sequence[np.ndarray | Image.Image | str | os.PathLike],
        *,
        hints: Sequence[Given | Sequence[Given]] | None = None,
    ) -> list[np.ndarray]:
        """Colorizes photographs with the first model and the chosen refinements, in batches.

        Args:
            photographs: each as for `Colorizer.colorize`; sizes may differ, colors in them are ignored.
            hints: for each photograph, colors at pixels of its full size, as for `Colorizer.colorize`; None for no
                hints.

        Returns:
            Pictures of the same sizes, sRGB: `uint16` for photographs of 16 bits, else `uint8`.

        Raises:
            InputError: a file cannot be read, the predicted chroma is not finite, or a hint lies outside a photograph.
            TypeError: a photograph or a hint is of none of these types.
            ValueError: an array is not a photograph, or there are not as many lists of hints as photographs.
        """
        if hints is not None and len(hints) != len(photographs):
            raise ValueError(f"expected hints for {len(photographs)} photographs. Received: {len(hints)} lists")
        by_hand = [parse_hints(of_one) for of_one in hints or [()] * len(photographs)]
        size, pictures = self.options.batch_size, []
        for start in range(0, len(photographs), size):
            batch = [images.as_rgb(photograph) for photograph in photographs[start : start + size]]
            lightness = [color.rgb_to_lightness(rgb) for rgb in batch]
            prepared = [self.prepare(Source(one)) for one in lightness]
            given = by_hand[start : start + size]
            for rgb, light, chroma, of_one in zip(batch, lightness, self.predict(prepared), given, strict=True):
                refine = (*self.refine, partial(apply_hints, hints=of_one)) if of_one else self.refine
                pictures.append(self.finish(light, chroma[0], refine, dtype=_depth_of(rgb)))
        return pictures

    def check_refinements(self, predictors: Iterable[int]) -> None:
        """Refuses refinements that predictors cannot have.

        Args:
            predictors: indices of the predictors.

        Raises:
            InputError: a refinement needs a confidence that a predictor does not give.
        """
        for index in predictors:
            if "peaks" in self.options.refine and not self.predictors[index].gives_confidence:
                name = self.names[index]
                raise InputError(f"refinement peaks (`refine`) needs a classification model, which {name} is not")

    def columns(
        self, titles: Sequence[str], change: str, *, refined: Sequence[int] | None = None, unrefined: bool = True
    ) -> list[Column]:
        """Lists the pictures to show of each photograph, predictor by predictor.

        Args:
            titles: one title per predictor.
            change: short name of the refinements, for the titles of refined columns.
            refined: indices of the predictors to refine; None for all.
            unrefined: whether a column without refinements precedes each refined one.

        Raises:
            InputError: a refinement needs a confidence that a predictor does not give.
        """
        columns = []
        for index, title in enumerate(titles):
            refine = self.refine if refined is None or index in refined else ()
            if unrefined or not refine:
                columns.append(Column(title, index))
            if refine:
                self.check_refinements([index])
                columns.append(Column(f"{title}, {change}", index, refine))
        return columns

    def identity(self) -> dict[str, object]:
        """Returns everything that determines the pictures of the first model, ready for JSON."""
        return identity_of(self.names[0], self.options, self._engine_file)

    def describe_runtimes(self) -> str:
        """Returns what runs the network of each model, for people."""
        chosen = zip(self.titles, self.runtimes, strict=True)
        return "; ".join(f"{title} runs in {runtime}" for title, runtime in chosen if runtime)

    def programs(self) -> list[str]:
        """Returns what runs networks here, each with its version and arithmetic, for protocols."""
        return sorted({runtime.with_version() for runtime in self.runtimes if runtime})


def _depth_of(rgb: np.ndarray) -> type:
    return np.uint16 if rgb.dtype.newbyteorder("=") == np.uint16 else np.uint8


def _load(name: str, references: Sequence[Path], options: ColorizeOptions, engine: Path | None) -> Predictor:
    """Loads a saved colorizer or a baseline, with the options of prediction."""
    if name in BASELINES:
        from fusioncolor.models.baselines import create_baseline

        return create_baseline(name, references, vividness=options.vividness)
    try:
        vividness = options.vividness * presets.vividness_of(name)
        return _open(name, options, engine).with_options(
            vividness=vividness, decode=options.decode, temperature=options.temperature, seed=options.seed
        )
    except InputError as error:
        raise InputError(f"{error} ({name})" if name not in str(error) else str(error)) from error


def _open(name: str, options: ColorizeOptions, engine: Path | None) -> Colorizer:
    folder = saving.find_folder(name)
    description = saving.read_description(folder)
    if engine:
        return runtimes.open_exported(folder, description, engine, options.precision)
    choice = runtimes.choose(folder, description, options.runtime, options.precision)
    return runtimes.open_colorizer(folder, description, choice)


def _runtime_of(predictor: Predictor) -> Choice | None:
    return runtimes.of(predictor) if isinstance(predictor, Colorizer) else None
