"""Stands for a U-Net on ResNet-34 in PyTorch, as fastai's `unet_learner` builds it and tutorials use it."""

import numpy as np
import skimage.color
import torch
from PIL import Image
from torch import nn
from torch.nn import functional


class Residual(nn.Module):
    """ResNet's basic block."""

    def __init__(self, channels: int, filters: int, stride: int) -> None:
        super().__init__()
        self.body = nn.Sequential(
            nn.Conv2d(channels, filters, 3, stride, 1, bias=False),
            nn.BatchNorm2d(filters),
            nn.ReLU(),
            nn.Conv2d(filters, filters, 3, 1, 1, bias=False),
            nn.BatchNorm2d(filters),
        )
        same = stride == 1 and channels == filters
        shorter = nn.Sequential(nn.Conv2d(channels, filters, 1, stride, bias=False), nn.BatchNorm2d(filters))
        self.shortcut = nn.Identity() if same else shorter

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """`(B, C, H, W)` -> `(B, filters, H / stride, W / stride)`."""
        return functional.relu(self.body(x) + self.shortcut(x))


def stage(channels: int, filters: int, count: int, stride: int) -> nn.Sequential:
    """Residual blocks of one size."""
    return nn.Sequential(*[Residual(filters if i else channels, filters, 1 if i else stride) for i in range(count)])


def convolution(channels: int, filters: int) -> nn.Sequential:
    """3x3 convolution and ReLU."""
    return nn.Sequential(nn.Conv2d(channels, filters, 3, padding=1), nn.ReLU())


def shuffle(channels: int, filters: int) -> nn.Sequential:
    """Twice the size by shuffling pixels."""
    return nn.Sequential(nn.Conv2d(channels, 4 * filters, 1), nn.ReLU(), nn.PixelShuffle(2))


class Up(nn.Module):
    """Twice the size, the skip beside it, and two convolutions."""

    def __init__(self, channels: int, skip: int, *, last: bool = False) -> None:
        super().__init__()
        inside = channels // 2 + skip
        self.filters = inside if not last else inside // 2
        self.shuffle, self.normalize = shuffle(channels, channels // 2), nn.BatchNorm2d(skip)
        self.body = nn.Sequential(convolution(inside, self.filters), convolution(self.filters, self.filters))

    def forward(self, x: torch.Tensor, skip: torch.Tensor) -> torch.Tensor:
        """`(B, C, H, W)` and `(B, skip, 2 H, 2 W)` -> `(B, filters, 2 H, 2 W)`."""
        return self.body(functional.relu(torch.cat([self.shuffle(x), self.normalize(skip)], dim=1)))


class Unet(nn.Module):
    """fastai's `DynamicUnet` on the body of ResNet-34."""

    def __init__(self) -> None:
        super().__init__()
        first = [nn.Conv2d(1, 64, 7, 2, 3, bias=False), nn.BatchNorm2d(64), nn.ReLU()]
        self.body = nn.ModuleList(
            [
                nn.Sequential(*first),
                nn.Sequential(nn.MaxPool2d(3, 2, 1), stage(64, 64, 3, 1)),
                stage(64, 128, 4, 2),
                stage(128, 256, 6, 2),
                stage(256, 512, 3, 2),
            ]
        )
        self.middle = nn.Sequential(nn.BatchNorm2d(512), nn.ReLU(), convolution(512, 1024), convolution(1024, 512))
        self.ups, channels = nn.ModuleList(), 512
        for skip in (256, 128, 64, 64):
            self.ups.append(Up(channels, skip, last=len(self.ups) == 3))
            channels = self.ups[-1].filters
        self.last = shuffle(channels, channels)
        self.output = nn.Sequential(stage(channels + 1, channels + 1, 1, 1), nn.Conv2d(channels + 1, 2, 1))

    def forward(self, lightness: torch.Tensor) -> torch.Tensor:
        """`(B, 1, H, W)` in [-1, 1] -> `(B, 2, H, W)`."""
        x, skips = lightness, []
        for part in self.body:
            x = part(x)
            skips.append(x)
        x = self.middle(skips.pop())
        for up in self.ups:
            x = up(x, skips.pop())
        return self.output(torch.cat([self.last(x), lightness], dim=1))


def colorize(network: Unet, path, target) -> None:
    """Colorizes one photograph, file to file."""
    photograph = Image.open(path).convert("RGB")
    small = skimage.color.rgb2lab(np.array(photograph.resize((256, 256), Image.BICUBIC))).astype(np.float32)
    with torch.no_grad():
        ab = network(torch.tensor(small[None, None, ..., 0] / 50 - 1))
        ab = functional.interpolate(ab * 110, photograph.size[::-1], mode="bilinear")[0].numpy().transpose(1, 2, 0)
    lightness = skimage.color.rgb2lab(np.array(photograph))[..., :1]
    rgb = skimage.color.lab2rgb(np.concatenate([lightness, ab], axis=2))
    Image.fromarray((rgb * 255).astype(np.uint8)).save(target)
