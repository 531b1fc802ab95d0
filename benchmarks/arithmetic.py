"""Measures what faster arithmetic costs: the same weights in float32, bfloat16 and int8, on held-out photographs.

    python -m benchmarks.arithmetic runs/mine/validation.txt --count 304 --calibration photographs

    python -m benchmarks.arithmetic photographs --calibration photographs --kinds int8

Prints the gain of bfloat16 and int8 over float32, with 95 % intervals over photographs, and the mean change of ab on
100 of them. int8 is calibrated on photographs of another folder or list, for example the training photographs, or on
others of the same one, and needs `pip install .[openvino]`.
"""

import argparse
import shutil
import sys
import tempfile
from pathlib import Path

import numpy as np

from benchmarks.lib.internals import Colorizer, evaluator_of, find_weights, load
from benchmarks.lib.results import gains, markdown
from benchmarks.lib.samples import linked
from fusioncolor import color, images
from fusioncolor.config import DEFAULT_WEIGHTS, EvaluateConfig, ExportConfig
from fusioncolor.evaluation.evaluator import Evaluator
from fusioncolor.exporting import export
from fusioncolor.models.predictor import Source

_COMPARED = 100  # photographs on which ab is compared


def changed(evaluator: Evaluator, models: int) -> np.ndarray:
    """Mean absolute difference of ab from the prediction of the first model, for each of some models."""
    differences = []
    for path in evaluator.paths[:_COMPARED]:
        lightness = color.rgb_to_lightness(images.read_resized(path, (256, 256)))
        predictors = evaluator.measurer.session.predictors[:models]
        ab = [one.predict_ab(one.prepare(Source(lightness))[None]) for one in predictors]
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
    parser.add_argument("--kinds", nargs="+", choices=("bfloat16", "int8"), default=["bfloat16", "int8"])
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        judged = linked(options.photographs, folder / "judged", options.count, options.seed)
        after = options.count if options.calibration == options.photographs else 0
        calibration = linked(options.calibration, folder / "calibration", 200, options.seed, after=after)
        kinds = ["float32", *options.kinds]
        found = find_weights(options.weights)
        for kind in kinds:
            shutil.copytree(found, folder / kind)
        for shared in found.parent.glob("*.h5"):
            (folder / shared.name).symlink_to(shared)
        config = EvaluateConfig(
            photographs=[judged],
            models=[str(folder / kind) for kind in kinds],
            precision="float32",
        )
        others: dict[int, Colorizer | Path] = {}
        if "bfloat16" in kinds:
            others[kinds.index("bfloat16")] = load(found, "bfloat16")
        if "int8" in kinds:
            output = folder / "int8.xml"
            others[kinds.index("int8")] = export(
                ExportConfig(weights=str(found), output=output, int8=True, calibration=calibration)
            )
        evaluator = evaluator_of(config, others)
        scores = evaluator.run()
        changes = changed(evaluator, len(kinds))
    rows = []
    for index, kind in enumerate(options.kinds, start=1):
        rows.append({"over float32": kind} | gains(scores, index) | {"ab changed by": float(changes[index])})
    print(f"\n{len(scores.paths)} photographs\n\n{markdown(rows)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
