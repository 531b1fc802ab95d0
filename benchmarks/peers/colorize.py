"""Prints the rate, in photographs per second, of a peer that colorizes a folder one photograph at a time.

python -m benchmarks.peers.colorize PEER FOLDER OUTPUT [NETWORK.onnx]
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


def keras_tutorial() -> Callable[[Path, Path], None]:
    """The included weights in the loop of Keras tutorials."""
    import fusioncolor
    from benchmarks.peers import keras_tutorial as peer
    from fusioncolor.config import DEFAULT_WEIGHTS

    network = fusioncolor.load(DEFAULT_WEIGHTS).network
    return lambda path, target: peer.colorize(network, path, target)


PEERS = {one.__name__: one for one in (torch_fusion, torch_plain, opencv_plain, keras_tutorial)}


def main(peer: str, source: str, output: str, *network: str) -> None:
    """Prints the rate as JSON; the first photograph warms up."""
    colorize = PEERS[peer](*network)
    paths, folder = sorted(Path(source).iterdir()), Path(output)
    folder.mkdir(exist_ok=True)
    colorize(paths[0], folder / "first.jpg")
    start = time.perf_counter()
    for path in paths:
        colorize(path, folder / path.name)
    print(json.dumps(len(paths) / (time.perf_counter() - start)))


if __name__ == "__main__":
    main(*sys.argv[1:])
