"""Colorizers and photographs -> scores: each metric for each photograph, each model, and the baselines."""

import os
from collections.abc import Sequence
from functools import partial
from pathlib import Path

import numpy as np

from fusioncolor import images
from fusioncolor.config import EvaluateConfig
from fusioncolor.errors import InputError
from fusioncolor.evaluation.cluster import tallies
from fusioncolor.evaluation.gallery import Gallery, extremes
from fusioncolor.evaluation.measuring import RAREST, Judges, Measured, Measurer, Tally
from fusioncolor.evaluation.photographs import looks_in_threads, looks_on, survey
from fusioncolor.evaluation.scores import DRAWS, Scores
from fusioncolor.models import saving
from fusioncolor.models.baselines import MOST_REFERENCES
from fusioncolor.run_folder import RunFolder
from fusioncolor.runtime.cluster import Cluster
from fusioncolor.runtime.reporting import SILENT, Bar, Reporter
from fusioncolor.version import __version__


class Evaluator:
    """Judges colorizers on photographs, batch by batch: memory does not grow with their number.

    Attributes:
        config: the options.
        measurer: the loaded models, including the baselines, and the judges.
        paths: photographs in color.
        gallery: keeps the photographs to show.
    """

    def __init__(
        self,
        config: EvaluateConfig,
        found: Sequence[Path],
        *,
        cluster: Cluster | None = None,
        reporter: Reporter = SILENT,
    ) -> None:
        """Surveys the photographs and loads the models.

        Args:
            config: the options.
            found: files of the photographs.
            cluster: where to look at photographs and to measure them; None for this process.
            reporter: receives progress.

        Raises:
            InputError: no photograph is in color, or a model cannot be loaded.
        """
        self.config = config
        self._cluster, self._reporter = cluster, reporter
        judges = Judges.load(config)
        looks = partial(looks_on, cluster, config) if cluster else partial(looks_in_threads, config)
        self._survey = survey(config, found, looks, reporter=reporter)
        self.paths = self._survey.paths
        self._references = [found.path for found in images.find(config.reference)] or self.paths
        self.measurer = Measurer(
            config,
            judges,
            references=self._references,
            counts=self._survey.counts,
            classes=self.paths,
            reporter=reporter,
        )
        self.gallery = Gallery([column.title for column in self.measurer.columns], config.examples)
        self._trained_on = self._count_trained_on()

    def _count_trained_on(self) -> dict[str, int]:
        """Counts the photographs that each model was trained on, as far as its run folder is there; warns of them."""
        session = self.measurer.session
        judged, counts = {os.path.realpath(path) for path in self.paths}, {}
        for index in self.measurer.saved:
            run = RunFolder(saving.find_folder(session.names[index]).parent)
            trained = run.read_part("train")
            count = len(judged & {os.path.realpath(path) for path in trained})
            if count:
                counts[session.titles[index]] = count
                aside = next((run.part_list(part) for part in ("test", "validation") if run.read_part(part)), None)
                self._reporter.warning(
                    f"{session.names[index]} was trained on {count} of these {len(judged)} photographs, so its "
                    f"figures are too good: evaluate on {f'{aside}, or on ' if aside else ''}other photographs"
                )
        return counts

    def run(self) -> Scores:
        """Colorizes and measures all photographs.

        Raises:
            InputError: no photograph could be measured.
        """
        with self._reporter.bar("evaluating", len(self.paths)) as bar:
            tally = self._measured_on(self._cluster, bar) if self._cluster else self._measured(bar)
        fid = self.measurer.judges.fid
        problems = [*self._survey.problems, *(tally.problems[path] for path in self.paths if path in tally.problems)]
        paths = [path for path in self.paths if path in tally.values]
        if not paths:
            raise InputError(f"no photograph could be evaluated; the first problem: {problems[0]}")
        names = tally.truth[paths[0]]
        return Scores(
            models=[column.title for column in self.measurer.columns],
            paths=paths,
            values=np.stack([tally.values[path] for path in paths], axis=1),
            truth={name: np.array([tally.truth[path][name] for path in paths]) for name in names},
            errors=tally.errors,
            densities=tally.densities,
            prior=self.measurer.prior.probabilities,
            protocol=self._protocol(len(paths), len(problems)),
            problems=problems,
            of_sets={"fid": np.array(fid.ask("values", len(self.measurer.columns)))} if fid else {},
            seed=self.config.seed,
        )

    @property
    def _batch_size(self) -> int:
        return min(self.config.batch_size, len(self.paths))

    def _measured(self, bar: Bar) -> Tally:
        tally = Tally()
        for path, result in self.measurer.measured(self.paths, batch_size=self._batch_size):
            tally.add(path, result)
            if isinstance(result, Measured):
                self.gallery.add(path, result.values, result.pictures)
            bar.advance()
        return tally

    def _measured_on(self, cluster: Cluster, bar: Bar) -> Tally:
        """Measures on a cluster, and once more here the few photographs that are shown."""
        tally, size = Tally(), self._batch_size
        known = {"references": self._references, "counts": self._survey.counts, "batch_size": size}
        for part in tallies(cluster, self.config, self.paths, **known):
            tally.join(part)
            bar.advance(len(part))
        paths = [path for path in self.paths if path in tally.values]
        if paths and self.gallery.count:
            values = np.stack([tally.values[path] for path in paths], axis=1)
            shown = [paths[index] for index in extremes(values, self.gallery.models, self.gallery.count)]
            for path, result in self.measurer.measured(shown, batch_size=size):
                if isinstance(result, Measured):
                    self.gallery.add(path, tally.values[path], result.pictures)
        return tally

    def _protocol(self, count: int, failed: int) -> dict[str, str]:
        config, measurer = self.config, self.measurer
        size = "original size" if config.full_size else f"resized to {config.image_size}x{config.image_size}"
        references = ", ".join(str(path) for path in config.reference) or "the other judged photographs"
        drawn = f"; {config.limit} drawn at random with seed {config.seed}" if config.limit else ""
        described = {
            "photographs": f"{count} in color; left out: {self._survey.gray} without color, {failed} unreadable{drawn}",
            "folders": ", ".join(path.name or str(path) for path in config.photographs),
            "size": f"{'largest central square, ' if config.crop else ''}{size}",
            "judged": "8-bit sRGB pictures with the true lightness and the predicted chroma",
            "colors of mean, random, welsh": f"from {references}; at most {MOST_REFERENCES}, drawn at random",
            "prior of the rebalanced AuC": f"that of {measurer.prior.source}; at least {RAREST:g}",
            "intervals": f"95 %, bootstrap over photographs, {DRAWS} draws, seed {config.seed}",
            "version": "; ".join([f"fusioncolor {__version__}", *measurer.session.programs()]),
        }
        for title, trained in self._trained_on.items():
            described[f"warning about {title}"] = f"it was trained on {trained} of these photographs"
        if config.plates:
            described["colorized from"] = f"the {config.plates} channel alone"
        if measurer.classifier:
            described["classifier"] = measurer.classifier.described
        if measurer.judges.lpips:
            described["LPIPS"] = measurer.judges.lpips.described
        if measurer.judges.fid:
            described["FID"] = measurer.judges.fid.ask("remark")
        for index in measurer.saved:
            described[f"model {measurer.session.titles[index]}"] = measurer.session.predictors[index].summary()
        return described
