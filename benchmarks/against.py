"""Compares this project with the usual ways to run the same networks, on the same photographs, in one run.

    python -m benchmarks.against

Files to files at 256x256 and 1024x1024, training, and the time from an empty process to the first picture. The peers
are stand-ins in `benchmarks/peers/`; each says what it stands for. Only speed is compared: the weights are untrained,
except for those of this project. Needs torch and torchvision, onnxscript for the network of DDColor's shape, and
tf2onnx for OpenCV; anything that is not installed is left out.
"""

import argparse
import sys
import tempfile
from pathlib import Path
from typing import NamedTuple

import fusioncolor
from benchmarks.lib.processes import best_times, run_apart
from benchmarks.lib.results import record
from benchmarks.lib.scenes import render
from fusioncolor.config import DEFAULT_WEIGHTS, ExportConfig
from fusioncolor.errors import InputError
from fusioncolor.exporting import export

SIDES = (256, 1024)
ARITHMETIC = ("float32", "bfloat16")


class Files(NamedTuple):
    """Networks that peers read: the plain CNN, saved here and as ONNX, and DDColor-tiny's shape as ONNX."""

    plain: Path
    onnx: Path
    ddcolor: Path


def compared(what: str, peer: str, theirs: float | None, ours: dict[str, float | None]) -> list[dict]:
    """Table rows: one per setting of ours that has a rate, in photographs per second; none without the peer's rate."""
    return [
        {
            "what": what,
            "peer": peer,
            "peer, images/s": theirs,
            "ours": name,
            "images/s": rate,
            "ratio": f"{rate / theirs:.1f}x",
        }
        for name, rate in ours.items()
        if theirs and rate
    ]


def plain_files(folder: Path) -> tuple[Path, Path]:
    """An untrained plain CNN, saved and, where tf2onnx is installed, exported."""
    saved, onnx = folder / "plain", folder / "plain.onnx"
    fusioncolor.create("plain", seed=0).save(saved)
    try:
        export(ExportConfig(weights=str(saved), format="onnx", output=onnx))
    except InputError as error:
        print(f"left out: {error}", file=sys.stderr)
    return saved, onnx


def colorizing(folder: Path, side: int, count: int, files: Files) -> list[dict]:
    """Rows for a folder of square photographs."""
    source, output = folder / str(side), folder / "out"
    render(source, (side, side), count)

    def ours(weights: str | Path) -> dict[str, float | None]:
        return {kind: run_apart("benchmarks.programs.colorize", source, output, weights, kind) for kind in ARITHMETIC}

    def theirs(peer: str, *network: Path) -> float | None:
        return run_apart("benchmarks.peers.colorize", peer, source, output, *network)

    task, fusion_rates, plain_rates = f"colorize {side}x{side}", ours(DEFAULT_WEIGHTS), ours(files.plain)
    return [
        *compared(task, "fusion in PyTorch, scikit-image", theirs("torch_fusion"), fusion_rates),
        *compared(task, "Keras tutorial loop", theirs("keras_tutorial"), fusion_rates),
        *compared(task, "plain in PyTorch, scikit-image", theirs("torch_plain"), plain_rates),
        *compared(task, "plain in OpenCV's DNN module", theirs("opencv_plain", files.onnx), plain_rates),
        *compared(task, "U-Net on ResNet-34 in PyTorch, scikit-image", theirs("torch_resnet"), fusion_rates),
        *compared(task, "DDColor-tiny's shape in ONNX Runtime", theirs("onnx_ddcolor", files.ddcolor), fusion_rates),
    ]


def first_pictures(folder: Path, photograph: Path, files: Files, rounds: int) -> list[dict]:
    """Rows for the time from an empty process to the first picture, in seconds."""
    output, peer = folder / "first", ("-m", "benchmarks.peers.colorize")
    ours = ("predict.py", photograph, "--output", output, "--no-skip-existing", "--runtime")
    commands = {
        **{f"ours, {runtime}": (*ours, runtime) for runtime in ("openvino", "onnx", "litert", "keras")},
        "fusion in PyTorch, scikit-image": (*peer, "torch_fusion", photograph, output),
        "Keras tutorial loop": (*peer, "keras_tutorial", photograph, output),
        "plain in PyTorch, scikit-image": (*peer, "torch_plain", photograph, output),
        "plain in OpenCV's DNN module": (*peer, "opencv_plain", photograph, output, files.onnx),
        "U-Net on ResNet-34 in PyTorch, scikit-image": (*peer, "torch_resnet", photograph, output),
        "DDColor-tiny's shape in ONNX Runtime": (*peer, "onnx_ddcolor", photograph, output, files.ddcolor),
    }
    rows = []
    for name, command in commands.items():
        try:
            best = best_times(command, rounds, folder / "compiled")
        except RuntimeError as error:
            print(f"{name} left out: {str(error).splitlines()[-1]}", file=sys.stderr)
            continue
        rows.append({"first picture": name, "seconds": best.clock, "processor seconds": best.processor})
    return rows


def training(source: Path) -> list[dict]:
    """Rows for training on a folder of photographs."""
    ours = {kind: run_apart("benchmarks.programs.train", source, "computed", kind) for kind in ARITHMETIC}
    ours["bfloat16, cached embeddings"] = run_apart("benchmarks.programs.train", source, "cached", "bfloat16")
    return compared(
        "train 256x256", "fusion in PyTorch, scikit-image", run_apart("benchmarks.peers.train", source), ours
    )


def main() -> int:
    """Prints two tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=24, help="photographs of each size")
    parser.add_argument(
        "--sides", type=int, nargs="*", default=SIDES, help="of the photographs; none: first pictures only"
    )
    parser.add_argument("--rounds", type=int, default=3, help="times that each first picture is made; the best counts")
    parser.add_argument("--training", action=argparse.BooleanOptionalAction, default=True, help="also train")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        files = Files(*plain_files(folder), folder / "ddcolor.onnx")
        run_apart("benchmarks.peers.ddcolor", files.ddcolor)
        [photograph] = render(folder / "one", (256, 256), 1)
        firsts = first_pictures(folder, photograph, files, options.rounds)
        rows = [row for side in options.sides for row in colorizing(folder, side, options.count, files)]
        rows += training(folder / str(options.sides[0])) if options.training and options.sides else []
    record("first_pictures", firsts)
    if rows:
        record("against", rows)
    return 0


if __name__ == "__main__":
    sys.exit(main())
