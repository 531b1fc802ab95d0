"""`predict.py` and `fusioncolor predict`."""

import dataclasses
import sys
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path

from fusioncolor.cli import parser
from fusioncolor.config import PredictConfig
from fusioncolor.errors import InputError
from fusioncolor.registries import BASELINES
from fusioncolor.runtime.backend import import_quietly
from fusioncolor.runtime.reporting import Reporter

EXAMPLES = """\
  python predict.py                                  a demonstration: a few sample photographs and a grid
  python predict.py old.jpg scans/ --output colored
  python predict.py holiday/ --grid --vividness 1.3
  python predict.py gray/ --grid --truth color/ --weights runs/mine/best landscapes
"""
DEMONSTRATION = ("rocket.jpg", "coffee.png", "chelsea.png", "astronaut.png")  # color photographs in scikit-image


def main(argv: Sequence[str] | None = None, prog: str = "predict.py") -> int:
    """Colorizes files and folders; returns the exit code, 1 if any photograph failed, 130 after Ctrl-C."""
    return parser.run(
        PredictConfig, _predict, argv, prog=prog, description="Colorize grayscale photographs.", examples=EXAMPLES
    )


def _predict(config: PredictConfig, reporter: Reporter) -> int:
    from fusioncolor import files, hints
    from fusioncolor.models import engines
    from fusioncolor.prediction import plan

    files.check_writable(config.output)
    for name in config.weights:
        _check_model(name, config, reporter)
    if not config.photographs:
        config = dataclasses.replace(config, photographs=_demonstration(), grid=True)
    planned = plan.tasks(config)
    twins = sum(task.truth is not None for task in planned)
    if twins and not config.truth:
        reporter.info(f"{twins} photographs in gray/ have their originals in color/ beside it, which are not colorized")
    for text in config.hint:
        hints.parse(text)
    if config.engine:
        engines.read_description(config.engine)

    import_quietly()
    from fusioncolor.prediction.folder import colorize_folder
    from fusioncolor.prediction.summary import FolderResult, counted

    result: FolderResult = colorize_folder(config, planned=planned, reporter=reporter)
    done, skipped, failed = (result.count(status) for status in ("done", "skipped", "failed"))
    print(f"{counted(done)} colorized in {result.seconds:.1f} s ({done / result.seconds:.1f} img/s): {config.output}")
    if skipped:
        print(f"{counted(skipped)} skipped, already finished (--no-skip-existing colorizes again)")
    if failed:
        print(f"{counted(failed)} failed; see the lines above", file=sys.stderr)
    if result.pages:
        plural = "s" if result.pages > 1 else ""
        print(f"{result.pages} page{plural} of grayscale / actual / predicted: {config.output / plan.GRIDS}")
    if result.interrupted:
        reporter.warning("stopped; run the same command again to finish the rest")
        return 130
    return 1 if failed else 0


def _check_model(name: str, config: PredictConfig, reporter: Reporter) -> None:
    """Rejects a model that is not there; photographs given after --weights are a likely reason."""
    from fusioncolor.models import presets, saving

    if name in BASELINES:
        if BASELINES[name].needs_reference and not config.reference:
            raise InputError(f"{name} takes its colors from other photographs: name some in color with `reference`")
        return
    if Path(name).is_file() and presets.find(name) is None:
        raise InputError(f"{name} is a file, not a weights folder; name photographs before `weights`")
    if Path(name).is_dir() and not saving.is_colorizer(name):
        try:
            saving.find_folder(name)
        except InputError as error:
            raise InputError(f"{error}; name photographs before `weights`") from error
    head = saving.read_description(saving.find_folder(name, reporter)).head.get("name")
    if head == "regression" and (config.decode or config.temperature is not None):
        raise InputError(f"`decode` and `temperature` need a classification model, and {name} predicts ab directly")
    if head == "regression" and "peaks" in config.refine:
        raise InputError(f"`refine` peaks needs a classification model, which {name} is not")


def _demonstration() -> list[Path]:
    folder = Path(find_spec("skimage").origin).parent / "data"
    return [folder / name for name in DEMONSTRATION]
