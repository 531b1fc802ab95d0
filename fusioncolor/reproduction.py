"""Published comparisons, repeated on other photographs at a size that the machine can handle."""

import math
from dataclasses import dataclass, field
from pathlib import Path

from fusioncolor import files, images
from fusioncolor.config import EvaluateConfig, ReproduceConfig, TrainConfig
from fusioncolor.data import survey
from fusioncolor.evaluation import tables
from fusioncolor.evaluation.catalog import METRICS
from fusioncolor.evaluation.evaluate import evaluate
from fusioncolor.evaluation.scores import Scores
from fusioncolor.models import saving
from fusioncolor.run_folder import RunFolder
from fusioncolor.runtime.reporting import SILENT, Reporter
from fusioncolor.training import loop

_VALIDATION, _TEST = 0.15, 0.15  # shares of the photographs, for choosing the epoch and for the figures
_EPOCHS = 4  # at least; of a large folder, only as many photographs are used as can be seen this often
_FEWEST = 40  # photographs needed for a split into three parts
_EXAMPLES = 4
_SHOWN = ("psnr", "ssim", "auc", "auc_rebalanced", "colorfulness")


@dataclass(frozen=True)
class PublishedTable:
    """A published table.

    Attributes:
        source: the compared systems, and the published data.
        runs: fields of `TrainConfig`, by title of the row.
        refine: refinements to show a run with, one at a time, by title of the row.
        published: published figures by title of the row, then by column, such as "AuC, Fruits".
        remark: note for the reader, "" for none.
    """

    source: str
    runs: dict[str, dict]
    refine: dict[str, tuple[str, ...]] = field(default_factory=dict)
    published: dict[str, dict[str, str]] = field(default_factory=dict)
    remark: str = ""


_CLASSIFICATION = {"model": "plain", "head": "classification"}
_CONVENTIONAL = {
    "model": "fusion", "inception": False, "skips": False, "batch_normalization": False, "negative_slope": 0.0,
}  # fmt: skip

PUBLISHED_TABLES = {
    "losses": PublishedTable(
        "plain CNN after Zhang et al. 2016, trained on CelebA (faces) and on Fruits",
        {
            "L2": {"model": "plain", "head": "regression"},
            "classification": _CLASSIFICATION | {"rebalancing": False},
            "classification + rebalancing": _CLASSIFICATION,
        },
        published={
            "gray": {"AuC, CelebA": "88.8", "AuC, Fruits": "76.9", "VGG accuracy, Fruits": "33.2"},
            "random": {"AuC, CelebA": "87.4", "AuC, Fruits": "74.1", "VGG accuracy, Fruits": "28.2"},
            "L2": {"AuC, CelebA": "91.5", "AuC, Fruits": "76.9", "VGG accuracy, Fruits": "31.7"},
            "classification": {"AuC, CelebA": "92.2", "AuC, Fruits": "84.5", "VGG accuracy, Fruits": "35.9"},
            "classification + rebalancing": {
                "AuC, CelebA": "92.3",
                "AuC, Fruits": "84.3",
                "VGG accuracy, Fruits": "39.8",
            },
        },
        remark="Faces and fruits have few colors, and the published networks saw them for many epochs at 224x224. "
        "VGG classifies 44.0 % of the true fruits correctly; `classifier` measures ours.",
    ),
    "fusion": PublishedTable(
        "plain CNN and CNN with InceptionV3 embedding, landscapes of SUN at 256x256",
        {"plain CNN": _CONVENTIONAL, "CNN + InceptionV3": {"model": "fusion", "cache_embeddings": True}},
        published={
            "plain CNN": {"PSNR, SUN": "22.05", "SSIM, SUN": "0.871"},
            "CNN + InceptionV3": {"PSNR, SUN": "25.10", "SSIM, SUN": "0.939"},
        },
        remark="Gray is the row to beat: on many photographs, it scores as well as the published plain CNN.",
    ),
    "ablations": PublishedTable(
        "parts of the fusion network; published as pictures: brownish, better, best",
        {
            "conventional CNN": _CONVENTIONAL,
            "+ InceptionV3": _CONVENTIONAL | {"inception": True, "cache_embeddings": True},
            "+ skips, batch normalization, LeakyReLU": {"model": "fusion", "cache_embeddings": True},
        },
    ),
    "residual": PublishedTable(
        "plain against residual CNN, classification with rebalancing; published claim: as good or better with half the "
        "weights",
        {"plain": _CLASSIFICATION, "residual": {"model": "residual", "head": "classification"}},
    ),
    "refinements": PublishedTable(
        "refinements after prediction; the original found peaks to work poorly, chrominance is made for sift",
        {"classification + rebalancing": _CLASSIFICATION, "sift": {"model": "sift"}},
        refine={"classification + rebalancing": ("segment", "peaks"), "sift": ("segment", "chrominance")},
    ),
    "monitor": PublishedTable(
        "classification with rebalancing, the best epoch chosen by its loss or by the AuC of its colors",
        {
            "by validation loss": _CLASSIFICATION | {"monitor": "val_loss"},
            "by AuC": _CLASSIFICATION | {"monitor": "val_auc"},
        },
        remark="In the published training, the loss rose after about epoch 30 of 100 while the pictures kept "
        "improving; a short training does not get that far.",
    ),
}
"""Published tables by name."""


def reproduce(config: ReproduceConfig, *, reporter: Reporter = SILENT) -> str:
    """Trains the networks of a published table, evaluates them on held-out photographs, and writes a report.

    Runs that an interrupted call has finished are not trained again.

    Args:
        config: the options.
        reporter: receives progress and messages.

    Returns:
        The table in Markdown: our figures, the published figures, and remarks.

    Raises:
        InputError: the photographs or options cannot be used.
    """
    table = PUBLISHED_TABLES[config.table]
    output = config.output or Path("runs") / f"reproduce-{config.table}"
    runs = {title: _train(config, output, title, options, reporter) for title, options in table.runs.items()}
    judge = _Judge(config, {title: RunFolder(run).read_log() for title, run in runs.items()}, reporter)
    lines = _header(table)
    scores = judge.scores(list(runs.values()), output / "report")
    titles = {saving.title_of(RunFolder(run).best): title for title, run in runs.items()}
    lines += _rows(table, scores, titles)
    for title, refinements in table.refine.items():
        for refine in refinements:
            refined = judge.scores([runs[title]], output / f"report-{runs[title].name}-{refine}", refine)
            lines += _rows(table, refined, titles, refine)
    text = "\n".join([*lines, "", *_remarks(config, table, scores, runs, output)])
    with files.replacing(output / "table.md") as temporary:
        files.write_text(temporary, f"# {config.table}\n\n{text}\n")
    return text


@dataclass(frozen=True)
class _Judge:
    """Evaluates runs on photographs that none of them has seen, and writes reports.

    Attributes:
        config: the options.
        curves: learning curves by title.
        reporter: receives progress.
    """

    config: ReproduceConfig
    curves: dict[str, dict[str, list[float]]]
    reporter: Reporter

    def scores(self, runs: list[Path], output: Path, refine: str | None = None) -> Scores:
        config = self.config
        judging = EvaluateConfig(
            photographs=[RunFolder(runs[0]).part_list("test")],
            models=[str(RunFolder(run).best) for run in runs],
            reference=[RunFolder(runs[0]).part_list("train")],
            refine=[refine] if refine else [],
            classifier=config.classifier,
            examples=_EXAMPLES,
            output=output,
            seed=config.seed,
            workers=config.workers,
        )
        title = f"{config.table}: {PUBLISHED_TABLES[config.table].source}"
        return evaluate(judging, curves=self.curves, title=title, reporter=self.reporter).scores


def _train(config: ReproduceConfig, output: Path, title: str, options: dict, reporter: Reporter) -> Path:
    found = len(survey.find(config.data, exclude=output))
    share = 1 - _VALIDATION - _TEST
    enough = max(math.ceil(config.steps * config.batch_size / (_EPOCHS * share)), _FEWEST)
    wanted = min(config.limit or found, found, enough)
    steps_per_epoch = max(int(wanted * share) // config.batch_size, 1)
    reporter.info(f"\n{title}")
    return loop.train_once(
        TrainConfig(
            folder=config.data,
            run=output / "".join(letter if letter.isalnum() else "-" for letter in title),
            epochs=max(round(config.steps / steps_per_epoch), 1),
            batch_size=config.batch_size,
            image_size=config.image_size,
            validation_split=_VALIDATION,
            test_split=_TEST,
            limit=wanted if wanted < found else None,
            seed=config.seed,
            workers=config.workers,
            preview_every=0,
            **options,
        ),
        reporter=reporter,
    )


def _header(table: PublishedTable) -> list[str]:
    columns = list(dict.fromkeys(name for row in table.published.values() for name in row))
    titles = [*(METRICS[name].title for name in (*_SHOWN, "accuracy")), *(f"published {name}" for name in columns)]
    return [f"{table.source}\n", f"| | {' | '.join(titles)} |", "|" + "---|" * (1 + len(titles))]


def _rows(table: PublishedTable, scores: Scores, titles: dict[str, str], refine: str | None = None) -> list[str]:
    """Returns a line per model; with `refine`, only those of the refined models."""
    columns = list(dict.fromkeys(name for row in table.published.values() for name in row))
    gray = scores.models.index("gray")
    lines = []
    for model, name in enumerate(scores.models):
        refined = refine is not None and name.endswith(f", {refine}")
        if refined != (refine is not None):
            continue
        title = titles.get(name.removesuffix(f", {refine}"), name) + (f", {refine}" if refined else "")
        cells = []
        for metric in (*_SHOWN, "accuracy"):
            cell = tables.number(scores.value(metric)[model], METRICS[metric].digits)
            if metric in ("psnr", "auc") and model != gray:
                gain = scores.gain(metric, model, gray)
                cell += f" ({gain.value:+.2f} [{gain.low:+.2f}, {gain.high:+.2f}])"
            cells.append(cell)
        cells += [table.published.get(title, {}).get(column, "") for column in columns]
        lines.append(f"| {title} | {' | '.join(cells)} |")
    return lines


def _remarks(
    config: ReproduceConfig, table: PublishedTable, scores: Scores, runs: dict[str, Path], output: Path
) -> list[str]:
    trained = len(images.find([RunFolder(next(iter(runs.values()))).part_list("train")]))
    remarks = [
        "In parentheses: the gain over gray on the same photographs, with its 95 % interval.",
        f"Ours: {config.steps} steps of {config.batch_size} photographs at {config.image_size}x{config.image_size}, "
        f"{trained} photographs of {config.data.name}; evaluated on others:",
        *(f"* {key}: {value}" for key, value in scores.protocol.items()),
    ]
    if table.published:
        remarks.append(
            "The published figures come from other photographs: compare the order of the rows, not the figures."
        )
    if table.remark:
        remarks.append(table.remark)
    return [*remarks, f"Runs and report: {output}"]
