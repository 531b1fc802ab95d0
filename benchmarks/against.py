"""This project beside how the same networks are run elsewhere: the same photographs, machine and run.

    python -m benchmarks.against

Files to files, at 256x256 and 1024x1024, and training. The stand-ins are in `benchmarks/peers/`; each says what it
stands for. All weights are untrained but those of this project: only speed is compared. Needs torch, torchvision and
tf2onnx for OpenCV; what is missing is left out.
"""

import argparse
import sys
import tempfile
from pathlib import Path

from benchmarks.results import apart, record

OURS = """
import json, sys, threading, time
from pathlib import Path
from fusioncolor import manifest, prediction, tasks, images
from fusioncolor.config import PredictConfig
source, output, weights, precision = Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3], sys.argv[4]
config = PredictConfig(output=output, weights=[weights], precision=precision, skip_existing=False)
planned = tasks.plan(tasks.find([source]), output)
work = prediction.Prediction(config)
with manifest.opened(output, work.settings()) as finished:
    list(work.run(planned[:8], finished, threading.Event()))
    start = time.perf_counter()
    list(work.run(planned, finished, threading.Event()))
print(json.dumps(len(planned) / (time.perf_counter() - start)))
"""
LOOP = """
import json, sys, time
from pathlib import Path
import numpy as np
kind, source, output, extra = sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3]), sys.argv[4]
output.mkdir(exist_ok=True)
paths = sorted(source.iterdir())
if kind == "torch_fusion":
    from benchmarks.peers import torch_fusion as peer
    network, more = peer.Fusion().eval(), ()
elif kind == "torch_plain":
    from benchmarks.peers import torch_plain as peer
    from fusioncolor.bins import BINS
    network, more = peer.plain(), (BINS,)
elif kind == "opencv_plain":
    import cv2
    from benchmarks.peers import opencv_plain as peer
    from fusioncolor.bins import BINS
    network, more = cv2.dnn.readNet(extra), (BINS,)
else:
    from benchmarks.peers import keras_tutorial as peer
    from fusioncolor.models import factory
    network, more = factory.load("weights/fusion.landscapes").network, ()
peer.colorize(network, paths[0], output / "first.jpg", *more)
start = time.perf_counter()
for path in paths:
    peer.colorize(network, path, output / path.name, *more)
print(json.dumps(len(paths) / (time.perf_counter() - start)))
"""
TRAIN_TORCH = """
import json, sys, time
from pathlib import Path
from benchmarks.peers import torch_fusion
paths = sorted(Path(sys.argv[1]).iterdir()) * 4
steps = torch_fusion.training_steps(torch_fusion.Fusion().train(), paths, 8)
next(steps)
start, count = time.perf_counter(), 0
for _ in steps:
    count += 8
print(json.dumps(count / (time.perf_counter() - start)))
"""
TRAIN_OURS = """
import json, sys, time
from pathlib import Path
import numpy as np
from fusioncolor import data, models
from fusioncolor.precision import precision
cached = sys.argv[2] == "True"
with precision(sys.argv[3]):
    colorizer = models.load("weights/fusion.landscapes")
    network = models.without_extractor(colorizer.network) if cached else colorizer.network
paths = sorted(Path(sys.argv[1]).iterdir()) * 4
embeddings = np.zeros((len(paths), 2, 1000), np.float16) if cached else None
dataset = data.PhotographDataset(
    paths, colorizer, batch_size=8, augmentation=data.Augmentation(), embeddings=embeddings)
network.compile("adam", "mse", jit_compile=False)
network.train_on_batch(*dataset[0]), network.train_on_batch(*dataset[1])
start = time.perf_counter()
for index in range(2, len(dataset)):
    network.train_on_batch(*dataset[index])
print(json.dumps(8 * (len(dataset) - 2) / (time.perf_counter() - start)))
"""


def main() -> int:
    """Prints one table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=24, help="photographs of each size")
    options = parser.parse_args()
    rows = []

    def add(what: str, peer: str, theirs: float | None, ours: dict[str, float | None]) -> None:
        for name, rate in ours.items():
            if theirs and rate:
                ratio = f"{rate / theirs:.1f}x"
                rows.append({"what": what, "peer": peer, "peer, images/s": theirs, "ours": name, "images/s": rate})
                rows[-1]["ratio"] = ratio

    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        from benchmarks.feeding import render
        from fusioncolor.config import ExportConfig
        from fusioncolor.errors import InputError
        from fusioncolor.exporting import export
        from fusioncolor.models import factory

        factory.create("plain", seed=0).save(folder / "plain")
        onnx = folder / "plain.onnx"
        try:
            export(ExportConfig(weights=str(folder / "plain"), format="onnx", output=onnx))
        except InputError as error:
            print(f"left out: {error}", file=sys.stderr)
        fusion = "weights/fusion.landscapes"
        for side in (256, 1024):
            source, output = folder / str(side), folder / "out"
            render(source, (side, side), options.count)
            task = f"colorize {side}x{side}"
            ours = {kind: apart(OURS, source, output, fusion, kind) for kind in ("float32", "bfloat16")}
            add(task, "fusion in PyTorch, scikit-image", apart(LOOP, "torch_fusion", source, output, ""), ours)
            add(task, "Keras tutorial loop", apart(LOOP, "keras_tutorial", source, output, ""), ours)
            ours = {kind: apart(OURS, source, output, folder / "plain", kind) for kind in ("float32", "bfloat16")}
            add(task, "plain in PyTorch, scikit-image", apart(LOOP, "torch_plain", source, output, ""), ours)
            add(task, "plain in OpenCV's DNN module", apart(LOOP, "opencv_plain", source, output, onnx), ours)
        source = folder / "256"
        ours = {kind: apart(TRAIN_OURS, source, False, kind) for kind in ("float32", "bfloat16")}
        ours["bfloat16, cached embeddings"] = apart(TRAIN_OURS, source, True, "bfloat16")
        add("train 256x256", "fusion in PyTorch, scikit-image", apart(TRAIN_TORCH, source), ours)
    record("against", rows)
    return 0


if __name__ == "__main__":
    sys.exit(main())
