"""Measures what faster arithmetic costs: the same weights in float32, bfloat16 and int8, on held-out photographs.

    python -m benchmarks.arithmetic runs/mine/validation.txt --count 304 --calibration photographs

Prints the gain of bfloat16 and int8 over float32, with 95 % intervals over photographs, and the mean change of ab on
100 of them. int8 is calibrated on photographs of another folder or list, for example the training photographs, and
needs `pip install .[openvino]`.
"""

import argparse
import shutil
import sys
import tempfile
from pathlib import Path

import numpy as np

from benchmarks.lib.internals import evaluator_of, load
from benchmarks.lib.results import gains, markdown
from benchmarks.lib.samples import linked
from fusioncolor import color, images
from fusioncolor.config import DEFAULT_WEIGHTS, EvaluateConfig, ExportConfig
from fusioncolor.evaluation.evaluator import Evaluator
from fusioncolor.exporting import export
from fusioncolor.models.predictor import Source

_COMPARED = 100  # photographs on which ab is compared


def changed(evaluator: Evaluator) -> np.ndarray:
    """Mean absolute difference of ab from the prediction of the first model, for each of three models."""
    differences = []
    for path in evaluator.paths[:_COMPARED]:
        lightness = color.rgb_to_lightness(images.read_resized(path, (256, 256)))
        ab = [one.predict_ab(one.prepare(Source(lightness))[None]) for one in evaluator.measurer.session.predictors[:3]]
        differences.append([np.abs(one - ab[0]).mean() for one in ab])
    return np.mean(differences, axis=0)


def main() -> int:
    """Prints a table in Markdown."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "photographs", type=Path, help="folder or list of color photographs that the weights were not trained on"
    )
    parser.add_argument("--weights", default=DEFAULT_WEIGHTS)
    parser.add_argument("--calibration", type=Path, required=True, help="folder or list of other photographs, for int8")
    parser.add_argument("--count", type=int, default=304)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        judged = linked(options.photographs, folder / "judged", options.count, options.seed)
        calibration = linked(options.calibration, folder / "calibration", 200, options.seed)
        for kind in ("float32", "bfloat16", "int8"):
            shutil.copytree(options.weights, folder / kind)
        config = EvaluateConfig(
            photographs=[judged],
            models=[str(folder / kind) for kind in ("float32", "bfloat16", "int8")],
            precision="float32",
        )
        file = export(
            ExportConfig(weights=options.weights, output=folder / "int8.xml", int8=True, calibration=calibration)
        )
        evaluator = evaluator_of(config, {1: load(options.weights, "bfloat16"), 2: file})
        scores = evaluator.run()
        changes = changed(evaluator)
    rows = []
    for index, kind in enumerate(("bfloat16", "int8"), start=1):
        rows.append({"over float32": kind} | gains(scores, index) | {"ab changed by": float(changes[index])})
    print(f"\n{len(scores.paths)} photographs\n\n{markdown(rows)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
