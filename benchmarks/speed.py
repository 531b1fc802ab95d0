"""How much of the bare network's speed the whole program keeps, and how long it takes to start.

    python -m benchmarks.speed

Everything is measured in one run, on rendered photographs, so that the ratios mean something on any machine.
"""

import contextlib
import io
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

import keras
import numpy as np
import skimage.color

from fusioncolor import color, images
from fusioncolor.config import DEFAULT_WEIGHTS, EvaluateConfig, PredictConfig
from fusioncolor.data import augmentation, datasets
from fusioncolor.evaluation.evaluator import Evaluator
from fusioncolor.models import editing, factory
from fusioncolor.models.networks import inception
from fusioncolor.prediction import manifest, plan
from fusioncolor.prediction.folder import Prediction
from fusioncolor.runtime.precision import precision

PROJECT = Path(__file__).parents[1]
BATCH = 8
PHOTOGRAPHS = 96
SIZE = (256, 256)


def render(folder: Path) -> list[Path]:
    """Renders landscapes as JPEG files."""
    sys.path.insert(0, str(PROJECT / "datasets" / "synthetic"))
    from prepare import render as render_scene

    for index in range(PHOTOGRAPHS):
        images.write(folder / f"{index}.jpg", np.asarray(render_scene(0, index)))
    return images.find_in(folder)


def rate(step, *, steps: int) -> float:
    """Photographs a second of `step(i)`, which takes one batch; the first two calls warm up."""
    step(0), step(1)
    start = time.perf_counter()
    for index in range(2, 2 + steps):
        step(index)
    return BATCH * steps / (time.perf_counter() - start)


def predicting(folder: Path, paths: list[Path]) -> tuple[float, float]:
    """Photographs a second: bare network, and files to files."""
    colorizer = factory.load(DEFAULT_WEIGHTS)
    lightness = np.random.default_rng(0).uniform(0, 100, (BATCH, *SIZE, 1)).astype(np.float32)
    bare = rate(lambda _: colorizer.network.predict_on_batch(lightness), steps=len(paths) // BATCH)
    config = PredictConfig(output=folder / "out", batch_size=BATCH, skip_existing=False)
    planned = plan.plan(images.find(paths), config.output)
    work = Prediction(config)
    with manifest.opened(config.output, work.settings()) as finished:
        list(work.run(planned[:BATCH], finished, threading.Event()))  # builds the graph, as in the bare rate
        start = time.perf_counter()
        list(work.run(planned, finished, threading.Event()))
    return bare, len(paths) / (time.perf_counter() - start)


def evaluating(paths: list[Path]) -> float:
    """Photographs a second that are colorized and measured, five null models beside the network."""
    evaluator = Evaluator(EvaluateConfig(photographs=paths, models=[DEFAULT_WEIGHTS], batch_size=BATCH), paths)
    list(evaluator.pictures(paths[:BATCH]))
    start = time.perf_counter()
    evaluator.run()
    return len(paths) / (time.perf_counter() - start)


def training(paths: list[Path], *, cached: bool) -> tuple[float, float]:
    """Photographs a second: bare training step, and with reading, augmentation and Lab."""
    with precision("auto"):
        colorizer = factory.load(DEFAULT_WEIGHTS)
    network, embeddings = colorizer.network, None
    if cached:
        network = editing.without_extractor(network)
        embeddings = np.zeros((len(paths), 2, network.inputs[1].shape[-1]), np.float16)
    colorizer.network.get_layer(inception.NAME).trainable = False
    network.compile("adam", colorizer.head.loss(), jit_compile=colorizer.network.jit_compile)
    dataset = datasets.PhotographDataset(
        paths, colorizer, batch_size=BATCH, augmentation=augmentation.Augmentation(), embeddings=embeddings
    )
    batch = dataset[0]
    steps = len(dataset) - 2
    bare = rate(lambda _: network.train_on_batch(*batch), steps=steps)
    return bare, rate(lambda index: network.train_on_batch(*dataset[index]), steps=steps)


def milliseconds(work, *, steps: int) -> float:
    """Milliseconds that one batch takes."""
    return 1000 * BATCH / rate(work, steps=steps)


def classifying() -> tuple[float, float, float]:
    """Milliseconds of a batch of the fusion network with the classification head: step, loss alone, soft encoding."""
    config = {"name": "classification", "prior": [1 / 313] * 313}
    with precision("auto"):
        colorizer = factory.create("fusion", head=config, seed=0)
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
        times = []
        for _ in range(3):
            start = time.perf_counter()
            back(there(rgb))
            times.append(time.perf_counter() - start)
        return min(times)

    return best(skimage.color.rgb2lab, skimage.color.lab2rgb), best(color.rgb_to_lab, color.lab_to_rgb)


def seconds(*arguments) -> float:
    """Wall-clock time of a Python process, best of three."""
    times = []
    for _ in range(3):
        start = time.perf_counter()
        subprocess.run([sys.executable, *map(str, arguments)], cwd=PROJECT, check=True, capture_output=True)
        times.append(time.perf_counter() - start)
    return min(times)


def main() -> int:
    """Prints its tables in Markdown."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        paths = render(folder)
        with contextlib.redirect_stdout(io.StringIO()):
            rows = {
                "predict.py, JPEG to JPEG, 256x256": predicting(folder, paths),
                "train.py, frozen InceptionV3": training(paths, cached=False),
                "train.py, cached embeddings": training(paths, cached=True),
            }
        print("| images per second | bare network | whole program | share |\n|---|---|---|---|")
        for label, (bare, whole) in rows.items():
            print(f"| {label} | {bare:.1f} | {whole:.1f} | {whole / bare:.0%} |")
        predicted, evaluated = rows["predict.py, JPEG to JPEG, 256x256"][1], evaluating(paths)
        print(f"\nevaluate, five null models: {evaluated:.1f} img/s, {predicted / evaluated:.2f} times predict.py")
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
