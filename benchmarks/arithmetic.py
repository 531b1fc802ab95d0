"""What quicker arithmetic costs: the same weights in float32, in bfloat16 and in int8, on held-out photographs.

    python -m benchmarks.arithmetic runs/mine/validation.txt --count 304 --calibration photographs

Prints what the others gain over float32, with 95 % intervals over photographs, and by how much they change ab on 100 of
them. int8 is calibrated on photographs of another folder or list, the training ones say, and needs
`pip install .[openvino]`.
"""

import argparse
import shutil
import sys
import tempfile
from pathlib import Path

import numpy as np

from benchmarks.results import gains, markdown
from benchmarks.samples import linked
from fusioncolor import color, images
from fusioncolor.config import DEFAULT_WEIGHTS, EvaluateConfig, ExportConfig
from fusioncolor.evaluation.evaluator import Evaluator
from fusioncolor.exporting import export
from fusioncolor.models import engines, factory
from fusioncolor.runtime.precision import precision

_COMPARED = 100  # photographs on which ab is compared


def changed(evaluator: Evaluator) -> np.ndarray:
    """Mean absolute difference of ab from what the first of the models predicts, for each of them."""
    differences = []
    for path in evaluator.paths[:_COMPARED]:
        lightness = color.rgb_to_lightness(images.read_resized(path, (256, 256)))
        ab = [one.predict_ab(one.prepare(lightness)[None]) for one in evaluator.colorizers[:3]]
        differences.append([np.abs(one - ab[0]).mean() for one in ab])
    return np.mean(differences, axis=0)


def main() -> int:
    """Prints a table in Markdown."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("photographs", type=Path, help="folder, or list, of color photographs unknown to the weights")
    parser.add_argument("--weights", default=DEFAULT_WEIGHTS)
    parser.add_argument("--calibration", type=Path, required=True, help="folder or list of others, for int8")
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
        evaluator = Evaluator(config, sorted(judged.iterdir()))
        with precision("bfloat16"):
            evaluator.colorizers[1] = factory.load(options.weights)
        file = export(
            ExportConfig(weights=options.weights, output=folder / "int8.xml", int8=True, calibration=calibration)
        )
        digest = engines.read_description(file)["weights"]
        evaluator.colorizers[2].network = engines.load(file, digest, "float32")
        scores = evaluator.run()
        changes = changed(evaluator)
    rows = []
    for index, kind in enumerate(("bfloat16", "int8"), start=1):
        rows.append({"over float32": kind} | gains(scores, index) | {"ab changed by": float(changes[index])})
    print(f"\n{len(scores.paths)} photographs\n\n{markdown(rows)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
