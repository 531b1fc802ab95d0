"""Stands for the usual OpenCV script that runs the plain CNN from a file through its DNN module, one at a time."""

import cv2
import numpy as np


def colorize(network: "cv2.dnn.Net", path, target, bins: np.ndarray) -> None:
    """Colorizes one photograph, file to file; takes the annealed mean of the network's logits over 313 bins."""
    bgr = cv2.imread(str(path)).astype(np.float32) / 255
    lab = cv2.cvtColor(bgr, cv2.COLOR_BGR2LAB)
    small = cv2.resize(lab[..., 0], (224, 224))
    network.setInput(small[None, ..., None])
    logits = network.forward()[0].reshape(56 * 56, -1)
    likely = np.exp((logits - logits.max(axis=1, keepdims=True)) / 0.38)
    ab = (likely / likely.sum(axis=1, keepdims=True)) @ bins
    ab = cv2.resize(ab.reshape(56, 56, 2).astype(np.float32), (bgr.shape[1], bgr.shape[0]))
    colored = cv2.cvtColor(np.dstack([lab[..., 0], ab]), cv2.COLOR_LAB2BGR)
    cv2.imwrite(str(target), (np.clip(colored, 0, 1) * 255).astype(np.uint8))
