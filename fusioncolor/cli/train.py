"""`train.py` and `fusioncolor train`."""

from collections.abc import Sequence

from fusioncolor.cli import arguments
from fusioncolor.config import TrainConfig

EXAMPLES = """\
  python train.py "datasets/landscape Images" --epochs 60
  python train.py photographs --image-size 128 --epochs 20 --run runs/small
  python train.py photographs --init runs/small/best --epochs 5 --learning-rate 1e-4
"""


def main(argv: Sequence[str] | None = None, prog: str = "train.py") -> int:
    """Trains a colorizer on a folder of photographs; returns the exit code."""
    return arguments.run(
        TrainConfig, _train, argv, prog=prog, description="Train a colorizer on color photographs.", examples=EXAMPLES
    )


def _train(config: TrainConfig) -> int:
    arguments.require_folder(config.folder)
    from fusioncolor import training  # waits for Keras

    training.train(config)
    return 0
