"""Prints the rate, in photographs per second, of a peer that colorizes a folder one photograph at a time.

python -m benchmarks.peers.colorize PEER FOLDER OUTPUT [NETWORK.onnx]

Given a photograph in place of the folder, it colorizes that and ends.
"""

import json
import sys
import time
from collections.abc import Callable
from pathlib import Path


def torch_fusion() -> Callable[[Path, Path], None]:
    """The fusion network in PyTorch."""
    from benchmarks.peers import torch_fusion as peer

    network = peer.Fusion().eval()
    return lambda path, target: peer.colorize(network, path, target)


def torch_plain() -> Callable[[Path, Path], None]:
    """The plain CNN in PyTorch."""
    from benchmarks.peers import torch_plain as peer
    from fusioncolor.bins import BINS

    network = peer.plain()
    return lambda path, target: peer.colorize(network, path, target, BINS)


def opencv_plain(onnx: str) -> Callable[[Path, Path], None]:
    """The plain CNN in OpenCV's DNN module, from an ONNX file."""
    import cv2

    from benchmarks.peers import opencv_plain as peer
    from fusioncolor.bins import BINS

    network = cv2.dnn.readNet(onnx)
    return lambda path, target: peer.colorize(network, path, target, BINS)


def torch_resnet() -> Callable[[Path, Path], None]:
    """A U-Net on ResNet-34 in PyTorch."""
    from benchmarks.peers import torch_resnet as peer

    network = peer.Unet().eval()
    return lambda path, target: peer.colorize(network, path, target)


def onnx_ddcolor(onnx: str) -> Callable[[Path, Path], None]:
    """A network of the shape of DDColor-tiny in ONNX Runtime."""
    import onnxruntime

    from benchmarks.peers import onnx_ddcolor as peer

    session = onnxruntime.InferenceSession(onnx, providers=["CPUExecutionProvider"])
    return lambda path, target: peer.colorize(session, path, target)


def keras_tutorial() -> Callable[[Path, Path], None]:
    """The included weights in the loop of Keras tutorials."""
    import fusioncolor
    from benchmarks.peers import keras_tutorial as peer
    from fusioncolor.config import DEFAULT_WEIGHTS

    network = fusioncolor.load(DEFAULT_WEIGHTS, runtime="keras").network
    return lambda path, target: peer.colorize(network, path, target)


PEERS = {
    one.__name__: one for one in (torch_fusion, torch_plain, torch_resnet, onnx_ddcolor, opencv_plain, keras_tutorial)
}


def main(peer: str, source: str, output: str, *network: str) -> None:
    """Prints the rate as JSON; the first photograph warms up."""
    colorize, folder = PEERS[peer](*network), Path(output)
    folder.mkdir(exist_ok=True)
    if Path(source).is_file():
        colorize(Path(source), folder / Path(source).name)
        return
    paths = sorted(Path(source).iterdir())
    colorize(paths[0], folder / "first.jpg")
    start = time.perf_counter()
    for path in paths:
        colorize(path, folder / path.name)
    print(json.dumps(len(paths) / (time.perf_counter() - start)))


if __name__ == "__main__":
    main(*sys.argv[1:])
