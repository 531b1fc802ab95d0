"""Writes a network of the shape of DDColor-tiny, with random weights, to an ONNX file.

python -m benchmarks.peers.ddcolor NETWORK.onnx

Reference: Kang et al., DDColor: Towards Photo-Realistic Image Colorization via Dual Decoders, ICCV 2023.
"""

import json
import sys

import torch
from torch import nn
from torch.nn import functional

SIDE = 512  # of the network's input, as its authors' demonstration has it
_DEPTHS, _FILTERS = (3, 3, 9, 3), (96, 192, 384, 768)  # of ConvNeXt-T
_COLORS, _WIDTH, _LAYERS = 100, 256, 9


class Normalize(nn.LayerNorm):
    """Layer normalization over channels of `(B, C, H, W)`."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Returns the same shape."""
        return super().forward(x.permute(0, 2, 3, 1)).permute(0, 3, 1, 2)


class ConvNext(nn.Module):
    """ConvNeXt's block."""

    def __init__(self, filters: int) -> None:
        super().__init__()
        self.depthwise = nn.Conv2d(filters, filters, 7, padding=3, groups=filters)
        inner = (nn.LayerNorm(filters), nn.Linear(filters, 4 * filters), nn.GELU(), nn.Linear(4 * filters, filters))
        self.pointwise = nn.Sequential(*inner)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Returns the same shape."""
        return x + self.pointwise(self.depthwise(x).permute(0, 2, 3, 1)).permute(0, 3, 1, 2)


def encoder() -> nn.ModuleList:
    """The four stages of ConvNeXt-T, each a half of the size before it, the first a quarter."""
    stages, channels = nn.ModuleList(), 3
    for depth, filters in zip(_DEPTHS, _FILTERS, strict=True):
        first = [nn.Conv2d(3, filters, 4, 4), Normalize(filters)]
        smaller = [Normalize(channels), nn.Conv2d(channels, filters, 2, 2)] if stages else first
        stages.append(nn.Sequential(*smaller, *(ConvNext(filters) for _ in range(depth))))
        channels = filters
    return stages


def shuffle(channels: int, filters: int, scale: int) -> nn.Sequential:
    """`scale` times the size by shuffling pixels."""
    return nn.Sequential(nn.Conv2d(channels, filters * scale**2, 1), nn.ReLU(), nn.PixelShuffle(scale))


class Up(nn.Module):
    """Twice the size, the skip beside it, and a convolution."""

    def __init__(self, channels: int, skip: int, filters: int) -> None:
        super().__init__()
        self.shuffle, self.normalize = shuffle(channels, filters, 2), nn.BatchNorm2d(skip)
        self.convolution = nn.Sequential(nn.Conv2d(filters + skip, filters, 3, padding=1), nn.ReLU())

    def forward(self, x: torch.Tensor, skip: torch.Tensor) -> torch.Tensor:
        """`(B, C, H, W)` and `(B, skip, 2 H, 2 W)` -> `(B, filters, 2 H, 2 W)`."""
        return self.convolution(functional.relu(torch.cat([self.shuffle(x), self.normalize(skip)], dim=1)))


class Attention(nn.Module):
    """A layer of the color decoder: attention to pixels, to other colors, and a small network."""

    def __init__(self) -> None:
        super().__init__()
        self.across, self.within = (nn.MultiheadAttention(_WIDTH, 8, batch_first=True) for _ in range(2))
        self.body = nn.Sequential(nn.Linear(_WIDTH, 2048), nn.ReLU(), nn.Linear(2048, _WIDTH))
        self.normalize = nn.ModuleList(nn.LayerNorm(_WIDTH) for _ in range(3))

    def forward(self, colors: torch.Tensor, pixels: torch.Tensor) -> torch.Tensor:
        """`(B, colors, width)` and `(B, pixels, width)` -> `(B, colors, width)`."""
        colors = self.normalize[0](colors + self.across(colors, pixels, pixels, need_weights=False)[0])
        colors = self.normalize[1](colors + self.within(colors, colors, colors, need_weights=False)[0])
        return self.normalize[2](colors + self.body(colors))


class DDColor(nn.Module):
    """Encoder, decoder of pixels, decoder of colors, and their product."""

    def __init__(self) -> None:
        super().__init__()
        self.encoder = encoder()
        self.skips = nn.ModuleList(Normalize(filters) for filters in _FILTERS)
        self.ups = nn.ModuleList([Up(768, 384, 512), Up(512, 192, 512), Up(512, 96, 256)])
        self.last = shuffle(256, _WIDTH, 4)
        self.colors = nn.Parameter(torch.randn(1, _COLORS, _WIDTH))
        self.inputs = nn.ModuleList(nn.Conv2d(filters, _WIDTH, 1) for filters in (512, 512, 256))
        self.layers = nn.ModuleList(Attention() for _ in range(_LAYERS))
        self.embed = nn.Sequential(
            nn.Linear(_WIDTH, _WIDTH), nn.ReLU(), nn.Linear(_WIDTH, _WIDTH), nn.ReLU(), nn.Linear(_WIDTH, _WIDTH)
        )
        self.refine = nn.Conv2d(_COLORS + 3, 2, 1)

    def forward(self, gray: torch.Tensor) -> torch.Tensor:
        """Gray RGB `(1, 3, SIDE, SIDE)` in [0, 1] -> ab `(1, 2, SIDE, SIDE)`."""
        x, skips = gray, []
        for part, normalize in zip(self.encoder, self.skips, strict=True):
            x = part(x)
            skips.append(normalize(x))
        x, scales = skips.pop(), []
        for up, narrow in zip(self.ups, self.inputs, strict=True):
            x = up(x, skips.pop())
            scales.append(narrow(x).flatten(2).transpose(1, 2))
        colors = self.colors
        for index, layer in enumerate(self.layers):
            colors = layer(colors, scales[index % 3])
        pixels = self.last(x)
        likeness = (self.embed(colors) @ pixels.flatten(2)).unflatten(2, (SIDE, SIDE))
        return self.refine(torch.cat([likeness, gray], dim=1))


def main(path: str) -> None:
    """Writes the file, and prints the number of its parameters as JSON."""
    torch.manual_seed(0)
    network = DDColor().eval()
    example = torch.zeros(1, 3, SIDE, SIDE)
    torch.onnx.export(network, (example,), path, input_names=["gray"], output_names=["ab"], external_data=False)
    print(json.dumps(sum(weights.numel() for weights in network.parameters())))


if __name__ == "__main__":
    main(*sys.argv[1:])
