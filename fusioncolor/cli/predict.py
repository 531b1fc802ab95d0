"""`predict.py` and `fusioncolor predict`."""

import dataclasses
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path

from fusioncolor.cli import parser
from fusioncolor.config import PredictConfig
from fusioncolor.errors import InputError
from fusioncolor.registries import BASELINES
from fusioncolor.runtime.backend import import_quietly

EXAMPLES = """\
  python predict.py                                  the demonstration: a few photographs, and a grid of them
  python predict.py old.jpg scans/ --output colored
  python predict.py holiday/ --grid --vividness 1.3
  python predict.py gray/ --grid --truth color/ --weights weights/mine weights/fusion.landscapes
"""
DEMONSTRATION = ("rocket.jpg", "coffee.png", "chelsea.png", "astronaut.png")  # the color photographs of scikit-image


def main(argv: Sequence[str] | None = None, prog: str = "predict.py") -> int:
    """Colorizes files and folders; returns the exit code, 1 if some photographs failed."""
    return parser.run(
        PredictConfig, _predict, argv, prog=prog, description="Put color into grayscale photographs.", examples=EXAMPLES
    )


def _predict(config: PredictConfig) -> int:
    from fusioncolor import hints, images
    from fusioncolor.models import engines, saving
    from fusioncolor.prediction import plan

    for name in config.weights:
        if name in BASELINES:
            continue
        if Path(name).is_file():
            raise InputError(f"{name} is a file, not a weights folder; name photographs before --weights")
        saving.find_folder(name)
    if not config.photographs:
        config = dataclasses.replace(config, photographs=_demonstration(), grid=True)
    found = images.find(config.photographs, exclude=config.output)
    planned = plan.plan(found, config.output, config.truth, config.format)
    if config.truth and not any(task.truth for task in planned):
        raise InputError(f"no photograph has its original, of the same relative path, in {config.truth} (--truth)")
    if config.grid and any(task.target.is_relative_to(config.output / plan.GRIDS) for task in planned):
        raise InputError("there are photographs in a folder grids/, where --grid writes its pages: rename that folder")
    for text in config.hint:
        hints.parse(text)
    if config.engine:
        engines.read_description(config.engine)

    import_quietly()
    from fusioncolor.prediction import folder

    return folder.predict(config, planned)


def _demonstration() -> list[Path]:
    folder = Path(find_spec("skimage").origin).parent / "data"
    return [folder / name for name in DEMONSTRATION]
