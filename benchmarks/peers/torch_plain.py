"""Stands for the plain CNN in PyTorch as its authors' demonstration runs it: scikit-image, one at a time."""

import numpy as np
import skimage.color
import skimage.io
import skimage.transform
import torch
from torch import nn


def plain() -> nn.Sequential:
    """The 22 convolutions of Zhang et al. 2016, logits over 313 bins at a quarter of the size."""

    def convolutions(channels: int, filters: int, count: int, *, stride: int = 1, dilation: int = 1) -> list[nn.Module]:
        layers: list[nn.Module] = []
        for index in range(count):
            step = stride if index == count - 1 else 1
            layers += [nn.Conv2d(channels if index == 0 else filters, filters, 3, step, dilation, dilation), nn.ReLU()]
        return [*layers, nn.BatchNorm2d(filters)]

    return nn.Sequential(
        *convolutions(1, 64, 2, stride=2),
        *convolutions(64, 128, 2, stride=2),
        *convolutions(128, 256, 3, stride=2),
        *convolutions(256, 512, 3),
        *convolutions(512, 512, 3, dilation=2),
        *convolutions(512, 512, 3, dilation=2),
        *convolutions(512, 512, 3),
        nn.ConvTranspose2d(512, 256, 4, 2, 1),
        nn.ReLU(),
        *convolutions(256, 256, 2)[:-1],
        nn.Conv2d(256, 313, 1),
    ).eval()


def colorize(network: nn.Module, path, target, bins: np.ndarray) -> None:
    """Colorizes one photograph, file to file."""
    rgb = skimage.io.imread(path)
    lightness = skimage.color.rgb2lab(rgb)[..., 0]
    small = skimage.color.rgb2lab(skimage.transform.resize(rgb, (224, 224), anti_aliasing=True))[..., 0]
    with torch.no_grad():
        logits = network(torch.tensor(small[None, None] / 50 - 1, dtype=torch.float32))
        likely = torch.softmax(logits[0] / 0.38, dim=0).numpy()
    ab = skimage.transform.resize(np.tensordot(likely, bins, (0, 0)), (*lightness.shape, 2))
    colored = skimage.color.lab2rgb(np.dstack([lightness, ab]))
    skimage.io.imsave(target, (colored * 255).astype(np.uint8), check_contrast=False)
