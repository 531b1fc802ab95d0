"""Stands for DDColor-tiny in ONNX Runtime, as its users run the exported network: OpenCV around it, one at a time."""

import cv2
import numpy as np


def colorize(session, path, target) -> None:
    """Colorizes one photograph, file to file."""
    [taken] = session.get_inputs()
    height, width = taken.shape[2:]
    bgr = cv2.imread(str(path)).astype(np.float32) / 255
    lightness = cv2.cvtColor(bgr, cv2.COLOR_BGR2LAB)[..., :1]
    small = cv2.cvtColor(cv2.resize(bgr, (width, height)), cv2.COLOR_BGR2LAB)[..., :1]
    gray = cv2.cvtColor(np.concatenate([small, np.zeros_like(small), np.zeros_like(small)], axis=-1), cv2.COLOR_LAB2RGB)
    [ab] = session.run(None, {taken.name: gray.transpose(2, 0, 1)[None]})
    ab = cv2.resize(ab[0].transpose(1, 2, 0), (bgr.shape[1], bgr.shape[0]))
    colored = cv2.cvtColor(np.concatenate([lightness, ab], axis=-1), cv2.COLOR_LAB2BGR)
    cv2.imwrite(str(target), (np.clip(colored, 0, 1) * 255).round().astype(np.uint8))
