"""Measures the share of the bare network's speed that the whole program keeps, and how long it takes to start.

    python -m benchmarks.speed

Everything is measured in one run, on rendered photographs, so that the ratios are meaningful on any machine.
"""

import argparse
import contextlib
import io
import subprocess
import sys
import tempfile
from pathlib import Path

import keras
import numpy as np
import skimage.color

import fusioncolor
from benchmarks.lib.internals import FolderRun, evaluation_rate, training_data, training_network
from benchmarks.lib.results import PROJECT
from benchmarks.lib.scenes import render
from benchmarks.lib.timing import BATCH, durations, photographs_per_second
from fusioncolor import color
from fusioncolor.config import DEFAULT_WEIGHTS
from fusioncolor.runtime.precision import precision

SIZE = (256, 256)


def predicting(folder: Path, paths: list[Path]) -> tuple[float, float]:
    """Photographs a second: bare network, and files to files."""
    colorizer = fusioncolor.load(DEFAULT_WEIGHTS, runtime="keras")
    lightness = np.random.default_rng(0).uniform(0, 100, (BATCH, *SIZE, 1)).astype(np.float32)
    steps = len(paths) // BATCH
    bare = photographs_per_second(lambda _: colorizer.network.predict_on_batch(lightness), steps=steps)
    return bare, FolderRun(folder / "out", batch_size=BATCH).photographs_per_second(paths)


def training(paths: list[Path], *, cached: bool) -> tuple[float, float]:
    """Photographs a second: bare training step, and with reading, augmentation and Lab."""
    colorizer, network = training_network(cached=cached)
    network.compile("adam", colorizer.head.loss(), jit_compile=colorizer.network.jit_compile)
    dataset = training_data(paths, colorizer, cached=cached, batch_size=BATCH)
    batch = dataset[0]
    steps = len(dataset) - 2
    bare = photographs_per_second(lambda _: network.train_on_batch(*batch), steps=steps)
    return bare, photographs_per_second(lambda index: network.train_on_batch(*dataset[index]), steps=steps)


def milliseconds(work, *, steps: int) -> float:
    """Milliseconds that one batch takes."""
    return 1000 * BATCH / photographs_per_second(work, steps=steps)


def classifying() -> tuple[float, float, float]:
    """Milliseconds of a batch of the fusion network with the classification head: step, loss alone, soft encoding."""
    config = {"name": "classification", "prior": [1 / 313] * 313}
    with precision("auto"):
        colorizer = fusioncolor.create("fusion", head=config, seed=0)
    rng = np.random.default_rng(0)
    lightness = rng.uniform(0, 100, (BATCH, *SIZE, 1)).astype(np.float32)
    ab = rng.normal(0, 20, (BATCH, *colorizer.output_size(), 2)).astype(np.float32)
    target = colorizer.head.encode(ab)
    logits = rng.normal(0, 1, (*target.shape[:-1], colorizer.head.channels)).astype(np.float32)
    inputs = keras.Input(logits.shape[1:])
    bare = keras.Model(inputs, keras.layers.EinsumDense("bhwc,c->bhwc", logits.shape[1:])(inputs))
    colorizer.network.compile("adam", colorizer.head.loss(), jit_compile=colorizer.network.jit_compile)
    step = milliseconds(lambda _: colorizer.network.train_on_batch(lightness, target), steps=6)
    encoding = milliseconds(lambda _: colorizer.head.encode(ab), steps=20)
    costs = []
    for loss in (colorizer.head.loss(), lambda target, logits: keras.ops.mean(logits, axis=-1)):
        bare.compile("adam", loss, jit_compile=colorizer.network.jit_compile)
        costs.append(milliseconds(lambda _: bare.train_on_batch(logits, target), steps=20))
    return step, costs[0] - costs[1], encoding


def converting(height: int, width: int) -> tuple[float, float]:
    """Seconds from sRGB to Lab and back of one photograph: scikit-image, and ours; best of three."""
    rgb = np.random.default_rng(0).integers(0, 256, (height, width, 3), dtype=np.uint8)

    def best(there, back) -> float:
        return min(durations(lambda: back(there(rgb)), times=3))

    return best(skimage.color.rgb2lab, skimage.color.lab2rgb), best(color.rgb_to_lab, color.lab_to_rgb)


def seconds(*arguments) -> float:
    """Wall-clock time of a Python process, best of three."""
    command = [sys.executable, *map(str, arguments)]
    return min(durations(lambda: subprocess.run(command, cwd=PROJECT, check=True, capture_output=True), times=3))


def main() -> int:
    """Prints several tables in Markdown."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--photographs", type=int, default=96, help="number of photographs of 256x256, at least 32")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        paths = render(folder / "photographs", SIZE, options.photographs)
        with contextlib.redirect_stdout(io.StringIO()):
            rows = {
                "predict.py, JPEG to JPEG, 256x256": predicting(folder, paths),
                "train.py, frozen InceptionV3": training(paths, cached=False),
                "train.py, cached embeddings": training(paths, cached=True),
            }
        print("| images per second | bare network | whole program | share |\n|---|---|---|---|")
        for label, (bare, whole) in rows.items():
            print(f"| {label} | {bare:.1f} | {whole:.1f} | {whole / bare:.0%} |")
        predicted, evaluated = rows["predict.py, JPEG to JPEG, 256x256"][1], evaluation_rate(paths, batch_size=BATCH)
        print(f"\nevaluate, five baselines: {evaluated:.1f} img/s, {predicted / evaluated:.2f} times predict.py")
        step, loss, encoding = classifying()
        print("\n| fusion, classification at 64x64, batch of 8 | ms | share of a step |\n|---|---|---|")
        print(f"| training step | {step:.0f} | |")
        print(f"| loss over 313 classes, five gathered, and its gradient | {loss:.0f} | {loss / step:.0%} |")
        print(f"| soft encoding, in threads beside the step | {encoding:.0f} | {encoding / step:.0%} |")
        print("\n| sRGB to Lab and back | scikit-image | fusioncolor |\n|---|---|---|")
        for label, size in {"256x256": SIZE, "12 megapixels": (3000, 4000)}.items():
            theirs, ours = converting(*size)
            print(f"| {label} | {theirs * 1000:.0f} ms | {ours * 1000:.0f} ms |")
        print("\n| start | seconds |\n|---|---|")
        print(f"| predict.py --help | {seconds('predict.py', '--help'):.2f} |")
        print(f"| import of TensorFlow and Keras alone | {seconds('-c', 'import tensorflow, keras'):.1f} |")
        print(f"| predict.py, one photograph | {seconds('predict.py', paths[0], '--output', folder / 'one'):.1f} |")
    return 0


if __name__ == "__main__":
    sys.exit(main())
