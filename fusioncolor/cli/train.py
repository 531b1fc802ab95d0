"""`train.py` and `fusioncolor train`."""

from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path

from fusioncolor.cli import parser
from fusioncolor.config import TrainConfig
from fusioncolor.errors import InputError
from fusioncolor.runtime.backend import import_quietly, make_deterministic
from fusioncolor.runtime.reporting import Reporter

EXAMPLES = """\
  python train.py "datasets/landscape Images" --epochs 60
  python train.py photographs --image-size 128 --epochs 20 --run runs/small
  python train.py --resume runs/small
  python train.py photographs --init weights/fusion.landscapes --epochs 5 --learning-rate 1e-4
"""


def main(argv: Sequence[str] | None = None, prog: str = "train.py") -> int:
    """Trains a colorizer on a folder of photographs; returns the exit code."""
    return parser.run(
        TrainConfig, _train, argv, prog=prog, description="Train a colorizer on color photographs.", examples=EXAMPLES
    )


def _train(config: TrainConfig, reporter: Reporter) -> int:
    if config.resume:
        from fusioncolor import run_folder

        deterministic = run_folder.read_config(config.resume).deterministic
    else:
        _check_paths(config)
        deterministic = config.deterministic
    if deterministic:
        make_deterministic()
    import_quietly()
    from fusioncolor.training import loop

    loop.train(config)
    return 0


def _check_paths(config: TrainConfig) -> None:
    """Refuses paths that cannot be used, before anything slow is imported."""
    from fusioncolor import run_folder
    from fusioncolor.data import survey
    from fusioncolor.models import saving

    survey.find(config.folder, exclude=config.run)
    if config.validation:
        survey.find(config.validation)
    if config.run:
        run_folder.refuse_occupied(config.run)
    if config.tensorboard and not (find_spec("tensorboard") and find_spec("tensorflow")):
        raise InputError("--tensorboard needs TensorBoard and TensorFlow: pip install tensorboard, or leave it out")
    if config.init:
        saving.find_folder(config.init)
    if config.resnet_weights and not config.resnet_weights.is_file():
        raise InputError(f"no such file: {config.resnet_weights} (--resnet-weights)")
    source = config.inception_weights
    if config.inception and source not in ("auto", "imagenet", "none") and not Path(source).is_file():
        saving.find_folder(source)
